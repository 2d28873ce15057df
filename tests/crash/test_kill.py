"""A bot that is killed at any moment loses nothing, says nothing twice and keeps the order."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from bot.messages import Message
from bot.streams import LocalStreams
from storage import Store
from tests.crash.bot_process import STAGES, Plan, run

pytestmark = pytest.mark.crash

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.crash.bot_process"])


def start(plan: Plan) -> ForkServerProcess:
    process = processes.Process(target=run, args=(plan,))
    process.start()
    return process


def finish(plan: Plan) -> None:
    """A process that nobody kills ends with all work done."""
    process = start(replace(plan, kill_at=""))
    process.join(90)
    assert process.exitcode == 0


async def histories(plan: Plan) -> dict[str, Sequence[Message]]:
    store = await Store.open(plan.url, LocalStreams())
    names = [f"c{number}" for number in range(plan.conversations)]
    found = {name: await store.history.messages("web", name, limit=500) for name in names}
    await store.close()
    return found


def check_conversation(messages: Sequence[Message]) -> None:
    """Numbers have no gaps; each message is answered once, by one reply, in the order in which they came."""
    assert [message.number for message in messages] == list(range(1, len(messages) + 1))
    asked = [message.text for message in messages if message.role == "user"]
    answered = [text for message in messages if message.role == "assistant" for text in message.text.split("\n")]
    assert answered == asked


def check_deliveries(plan: Plan, said: dict[str, Sequence[Message]]) -> None:
    """A platform that knows messages by their ids has each reply once, in order."""
    delivered: dict[str, list[str]] = {name: [] for name in said}
    for line in plan.platform.read_text().splitlines():
        message_id, conversation = line.split(" ")
        if message_id not in delivered[conversation]:
            delivered[conversation].append(message_id)
    replies = {name: [each.id for each in messages if each.role == "assistant"] for name, messages in said.items()}
    assert delivered == replies


async def check(plan: Plan, senders: Sequence[str] = ("customer",)) -> None:
    said = await histories(plan)
    for messages in said.values():
        check_conversation(messages)
        for sender in senders:
            of_sender = [each.text for each in messages if each.role == "user" and each.text.startswith(sender)]
            assert of_sender == [f"{sender} {number}" for number in range(plan.messages)]
    check_deliveries(plan, said)


@pytest.fixture
def plan(database_url: str, tmp_path: Path) -> Plan:
    return Plan(database_url, tmp_path / "platform.txt")


@pytest.mark.parametrize("stage", STAGES)
def test_a_kill_at_a_stage_boundary_loses_nothing_and_repeats_nothing(plan: Plan, stage: str) -> None:
    for count in (1, 5):
        process = start(replace(plan, kill_at=stage, kill_count=count))
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
    finish(plan)
    asyncio.run(check(plan))


def test_kills_at_random_moments_under_load_lose_nothing_and_repeat_nothing(plan: Plan) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 -- shown when the test fails
    moments = random.Random(seed)
    plan = replace(plan, conversations=20, messages=15)
    for _ in range(6):
        process = start(plan)
        time.sleep(moments.uniform(0.05, 0.6))
        process.kill()
        process.join(60)
        assert process.exitcode in (0, -signal.SIGKILL)
    finish(plan)
    asyncio.run(check(plan))


@pytest.mark.postgresql
def test_two_processes_keep_the_order_although_one_is_killed(postgresql_url: str, tmp_path: Path) -> None:
    plan = Plan(postgresql_url, tmp_path / "platform.txt", conversations=10, messages=10)
    senders = ("first", "second")
    killed = start(replace(plan, sender="first", kill_at="accepted", kill_count=40))
    other = start(replace(plan, sender="second"))
    for process in (killed, other):
        process.join(90)
    assert (killed.exitcode, other.exitcode) == (-signal.SIGKILL, 0)
    finish(replace(plan, sender="first"))
    asyncio.run(check(plan, senders))
