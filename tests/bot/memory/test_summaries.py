"""Summaries say what was said, and first what was wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.memory.summaries import LENGTH, SHOP, summarise
from bot.memory.summarizer import STRETCH, Summarizer
from bot.messages import Role, Said
from tests.bot.memory.conversations import Remembered, said

STRETCH_OF_TALK = (
    said(1, "user", "Hello there, how are you today?"),
    said(2, "assistant", "I am doing well, thank you.", route="chat"),
    said(3, "user", "My tent has a broken pole. Can I have a new pole for the tent?"),
    said(4, "assistant", "A broken pole is replaced for free within two years. Please send a photo.", route="answer"),
    said(5, "user", "/me"),
    said(6, "assistant", "Your name: Ada", route="command"),
    said(7, "user", "Do you ship poles to Norway?"),
    said(8, "assistant", "I am sorry, I do not know the answer to that.", route="decline"),
    said(9, "user", "The photo of the pole is attached."),
)


def test_wishes_and_open_ends_are_kept_and_small_talk_is_not() -> None:
    lines = summarise(STRETCH_OF_TALK, 4).split("\n")
    assert "Can I have a new pole for the tent?" in lines
    assert "Do you ship poles to Norway?" in lines
    assert "The photo of the pole is attached." in lines
    assert not [line for line in lines if "Hello" in line or "Ada" in line or "sorry" in line]


def test_what_the_shop_said_is_marked() -> None:
    assert f"{SHOP}A broken pole is replaced for free within two years." in summarise(STRETCH_OF_TALK, 9).split("\n")


def test_nothing_is_said_twice() -> None:
    stretch = [said(number, "user", "Where is my parcel with the boots?") for number in range(1, 6)]
    assert summarise(stretch) == "Where is my parcel with the boots?"
    assert summarise(()) == ""


ROLES = st.sampled_from(["user", "assistant", "operator"])


@given(st.lists(st.tuples(ROLES, st.text(max_size=80)), max_size=20))
def test_every_word_was_said(talk: Sequence[tuple[Role, str]]) -> None:
    stretch: list[Said] = [said(number, role, text) for number, (role, text) in enumerate(talk, 1)]
    lines = [line for line in summarise(stretch).split("\n") if line]
    there = [" ".join(each.text.split()) for each in stretch]
    assert len(lines) <= LENGTH
    for line in lines:
        assert any(line.removeprefix(SHOP) in text for text in there)


async def test_a_long_conversation_is_summarised_stretch_by_stretch() -> None:
    messages = [
        said(number, "user", f"Where is parcel {number} of the boots?") for number in range(1, 2 * STRETCH + 11)
    ]
    memories = Remembered(messages)
    assert await Summarizer(memories, window=10).catch_up() == 2
    assert [summary.number for summary in memories.made] == [STRETCH, 2 * STRETCH]
    assert await Summarizer(memories, window=10).catch_up() == 0


class Heard(Remembered):
    """Tells when a summary is stored."""

    def __init__(self, messages: Sequence[Said]) -> None:
        super().__init__(messages)
        self.stored = asyncio.Event()

    async def add_summary(self, stretch: Sequence[Said], text: str) -> bool:
        self.stored.set()
        return await super().add_summary(stretch, text)


async def test_the_summarizer_works_until_its_block_ends() -> None:
    memories = Heard([said(number, "user", "Where is my parcel?") for number in range(1, STRETCH + 1)])
    async with Summarizer(memories, window=0, pause_seconds=0).running():
        await asyncio.wait_for(memories.stored.wait(), 10)
    assert memories.made[0].text == "Where is my parcel?"
    assert len(asyncio.all_tasks()) == 1
