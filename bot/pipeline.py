"""From a turn to its reply: guard, route, then the skill that the intent names.

The whole journey of a message through the core can be read in `Pipeline.reply`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from bot.guard import UNREAD, Guard, clean
from bot.messages import Draft, Message, NewFact, Request, Turn, Utterance
from bot.phrases import Phrases
from bot.protocols import Publish, Skill
from bot.routing.language import detect

log = structlog.get_logger()


class Intent(Protocol):
    """What a message wants: `label` names the skill."""

    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def argument(self) -> str: ...


Learn = Callable[[Sequence[Message]], tuple[NewFact, ...]]
"""What messages tell of the customer who wrote them."""


def nothing(messages: Sequence[Message]) -> tuple[NewFact, ...]:
    """Learns nothing of anybody."""
    return ()


class Route(Protocol):
    def route(self, text: str, history: Sequence[Utterance], language: str) -> Intent: ...


@dataclass
class Stopwatch:
    """Seconds spent in each stage of one reply."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.perf_counter() - start, 4)


class Pipeline:
    """Decides what to say to a turn. Knows no channel and writes nothing."""

    def __init__(
        self,
        *,
        guard: Guard,
        router: Route,
        skills: Mapping[str, Skill],
        phrases: Phrases,
        language: str = "auto",
        learn: Learn = nothing,
    ) -> None:
        self._guard = guard
        self._router = router
        self._skills = skills
        self._phrases = phrases
        self._language = language
        self._learn = learn

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        """The draft of the reply; `publish` gets words that are already certain on the way."""
        watch = Stopwatch()
        with watch.time("guard"):
            request = self._request(turn)
            objection = self._guard.objection(turn)
        if objection == UNREAD:
            return await self._skills["attachment"].run(request, publish)
        if objection:
            return self._fixed(objection, "decline", request.language, watch)
        with watch.time("route"):
            intent = self._router.route(request.text, request.history, request.language)
        with watch.time("facts"):
            learned = self._learn(turn.messages) if _tells(intent) else ()
        wished = self._wished_language(learned)
        request = replace(
            request,
            kind=intent.kind,
            argument=intent.argument,
            learned=learned,
            language=wished or request.language,
        )
        with watch.time(intent.label):
            draft = await self._skills[intent.label].run(request, publish)
        routing = {"intent": intent.label, "kind": intent.kind, "probability": round(intent.probability, 4)}
        trace = {**draft.trace, "routing": routing, "seconds": watch.seconds}
        chosen = wished if draft.chosen_language is None else draft.chosen_language
        return replace(draft, learned=(*draft.learned, *learned), chosen_language=chosen, trace=trace)

    def apology(self, turn: Turn) -> Draft:
        """What the customer reads when the bot failed: sorry, and a person will take over."""
        return replace(self._fixed("apology", "handoff", self._speaks(turn), Stopwatch()), state="waiting")

    def _request(self, turn: Turn) -> Request:
        text = "\n".join(filter(None, (clean(message.text) for message in turn.messages)))
        history = tuple(_utterance(message) for message in turn.history)
        return Request(turn=turn, text=text, language=self._speaks(turn), history=history)

    def _speaks(self, turn: Turn) -> str:
        if self._language != "auto":
            return self._language
        if turn.conversation.chosen_language:
            return turn.conversation.chosen_language
        words = " ".join(message.text[:500] for message in turn.messages)
        return detect(words, turn.conversation.language or "en")

    def _wished_language(self, learned: Sequence[NewFact]) -> str | None:
        """The one that the customer has just said they speak, or want to be spoken to in, if the bot may and can."""
        named = [fact.value for fact in learned if fact.kind == "language" and fact.value in self._phrases.languages]
        return named[-1] if named and self._language == "auto" else None

    def _fixed(self, key: str, route: Any, language: str, watch: Stopwatch) -> Draft:
        trace = {"fixed": key, "seconds": watch.seconds}
        return Draft(self._phrases.text(key, language), route, 1.0, language, trace=trace)


def _tells(intent: Intent) -> bool:
    """Commands say what shall be done, also with facts: "/forget" is not to teach what it names."""
    return intent.label != "command" or intent.kind == "ask"


def _utterance(message: Message) -> Utterance:
    return Utterance(message.role, clean(message.text))
