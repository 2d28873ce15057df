"""Updates as no platform should send them: fields missing, added, of wrong types, and kinds that nobody knows.

The seeds are updates that people make; what is done to them is random and repeatable. Afterwards the bot must be at
work still: a customer who writes is answered, and no update has made more than one line in the log.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from adapters.playground.discord.events import Event
from adapters.playground.telegram import JsonObject
from benchmarks.channels.bot import Plan
from benchmarks.channels.platforms import Platforms, platforms, working
from storage.migrations import upgrade

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1 << 70, 1.5, float("1e300"), "", "\0", "word", "12", "👍" * 50, "\ud800"),
    *([], [None], [1, "a"], {}, {"id": "x"}, {"": None}, [[[[]]]]),
)
UNKNOWN = ("mystery", "message_v2", "")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""One grey pixel."""

PROBE_SECONDS = 120.0
BATCH = 200


@dataclass(frozen=True)
class Survival:
    """What an adapter made of its updates. `lines` by their event, `restarts` of the whole channel."""

    platform: str
    updates: int
    survived: bool
    lines: dict[str, int]
    restarts: int


class Fuzz(Protocol):
    """A run against one adapter."""

    async def __call__(self, updates: int, seed: int = 0) -> Survival: ...


def spoil(value: JsonObject, chance: random.Random) -> JsonObject:
    """The value with one to four things wrong."""
    spoiled = copy.deepcopy(value)
    for _ in range(chance.randint(1, 4)):
        container, key = chance.choice(list(_places(spoiled)) or [({"": None}, "")])
        match chance.randrange(4):
            case 0:
                del container[key]
            case 1:
                container[key] = copy.deepcopy(chance.choice(JUNK))
            case 2 if isinstance(container, dict):
                container[chance.choice(UNKNOWN)] = copy.deepcopy(chance.choice(JUNK))
            case _ if isinstance(container, dict):
                container[chance.choice(UNKNOWN)] = container.pop(key)
    return spoiled


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key in it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


async def measure(updates: int, seed: int = 0) -> list[Survival]:
    """Both adapters, each alone."""
    return [await on_telegram(updates, seed), await on_discord(updates, seed)]


async def on_telegram(updates: int, seed: int = 0) -> Survival:
    """So many spoiled updates by long poll."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with platforms() as both:
            plan = Plan(Path(folder), telegram=both.telegram_options)
            await upgrade(plan.database_url)
            with working(plan):
                await both.telegram.until_polled(60)
                seeds = _telegram_seeds(both)
                for number in range(updates):
                    both.telegram.updates.inject(_as_json(spoil(chance.choice(seeds), chance)))
                    if number % BATCH == 0:
                        await both.telegram.until_confirmed(PROBE_SECONDS)
                survived = await _answers_on_telegram(both)
            return _survival("Telegram", updates, survived, plan.log)


async def on_discord(updates: int, seed: int = 0) -> Survival:
    """So many spoiled events by the gateway."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with platforms() as both:
            plan = Plan(Path(folder), discord=both.discord_options)
            await upgrade(plan.database_url)
            with working(plan):
                await both.discord.connected(timeout=60)
                seeds = await _discord_seeds(both)
                for number in range(updates):
                    event = chance.choice(seeds)
                    name = event.name if chance.random() < 0.95 else chance.choice(UNKNOWN)
                    both.discord.inject(name, _as_json(spoil(event.data, chance)))
                    if number % BATCH == 0:
                        await asyncio.sleep(0.05)
                survived = await _answers_on_discord(both)
            return _survival("Discord", updates, survived, plan.log)


def _telegram_seeds(both: Platforms) -> list[JsonObject]:
    """Everything that customers do, as updates."""
    server = both.telegram
    person, other = server.person("Ann"), server.person("Bo")
    group = server.group("Friends", person, other)
    sent = [
        person.write("Hello *there*, see https://example.org"),
        person.write("/help"),
        person.photo(PICTURE, "what is this?"),
        *person.album([PICTURE, PICTURE], "two"),
        person.voice(b"OggS", 2),
        person.file(b"text", "notes.txt", "text/plain"),
        other.write(f"@{server.world.bot.username} hello", group),
        person.edit(person.write("Hullo").message_id, "Hello"),
    ]
    migrated = server.group("Old", person).migrate(person)
    updates = [update for update in (*(one.update for one in sent), *migrated) if update]
    return [{key: value for key, value in update.items() if key != "update_id"} for update in updates]


async def _discord_seeds(both: Platforms) -> list[Event]:
    """Everything that customers do, as events."""
    server = both.discord
    seeds: list[Event] = []
    server.world.listeners.append(seeds.append)
    person = server.person("Ann")
    guild = server.guild("Friends", [person])
    channel = server.text_channel(guild, "talk")
    message = person.write(person.direct, "Hello")
    person.edit(message, "Hullo")
    person.react(message, "👍")
    person.mention(channel, "hello")
    person.start_typing(person.direct)
    answer = await server.reply(message)
    person.react(answer, "👎")
    person.delete(message)
    server.world.listeners.remove(seeds.append)
    return seeds


def _as_json(value: JsonObject) -> JsonObject:
    """As JSON carries it: keys are text."""
    copied: JsonObject = json.loads(json.dumps(value))
    return copied


async def _answers_on_telegram(both: Platforms) -> bool:
    person = both.telegram.person("Cleo")
    person.write("m1")
    try:
        await both.telegram.until_text(person, "re m1", PROBE_SECONDS)
    except TimeoutError:
        return False
    return True


async def _answers_on_discord(both: Platforms) -> bool:
    person = both.discord.person("Cleo")
    try:
        await both.discord.reply(person.write(person.direct, "m1"), PROBE_SECONDS)
    except TimeoutError:
        return False
    return True


def _survival(platform: str, updates: int, survived: bool, log: Path) -> Survival:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line]
    counted = Counter(f"{line['level']}: {line['event']}" for line in lines)
    restarts = sum("started again" in str(line.get("reason")) for line in lines)
    return Survival(platform, updates, survived, dict(counted), restarts)
