"""A pipeline whose replies can be foretold, so that the tests can say what the web must carry."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.messages import Attachment, Citation, Draft, Passage, Turn
from bot.protocols import Publish

RETURNS = Passage(
    id="returns-1",
    title="Returns · How long",
    text="You may return a tent within 30 days. The tent must be dry. Refunds take five days.",
    source="returns.md",
    heading=("Returns", "How long"),
)
QUOTE = "You may return a tent within 30 days."


@dataclass
class Echo:
    """Says what it was told, with its pictures; knows one thing about returns; can be held back."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    turns: list[Turn] = field(default_factory=list)
    pictures: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        self.gate.set()

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        self.turns.append(turn)
        self.asked.set()
        text = "\n".join(message.text for message in turn.messages)
        if "return" in text:
            draft = Draft(
                QUOTE,
                "answer",
                0.93,
                "en",
                (Citation(RETURNS.id, RETURNS.title, RETURNS.source, QUOTE),),
                quick_replies=("And the refund?",),
            )
        elif "unknown" in text:
            choices = ("How long is it valid?", "Talk to a person")
            draft = Draft("I do not know. Does one of these help:", "decline", 0.1, "en", quick_replies=choices)
        else:
            draft = Draft(f"You said: {text}", "chat", 1.0, "en", attachments=self.pictures)
        for word in draft.text.split(" "):
            publish(word if word == draft.text.split(" ")[0] else f" {word}")
            await asyncio.sleep(0)
        await self.gate.wait()
        return draft

    def apology(self, turn: Turn) -> Draft:
        return Draft("Sorry.", "handoff", 1.0, "en")
