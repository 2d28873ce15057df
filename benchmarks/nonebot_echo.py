"""An echo bot of nonebot2 without a network: prints how many messages a second go through it."""

import asyncio
import sys
import time
from typing import Any

import nonebot
from nonebot.adapters import Adapter, Bot, Event, Message, MessageSegment
from nonebot.internal.driver import Driver
from nonebot.message import handle_event

IN_FLIGHT = 64


class Text(MessageSegment["Texts"]):
    @classmethod
    def get_message_class(cls) -> type["Texts"]:
        return Texts

    def __str__(self) -> str:
        return str(self.data["text"])

    def is_text(self) -> bool:
        return True


class Texts(Message[Text]):
    @classmethod
    def get_segment_class(cls) -> type[Text]:
        return Text

    @staticmethod
    def _construct(msg: str) -> Any:
        yield Text("text", {"text": msg})


class Said(Event):
    user: str
    text: str

    def get_type(self) -> str:
        return "message"

    def get_event_name(self) -> str:
        return "message"

    def get_event_description(self) -> str:
        return self.text

    def get_user_id(self) -> str:
        return self.user

    def get_session_id(self) -> str:
        return self.user

    def get_message(self) -> Texts:
        return Texts(self.text)

    def is_tome(self) -> bool:
        return True


class EchoBot(Bot):
    sent = 0

    async def send(self, event: Event, message: Any, **kwargs: Any) -> Any:
        self.sent += 1


class NoNetwork(Adapter):
    @classmethod
    def get_name(cls) -> str:
        return "none"

    async def _call_api(self, bot: Bot, api: str, **data: Any) -> Any:
        return None


async def run(driver: Driver, messages: int) -> float:
    """Messages a second, with so many always under way."""
    bot = EchoBot(NoNetwork(driver), "echo")
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with slots:
            await handle_event(bot, Said(user=f"u{number % 1000}", text=f"question {number}"))

    start = time.perf_counter()
    await asyncio.gather(*[one(number) for number in range(messages)])
    if bot.sent != messages:
        raise SystemExit(f"{bot.sent} of {messages} messages were answered")
    return messages / (time.perf_counter() - start)


def main() -> None:
    nonebot.init(driver="~none", log_level="CRITICAL")
    echo = nonebot.on_message()

    @echo.handle()
    async def _(event: Event) -> None:
        await echo.finish(event.get_message())

    print(asyncio.run(run(nonebot.get_driver(), int(sys.argv[1]))))


if __name__ == "__main__":
    main()
