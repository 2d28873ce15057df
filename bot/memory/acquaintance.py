"""What the bot knows of who writes, for a language model that will answer: facts, and earlier words that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.context import Background
from bot.memory.recall import Recall, Recalled
from bot.messages import Fact, Request
from bot.protocols import Facts, Memories

_LOOKED_THROUGH = 20
_LINE_CHARACTERS = 300
_SUMMARIES = 20
_SPEAKERS = {"user": "the customer wrote", "assistant": "you answered", "operator": "a colleague answered"}


class Acquaintance:
    """bot.context.Acquainted: facts of the customer, at most `turns` earlier messages, and what the conversation was
    about before that; messages that the reply sees anyway are left out."""

    def __init__(self, facts: Facts, memories: Memories, recall: Recall, *, turns: int) -> None:
        self._facts = facts
        self._memories = memories
        self._recall = recall
        self._turns = turns

    async def background(self, request: Request) -> Background:
        """What may be used in answer to the request, where it was sent."""
        facts = list(reversed(await self._facts.known(request.turn.conversation)))
        recalled = await self._recalled(request) if self._turns else ()
        summary = await self._summary(request)
        return Background(
            profile=tuple(_fact_line(fact) for fact in facts),
            memory=(*(_memory_line(each) for each in recalled), *summary),
            fact_ids=tuple(fact.id for fact in facts),
            message_ids=(*(each.said.message_id for each in recalled), *("" for _ in summary)),
        )

    async def _summary(self, request: Request) -> Sequence[str]:
        """The latest of this conversation that is of messages which the reply does not see."""
        turn = request.turn
        begins = min(message.number for message in (*turn.history, *turn.messages))
        found = await self._memories.summaries(turn.messages[-1].id, limit=_SUMMARIES)
        earlier = [each for each in found if each.conversation_id == turn.conversation.id and each.number < begins]
        return [f"before in this conversation: {' / '.join(earlier[-1].text.splitlines())}"] if earlier else []

    async def _recalled(self, request: Request) -> Sequence[Recalled]:
        seen = {message.id for message in request.turn.history}
        found = await self._recall.find(request, self._recall.wanted(request), _LOOKED_THROUGH)
        return _first((each for each in found if each.is_about_it and each.said.message_id not in seen), self._turns)


def _first(recalled: Iterable[Recalled], count: int) -> list[Recalled]:
    return [each for _, each in zip(range(count), recalled, strict=False)]


def _fact_line(fact: Fact) -> str:
    return f"{fact.kind}: {fact.value}"


def _memory_line(recalled: Recalled) -> str:
    said = recalled.said
    text = " ".join(said.text.split())[:_LINE_CHARACTERS]
    return f"{said.created_at:%Y-%m-%d} {_SPEAKERS[said.role]}: {text}"
