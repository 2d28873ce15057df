"""A bot on Telegram in a process that can be killed: it answers a question by a long text in several messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.pacing import Limit
from adapters.telegram import TelegramOptions, pace
from bot.messages import Draft, Turn
from bot.protocols import Publish
from tests.adapters.telegram.examples import draft, running, until_delivered

PARTS = 3
PAUSE = 0.3
"""Seconds between two messages to a chat; the local server does not mind."""
LEASE = 6.0
TRY = 5.5
"""Seconds for one try of a delivery: more than all parts take, and less than its lease."""


@dataclass(frozen=True)
class Plan:
    """Where the database and the Bot API server are; unless it `ends` by itself the process serves until killed."""

    url: str
    folder: Path
    token: str
    base_url: str
    ends: bool = False


def text_of(question: str) -> str:
    """A reply of PARTS messages, each of which can be told from the others."""
    return "\n\n".join(f"{question} {part}: " + "word " * 700 for part in range(PARTS))


def run(plan: Plan) -> None:
    """Serves until killed, or until everything is answered."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    pace.CHAT = Limit(1, PAUSE)
    asyncio.run(_run(plan))


async def _run(plan: Plan) -> None:
    settings = TelegramOptions(plan.token, base_url=plan.base_url)
    rules = {"lease_seconds": 1, "delivery_lease_seconds": LEASE, "timeout": TRY}
    async with running(plan.url, plan.folder, settings, _reply, **rules) as bot:
        if not plan.ends:
            await asyncio.Event().wait()
        await until_delivered(bot.store)


async def _reply(turn: Turn, publish: Publish) -> Draft:
    return draft(text_of("+".join(message.text for message in turn.messages)))
