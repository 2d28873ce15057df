"""A bot in a process that can be killed. Its replies are long, and shown while they are made."""

from __future__ import annotations

import asyncio

import structlog

from adapters.discord import DiscordOptions
from bot.messages import Draft, Turn
from bot.protocols import Publish
from tests.adapters.discord.examples import Place, draft, running_with, said

THINKING_SECONDS = 0.8
FILLER = " ".join(f"word{number}" for number in range(400))


def text_of(asked: str) -> str:
    """The reply, in two parts of Discord's."""
    return f"BEGIN {asked} {FILLER} END"


async def slow_and_long(turn: Turn, publish: Publish) -> Draft:
    text = text_of(said(turn))
    publish(text[:100])
    await asyncio.sleep(THINKING_SECONDS)  # what is tested is a reply that takes its time
    publish(text[100:])
    return draft(text)


def run(options: DiscordOptions, place: Place) -> None:
    """Until it is killed."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(_run(options, place))


async def _run(options: DiscordOptions, place: Place) -> None:
    async with running_with(options, place, slow_and_long):
        await asyncio.Event().wait()
