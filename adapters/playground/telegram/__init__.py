"""A Bot API server on one's own machine: core.telegram.org/bots/api, spoken as the platform speaks it.

async with TelegramServer() as server:
    bot = telegram.Bot(server.token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot")
    ann = server.person("Ann")
    ann.write("Hello")
    [update] = await bot.get_updates()
    await bot.send_message(ann.id, "Hello, Ann")
    assert server.bot_messages(ann)[0]["text"] == "Hello, Ann"
    assert not server.limits.violation_count
"""

from adapters.playground.telegram.chats import Business, Chat, Draft
from adapters.playground.telegram.errors import ApiError, JsonObject
from adapters.playground.telegram.faults import Fault, connection_reset, server_error, slow, too_many_requests
from adapters.playground.telegram.limits import Rates, Violation
from adapters.playground.telegram.people import Group, Person, Sent
from adapters.playground.telegram.records import Request
from adapters.playground.telegram.server import TOKEN, Sizes, TelegramServer

__all__ = [
    "TOKEN",
    "ApiError",
    "Business",
    "Chat",
    "Draft",
    "Fault",
    "Group",
    "JsonObject",
    "Person",
    "Rates",
    "Request",
    "Sent",
    "Sizes",
    "TelegramServer",
    "Violation",
    "connection_reset",
    "server_error",
    "slow",
    "too_many_requests",
]
