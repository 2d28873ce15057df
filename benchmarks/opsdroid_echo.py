"""An echo bot of opsdroid without a network: prints how many messages a second go through it."""

import asyncio
import gettext
import logging
import sys
import time
from typing import Any

from opsdroid.connector import Connector, register_event
from opsdroid.core import OpsDroid
from opsdroid.events import Message
from opsdroid.matchers import match_regex

IN_FLIGHT = 64


class NoNetwork(Connector):
    sent = 0

    async def connect(self) -> None:
        return None

    async def listen(self) -> None:
        return None

    @register_event(Message)
    async def send(self, message: Message) -> None:
        self.sent += 1


@match_regex(r"(?P<text>.*)")
async def echo(bot: OpsDroid, config: dict[str, Any], message: Message) -> None:
    await message.respond(message.text)


async def run(messages: int) -> float:
    """Messages a second, with so many always under way."""
    asyncio.get_running_loop().set_debug(False)
    with OpsDroid(config={}) as bot:
        connector = NoNetwork({"name": "none"}, opsdroid=bot)
        bot.connectors = [connector]
        bot.register_skill(echo, {"name": "echo"})
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def one(number: int) -> None:
            async with slots:
                said = Message(text=f"question {number}", user=f"u{number % 1000}", target="none", connector=connector)
                await bot.parse(said)

        start = time.perf_counter()
        await asyncio.gather(*[one(number) for number in range(messages)])
        if connector.sent != messages:
            raise SystemExit(f"{connector.sent} of {messages} messages were answered")
        return messages / (time.perf_counter() - start)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    gettext.install("opsdroid")
    print(asyncio.run(run(int(sys.argv[1]))))
