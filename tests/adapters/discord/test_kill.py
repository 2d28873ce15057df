"""A bot that is killed in the middle of its answers says each of them once, whole and in order."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from adapters.discord import DiscordOptions
from adapters.playground.discord import DiscordServer, Person
from tests.adapters.discord.bot_process import run, text_of
from tests.adapters.discord.examples import Place, options_of, texts

pytestmark = pytest.mark.crash

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.adapters.discord.bot_process"])
CUSTOMERS = 4
MESSAGES = 6


@contextmanager
def process(options: DiscordOptions, place: Place) -> Iterator[None]:
    """A bot that is killed at the end of the block."""
    running = processes.Process(target=run, args=(options, place))
    running.start()
    try:
        yield
    finally:
        running.kill()
        running.join(10)


@asynccontextmanager
async def writing(people: list[Person], chance: random.Random) -> AsyncIterator[None]:
    """Customers who write while the block lasts, and to its end if it is shorter."""

    async def write(person: Person) -> None:
        for number in range(1, MESSAGES):
            await asyncio.sleep(chance.uniform(0.1, 1.5))
            person.write(person.direct, f"m{number}")

    tasks = [asyncio.create_task(write(person)) for person in people]
    try:
        yield
    finally:
        await asyncio.gather(*tasks)


def asked(server: DiscordServer, person: Person) -> list[str]:
    """What the bot has answered, message by message, if each answer is whole and there once."""
    spoken = " ".join(" ".join(texts(server, person.direct)).split())
    turns = re.findall("BEGIN (.*?) word0", spoken)
    assert spoken == " ".join(text_of(turn) for turn in turns)
    return [message for turn in turns for message in turn.split(" / ")]


def is_whole(server: DiscordServer, person: Person) -> bool:
    return " ".join(texts(server, person.direct)).endswith("END")


def is_finished(server: DiscordServer, person: Person) -> bool:
    return is_whole(server, person) and f"m{MESSAGES - 1} word0" in " ".join(texts(server, person.direct))


async def test_each_answer_is_there_once_after_three_kills(server: DiscordServer, any_place: Place) -> None:
    chance, options = random.Random(1), options_of(server)
    people = [server.person(f"Customer {number}") for number in range(CUSTOMERS)]
    with process(options, any_place):
        await server.connected(timeout=30)
        for person in people:
            await server.reply(person.write(person.direct, "m0"))
    async with writing(people, chance):
        with process(options, any_place):
            await server.connected(timeout=30)
            await asyncio.sleep(chance.uniform(0.2, 2.0))  # the moment of the kill
        with process(options, any_place):  # a turn that is killed a third time would end in an apology
            await server.until(lambda: all(is_whole(server, person) for person in people), timeout=60)
            await asyncio.sleep(chance.uniform(0.2, 2.0))
    with process(options, any_place):
        await server.until(lambda: all(is_finished(server, person) for person in people), timeout=60)
    for person in people:
        assert asked(server, person) == [f"m{number}" for number in range(MESSAGES)]
