"""A bot on Telegram that is killed while it sends: nothing is lost, and at most one message of a chat comes twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from adapters.playground.telegram import Fault, Person, TelegramServer, slow
from tests.crash.telegram_process import PARTS, Plan, run

pytestmark = pytest.mark.crash

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.crash.telegram_process"])


def start(plan: Plan) -> ForkServerProcess:
    process = processes.Process(target=run, args=(plan,))
    process.start()
    return process


async def kill(process: ForkServerProcess) -> None:
    process.kill()
    await asyncio.to_thread(process.join, 30)


async def finish(plan: Plan) -> None:
    """A process that nobody kills ends with all work done."""
    process = start(replace(plan, ends=True))
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == 0


async def test_the_parts_that_were_sent_are_not_sent_again(database_url: str, tmp_path: Path) -> None:
    async with TelegramServer() as server:
        ann = server.person("Ann")
        server.faults.next(Fault(), method="sendMessage")
        server.faults.next(slow(30), method="sendMessage")  # the second part is under way when the process dies
        plan = Plan(database_url, tmp_path, server.token, server.url)
        process = start(plan)
        ann.write("question")
        await server.changes.until(lambda: server.faults.injected >= 2, 60)
        await kill(process)
        await finish(plan)
        assert headings(server, ann) == [f"question {part}" for part in range(PARTS)]


async def test_killed_at_any_moment_every_question_is_answered_in_order(sqlite_url: str, tmp_path: Path) -> None:
    chance, kills = random.Random(3), 3
    async with TelegramServer() as server:
        people = [server.person(f"Person {number}") for number in range(6)]
        plan = Plan(sqlite_url, tmp_path, server.token, server.url)
        for number in range(kills):
            process = start(plan)
            await server.changes.until(lambda: server.requests.of("getUpdates"), 60)
            for person in people:
                person.write(f"q{number}")
            await asyncio.sleep(chance.uniform(0.1, 1.5))  # any moment
            await kill(process)
            server.requests.clear()
        await finish(plan)
        for person in people:
            said = headings(server, person)
            once = list(dict.fromkeys(said))
            replies = list(dict.fromkeys(heading.split()[0] for heading in once))
            assert "+".join(replies) == "q0+q1+q2"
            assert once == [f"{questions} {part}" for questions in replies for part in range(PARTS)]
            assert len(said) - len(once) <= kills


def headings(server: TelegramServer, person: Person) -> list[str]:
    """What each message of the bot begins with."""
    return [message["text"].strip().partition(":")[0] for message in server.bot_messages(person)]
