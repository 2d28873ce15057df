"""A whole bot in a process that can be killed: store, workers and sender, with replies that are made at once.

Its customers send their messages one after the other, each again until it is acknowledged, as every
platform does. Its platform is a file to which each delivery is appended.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.messages import Delivery, Draft, Incoming, Turn
from bot.protocols import Publish
from bot.sender import Sender, SenderRules
from bot.settings import WorkersSection
from bot.streams import LocalStreams
from bot.worker import Workers
from storage import Store

LEASE = 0.5
STAGES = ("accepted", "claimed", "drafted", "committed", "delivering", "delivered")


@dataclass(frozen=True)
class Plan:
    """What a process does. `sender` makes the messages of several processes different; the process kills
    itself when `kill_at` is passed for the `kill_count`th time."""

    url: str
    platform: Path
    conversations: int = 5
    messages: int = 4
    sender: str = "customer"
    kill_at: str = ""
    kill_count: int = 3


class Bomb:
    """Kills the process at a stage, as nothing in it can foresee."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._passed = 0

    def __call__(self, stage: str) -> None:
        self._passed += stage == self._plan.kill_at
        if self._passed == self._plan.kill_count:
            os.kill(os.getpid(), signal.SIGKILL)


class Repeats:
    """Says the messages of the turn again, after a moment of thinking."""

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        await asyncio.sleep(random.uniform(0, 0.01))
        return self.apology(turn)

    def apology(self, turn: Turn) -> Draft:
        return Draft("\n".join(message.text for message in turn.messages), "chat", 1.0, "en")


class FilePlatform:
    """Appends a line to a file for each delivery: message id, conversation."""

    name = "web"

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> str:
        os.write(self._file, f"{delivery.reply.message_id} {delivery.target}\n".encode())
        return delivery.reply.message_id


def run(plan: Plan) -> None:
    """Runs until every message is answered and delivered, or until killed."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(_run(plan))


async def _run(plan: Plan) -> None:
    streams, bomb = LocalStreams(), Bomb(plan)
    settings = WorkersSection(count=4, lease_seconds=LEASE, drain_seconds=5)
    store = await Store.open(
        plan.url, streams, lease_seconds=LEASE, delivery_lease_seconds=LEASE, coalesce_seconds=0, queue_limit=10_000
    )
    platform = FilePlatform(plan.platform)
    workers = Workers(store.turns, Repeats(), streams, settings, on_stage=bomb)
    async with workers.running(), Sender(store.outbox, platform, SenderRules(), on_stage=bomb).running():
        await asyncio.gather(*[_write(store, plan, bomb, f"c{number}") for number in range(plan.conversations)])
        async with asyncio.timeout(60):
            while (counts := await store.history.counts()).unhandled or counts.due_deliveries:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await store.close()


async def _write(store: Store, plan: Plan, bomb: Bomb, conversation: str) -> None:
    for number in range(plan.messages):
        text = f"{plan.sender} {number}"
        await store.inbox.accept(Incoming("web", f"{conversation}/{text}", conversation, conversation, text))
        bomb("accepted")
