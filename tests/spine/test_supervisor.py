"""A channel whose library fails is started again; the others run on."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import ChannelError
from bot.messages import Delivery
from bot.supervisor import Status, Supervisor


class Flaky:
    """Fails as told, one failure a run, and then stays connected."""

    name = "flaky"

    def __init__(self, status: Status, *failures: Exception | None) -> None:
        self._status = status
        self._failures = list(failures)
        self.problems: list[str | None] = []
        self.connected = asyncio.Event()

    async def run(self) -> None:
        self.problems.append(self._status.problem)
        if self._failures:
            failure = self._failures.pop(0)
            if failure is None:
                return
            raise failure
        self._status.connected()
        self.connected.set()
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> str | None:
        raise AssertionError("nothing is delivered here")


async def until_connected(channel: Flaky, status: Status) -> None:
    supervisor = Supervisor(channel, status, first_delay=0.001, longest_delay=0.002, refused_delay=0.001)
    async with supervisor.running(), asyncio.timeout(5):
        await channel.connected.wait()


async def test_a_channel_is_started_again_after_any_failure() -> None:
    status = Status("flaky")
    channel = Flaky(status, AttributeError("'NoneType' object has no attribute 'sequence'"), OSError(), None)
    await until_connected(channel, status)
    assert channel.problems == [
        "is connecting",
        "failed and is started again: 'NoneType' object has no attribute 'sequence'",
        "failed and is started again: OSError",
        "ended without a reason; it is started again",
    ]
    assert status.problem is None


async def test_a_refusal_is_said_in_the_words_of_the_channel() -> None:
    status = Status("flaky")
    channel = Flaky(status, ChannelError("The token is not valid any more; ask BotFather for a new one."))
    await until_connected(channel, status)
    assert channel.problems[1] == "The token is not valid any more; ask BotFather for a new one."


async def test_each_reason_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    status = Status("flaky")
    refusal = ChannelError("Another program polls with this token.")
    await until_connected(Flaky(status, refusal, refusal, refusal), status)
    assert capsys.readouterr().out.count("Another program polls with this token.") == 1


async def test_the_end_of_the_block_ends_the_channel() -> None:
    status = Status("flaky")
    channel = Flaky(status)
    async with Supervisor(channel, status).running():
        await channel.connected.wait()
        running = asyncio.all_tasks()
    assert len(asyncio.all_tasks()) == len(running) - 1
