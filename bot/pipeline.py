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
from bot.moderation.gate import SentenceGate
from bot.moderation.moderator import Moderator
from bot.phrases import Phrases
from bot.privacy.redaction import redact_all
from bot.protocols import Publish, Skill
from bot.routing.language import detect

log = structlog.get_logger()

SAID_BY_RULE = frozenset({"command", "image"})
"""Intents whose words leave no doubt about what is wanted."""


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
        moderator: Moderator | None = None,
        consent: str = "",
    ) -> None:
        self._guard = guard
        self._router = router
        self._skills = skills
        self._phrases = phrases
        self._language = language
        self._learn = learn
        self._moderator = moderator
        self._consent = consent

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        """The draft of the reply; `publish` gets words that are already certain on the way."""
        draft = await (
            self._moderated(turn, publish, self._moderator) if self._moderator else self._reply(turn, publish)
        )
        return replace(draft, consent=self._consent, trace=redact_all(draft.trace))

    async def _moderated(self, turn: Turn, publish: Publish, moderator: Moderator) -> Draft:
        """What is withheld on either side is kept for review, and a person is offered instead."""
        channel, watch = turn.conversation.channel, Stopwatch()
        with watch.time("moderation"):
            ruling = moderator.incoming(turn)
        if ruling.withheld:
            return replace(self._refusal("not_answered", self._speaks(turn), watch), withheld=ruling.withheld)
        gate = SentenceGate(publish, lambda words: moderator.stops(words, channel))
        draft = await self._reply(turn, gate, for_person=ruling.is_insult)
        gate.flush()
        if stopped := moderator.outgoing(draft, channel):
            return replace(self._refusal("decline", draft.language, watch), learned=draft.learned, withheld=(stopped,))
        return draft

    async def _reply(self, turn: Turn, publish: Publish, *, for_person: bool = False) -> Draft:
        """`for_person` hands over what is neither a command nor a wish for a picture: whoever insults has a complaint
        that a person should hear."""
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
        label = "handoff" if for_person and intent.label not in SAID_BY_RULE else intent.label
        with watch.time(label):
            draft = await self._skills[label].run(request, publish)
        routing = {"intent": label, "kind": intent.kind, "probability": round(intent.probability, 4)}
        trace = {**draft.trace, "routing": routing, "seconds": watch.seconds}
        chosen = wished if draft.chosen_language is None else draft.chosen_language
        return replace(draft, learned=(*draft.learned, *learned), chosen_language=chosen, trace=trace)

    def apology(self, turn: Turn) -> Draft:
        """What the customer reads when the bot failed: sorry, and a person will take over."""
        apology = self._fixed("apology", "handoff", self._speaks(turn), Stopwatch())
        return replace(apology, state="waiting", consent=self._consent)

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

    def _refusal(self, key: str, language: str, watch: Stopwatch) -> Draft:
        draft = self._fixed(key, "decline", language, watch)
        offer = self._phrases.text("offer_person", language)
        return replace(
            draft, text=f"{draft.text}\n{offer}", quick_replies=(self._phrases.text("person_button", language),)
        )

    def _fixed(self, key: str, route: Any, language: str, watch: Stopwatch) -> Draft:
        trace = {"fixed": key, "seconds": watch.seconds}
        return Draft(self._phrases.text(key, language), route, 1.0, language, trace=trace)


def _tells(intent: Intent) -> bool:
    """Commands say what shall be done, also with facts: "/forget" is not to teach what it names."""
    return intent.label != "command" or intent.kind == "ask"


def _utterance(message: Message) -> Utterance:
    return Utterance(message.role, clean(message.text))
