"""Many customers of both platforms at once, with every fault that the platforms are known for.

Updates come twice, requests are refused with 429 and 5xx, the gateway asks to reconnect, forgets sessions and closes
them, and the bot is killed and started again. Afterwards every message must have its answer, in order.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.playground import discord, telegram
from benchmarks.channels.bot import Plan, answer
from benchmarks.channels.platforms import Platforms, kill, platforms, start
from storage.migrations import upgrade

REPEATED = 0.05
TOO_MANY = 0.05
BROKEN = 0.02
STYLES = {3: " slow", 6: " long"}
"""How the answer to a customer's message is made, by its number modulo 10."""
SETTLE_SECONDS = 3.0
LOOK_SECONDS = 0.5
WINDOW_SECONDS = 5.0
"""The longest window of a limit that a message or a poll in a private chat falls under."""
_WORD = re.compile(r"m\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Size:
    """`customers` of each platform write `messages` each within `seconds`; then `patience` seconds for the rest.

    A connection to the gateway is ended each `reconnect_seconds`; discord.py rests for five before it identifies anew.
    """

    customers: int
    messages: int
    seconds: float
    kills: int
    reconnect_seconds: float
    lease_seconds: float
    patience: float


FULL = Size(customers=200, messages=20, seconds=120, kills=3, reconnect_seconds=10, lease_seconds=60, patience=240)
QUICK = Size(customers=40, messages=10, seconds=40, kills=3, reconnect_seconds=7, lease_seconds=20, patience=60)
SMALL = Size(customers=12, messages=5, seconds=18, kills=1, reconnect_seconds=5.5, lease_seconds=12, patience=30)


@dataclass
class Figures:
    """What became of one platform's messages; times in seconds. `doubled` counts messages of the bot."""

    platform: str
    chats: int
    sent: int = 0
    answered: int = 0
    wrong_chats: list[str] = field(default_factory=list)
    """Where something is missing, out of order or left over, with what is there."""
    doubled: int = 0
    violations: dict[str, int] = field(default_factory=dict)
    """By the limit that was exceeded, as the server counts."""
    after_kills: int = 0
    """Limits exceeded by a process that could not know what the one before it had used up."""
    refused: int = 0
    """Requests that got an injected 429 or 5xx."""
    p50: float = 0.0
    p95: float = 0.0
    """From a message to the first request with its answer, of those answered at once."""


@dataclass
class Outcome:
    """Of a whole run; `seconds` from the start of the bot to the last answer."""

    platforms: tuple[Figures, Figures]
    kills: int
    connections: int
    """How often the gateway was entered, anew or again."""
    seconds: float

    @property
    def is_flawless(self) -> bool:
        """Every answer there, in order, at the platforms' pace, and doubled at most where a kill may do so."""
        telegram, discord = self.platforms
        kept = all(
            each.answered == each.sent and not each.wrong_chats and not each.violations for each in self.platforms
        )
        return kept and discord.doubled == 0 and telegram.doubled <= self.kills * telegram.chats


@dataclass(frozen=True)
class Request:
    """What the bot has sent: when (monotonic seconds), to which chat, which words."""

    time: float
    chat: str
    text: str


class Customer(ABC):
    """One person, who writes `m0`, `m1`, … and reads what the bot has written."""

    def __init__(self, number: int) -> None:
        self.name = f"customer {number}"
        self.written: dict[str, float] = {}

    def write(self, text: str) -> None:
        self.written[text] = time.monotonic()
        self.send(text)

    @property
    @abstractmethod
    def chat(self) -> str:
        """The platform's id of the chat."""

    @abstractmethod
    def send(self, text: str) -> None:
        """Writes on the platform."""

    @abstractmethod
    def read(self) -> list[str]:
        """The bot's messages, oldest first."""

    @property
    def expected(self) -> list[str]:
        """All words of all answers."""
        return [word for text in self.written for word in answer(text)]


class TelegramCustomer(Customer):
    def __init__(self, server: telegram.TelegramServer, number: int) -> None:
        super().__init__(number)
        self._server = server
        self._person = server.person(self.name)

    def send(self, text: str) -> None:
        self._person.write(text)

    @property
    def chat(self) -> str:
        return str(self._person.id)

    def read(self) -> list[str]:
        return [message["text"] for message in self._server.bot_messages(self._person)]


class DiscordCustomer(Customer):
    def __init__(self, server: discord.DiscordServer, number: int, chance: random.Random) -> None:
        super().__init__(number)
        self._server = server
        self._person = server.person(self.name)
        self._chance = chance

    def send(self, text: str) -> None:
        message = self._person.write(self._person.direct, text)
        if self._chance.random() < REPEATED:
            delay = self._chance.uniform(0, 3)
            asyncio.get_running_loop().call_later(delay, self._server.redeliver, message)

    @property
    def chat(self) -> str:
        return self._person.direct.id

    def read(self) -> list[str]:
        return [message.content for message in self._server.written_by_bot(self._person.direct)]


async def run(size: Size, folder: Path, seed: int = 0) -> Outcome:
    """One run, repeatable as far as the machine's own timing is not part of it."""
    chance = random.Random(seed)
    async with platforms() as both:
        plan = Plan(folder, both.telegram_options, both.discord_options, size.lease_seconds)
        await upgrade(plan.database_url)
        _break(both, seed)
        on_telegram = [TelegramCustomer(both.telegram, number) for number in range(size.customers)]
        on_discord = [DiscordCustomer(both.discord, number, chance) for number in range(size.customers)]
        started = time.monotonic()
        starts = await _play(size, plan, both, [*on_telegram, *on_discord], chance)
        seconds = time.monotonic() - started
        return Outcome(
            (
                _telegram_figures(both.telegram, on_telegram, starts),
                _discord_figures(both.discord, on_discord, starts),
            ),
            size.kills,
            both.discord.gateway.counts["identify"] + both.discord.gateway.counts["resume"],
            seconds,
        )


def _break(both: Platforms, seed: int) -> None:
    """The shares of what goes wrong from now on."""
    both.telegram.updates.repeat(REPEATED, seed)
    both.telegram.faults.share(telegram.too_many_requests(1), TOO_MANY)
    both.telegram.faults.share(telegram.server_error(502), BROKEN)
    both.discord.faults.share(discord.Fault("rate limit", retry_after=0.5), TOO_MANY, seed)
    both.discord.faults.share(discord.Fault("error", status=502), BROKEN, seed + 1)


async def _play(
    size: Size, plan: Plan, both: Platforms, customers: Sequence[Customer], chance: random.Random
) -> list[float]:
    """When the processes after the first were started, in monotonic seconds."""
    process = start(plan)
    starts: list[float] = []
    reconnects = asyncio.create_task(_reconnect(both.discord, size.reconnect_seconds))
    try:
        await both.discord.connected(timeout=60)
        await both.telegram.until_polled(timeout=60)
        writing = asyncio.create_task(_write(size, customers))
        for _ in range(size.kills):
            await asyncio.sleep(chance.uniform(0.8, 1.2) * size.seconds / (size.kills + 1))
            await asyncio.to_thread(kill, process)  # the platforms go on meanwhile
            starts.append(time.monotonic())
            process = await asyncio.to_thread(start, plan)
        await writing
        await _until_answered(customers, size.patience)
        await asyncio.sleep(SETTLE_SECONDS)
    finally:
        reconnects.cancel()
        kill(process)
    return starts


async def _write(size: Size, customers: Sequence[Customer]) -> None:
    """All write equally often, one after the other."""
    started = time.monotonic()
    step = size.seconds / (size.messages * len(customers))
    for number in range(size.messages):
        for place, customer in enumerate(customers):
            await asyncio.sleep(started + step * (number * len(customers) + place) - time.monotonic())
            customer.write(f"m{number}{STYLES.get((number + place) % 10, '')}")


async def _reconnect(server: discord.DiscordServer, seconds: float) -> None:
    """Each of the gateway's ways to end a connection, in turn; only the third loses the session."""
    while True:
        for end in (server.gateway.reconnect, lambda: server.gateway.close(4000), server.gateway.invalidate):
            await asyncio.sleep(seconds)
            end()


async def _until_answered(customers: Sequence[Customer], patience: float) -> None:
    deadline = time.monotonic() + patience
    waiting = list(customers)
    while waiting and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
        waiting = [customer for customer in waiting if set(customer.expected) - set(_words(customer.read()))]


def _words(texts: Iterable[str]) -> Iterator[str]:
    return (word for text in texts for word in _WORD.findall(text))


def _telegram_figures(
    server: telegram.TelegramServer, customers: Sequence[Customer], starts: Sequence[float]
) -> Figures:
    """A message of the bot that is there twice was doubled; without the second it must be right."""
    figures = Figures("Telegram", len(customers))
    _note(figures, [(each.time, each.limit) for each in server.limits.violations], starts)
    figures.refused = server.faults.injected
    for customer in customers:
        texts = customer.read()
        once = list(dict.fromkeys(texts))
        figures.doubled += len(texts) - len(once)
        _judge(figures, customer, once)
    sends = server.requests.of("sendMessage", done=True)
    _time(figures, customers, [Request(one.time, one.chat_id, str(one.parameters["text"])) for one in sends])
    return figures


def _discord_figures(server: discord.DiscordServer, customers: Sequence[Customer], starts: Sequence[float]) -> Figures:
    figures = Figures("Discord", len(customers))
    since_epoch = time.time() - time.monotonic()
    limited = [one for one in server.requests if one.status == 429 and not one.fault]
    _note(figures, [(one.at - since_epoch, one.route) for one in limited], starts)
    figures.refused = server.faults.happened
    for customer in customers:
        _judge(figures, customer, customer.read())
    sends = [one for one in server.requests.of("POST /channels/{channel_id}/messages") if one.status == 200]
    _time(
        figures,
        customers,
        [Request(one.at - since_epoch, one.path.split("/")[-2], str(one.body.get("content"))) for one in sends],
    )
    return figures


def _note(figures: Figures, violations: Sequence[tuple[float, str]], starts: Sequence[float]) -> None:
    known = [limit for moment, limit in violations if not any(0 <= moment - start < WINDOW_SECONDS for start in starts)]
    figures.violations = dict(Counter(known))
    figures.after_kills = len(violations) - len(known)


def _time(figures: Figures, customers: Sequence[Customer], requests: Sequence[Request]) -> None:
    first: dict[tuple[str, str], float] = {}
    for request in requests:
        for word in _words([request.text]):
            first.setdefault((request.chat, word), request.time)
    waits = [
        first[customer.chat, text] - written
        for customer in customers
        for text, written in customer.written.items()
        if (customer.chat, text) in first
    ]
    figures.p50, *_, figures.p95 = statistics.quantiles(waits, n=20)[9:19] if len(waits) > 1 else (0.0, 0.0)


def _judge(figures: Figures, customer: Customer, texts: Sequence[str]) -> None:
    words = list(_words(texts))
    figures.sent += len(customer.written)
    figures.answered += sum(set(answer(text)) <= set(words) for text in customer.written)
    if words != customer.expected:
        figures.wrong_chats.append(f"{customer.name}: {_difference(customer.expected, words)}")


def _difference(expected: Sequence[str], found: Sequence[str]) -> str:
    """Where the first difference is, in words."""
    place = next((at for at, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        place = min(len(expected), len(found))
    return (
        f"at word {place} of {len(expected)}: {expected[place : place + 3]} expected, {found[place : place + 3]} found"
    )
