"""The server as a whole: built here, started and stopped on one port."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from adapters.playground.discord.cdn import Cdn
from adapters.playground.discord.clock import Clock
from adapters.playground.discord.commands import Commands
from adapters.playground.discord.events import Event, Intent
from adapters.playground.discord.faults import Faults
from adapters.playground.discord.gate import API, Gate
from adapters.playground.discord.gateway import Gateway
from adapters.playground.discord.interactions import Interactions
from adapters.playground.discord.limits import RateLimits
from adapters.playground.discord.model import Channel, Guild, Json, Message, User
from adapters.playground.discord.people import Person
from adapters.playground.discord.posts import Posts
from adapters.playground.discord.requests import Requests
from adapters.playground.discord.rest_application import AccountRoutes, CommandRoutes, InteractionRoutes
from adapters.playground.discord.rest_channels import ChannelRoutes
from adapters.playground.discord.rest_messages import MessageRoutes
from adapters.playground.discord.threads import Threads
from adapters.playground.discord.world import World

HOST = "127.0.0.1"
TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.GpLay0.playground-token-for-nobody-else"
Found = TypeVar("Found")


class DiscordServer:
    """A Discord of one's own, for one bot.

    `async with DiscordServer() as server:` listens on a free port of the loopback. A server that was stopped starts
    again on its port, and knows its sessions and messages still. A token begins with the bot's id in Base64.
    `heartbeat_seconds` is what clients are told;
    `identify_seconds` the time in which `max_concurrency` sessions may begin; with `enforce_limits` off, requests
    beyond a limit pass and are counted only.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = TOKEN,
        bot_name: str = "Parley",
        enforce_limits: bool = True,
        heartbeat_seconds: float = 41.25,
        max_concurrency: int = 1,
        identify_seconds: float = 5.0,
        kept_requests: int = 50_000,
    ) -> None:
        self.port = port
        self.clock = Clock()
        self.token = token
        self.world = World(self.clock, _bot_id(token), bot_name)
        self.limits = RateLimits(self.clock, enforce_limits)
        self.faults = Faults()
        self.requests = Requests(kept_requests)
        self.gateway = Gateway(
            self.world,
            self.token,
            heartbeat_seconds=heartbeat_seconds,
            max_concurrency=max_concurrency,
            identify_seconds=identify_seconds,
        )
        self.commands = Commands(self.world.ids, self.world.bot.id)
        self._posts = Posts(self.world)
        self._threads = Threads(self.world, self._posts)
        self._interactions = Interactions(self.world, self._posts)
        self._runner: web.AppRunner | None = None

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def application_id(self) -> str:
        """The bot's user has the same id, as on the real platform."""
        return self.world.bot.id

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def api_base_url(self) -> str:
        return f"{self.base_url}{API}"

    @property
    def gateway_url(self) -> str:
        return f"ws://{HOST}:{self.port}/gateway"

    @property
    def cdn_base_url(self) -> str:
        return f"{self.base_url}/cdn"

    async def start(self) -> None:
        """Listens; the port is chosen at the first start and kept."""
        app = web.Application()
        self.mount(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port, reuse_address=True).start()
        self.listens_on(int(self._runner.addresses[0][1]))

    async def stop(self) -> None:
        """Cuts all connections; what is known stays known."""
        self.gateway.drop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def mount(self, app: web.Application) -> None:
        """Adds the API, the gateway and the CDN to another server; tell its port by `listens_on`."""
        gate = Gate(self.world, self.token, self.limits, self.faults, self.requests)
        api = web.Application(middlewares=[gate.middleware()])
        for routes in (
            AccountRoutes(self.world, self.gateway),
            MessageRoutes(self.world, self._posts, self.gateway),
            ChannelRoutes(self.world, self._threads),
            CommandRoutes(self.world, self.commands),
            InteractionRoutes(self.world, self._interactions, self._posts),
        ):
            api.add_routes(routes.routes())
        cdn = web.Application()
        cdn.add_routes(Cdn(self.world).routes())
        app.add_subapp(API, api)
        app.add_subapp("/cdn", cdn)
        app.router.add_get("/gateway", self.gateway.connect)

    def listens_on(self, port: int) -> None:
        """Addresses in answers name this port from now on."""
        self.port = port
        self.gateway.url = self.gateway_url
        self.world.links.base_url = self.cdn_base_url

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def person(self, name: str) -> Person:
        """A new user."""
        return self.as_person(self.world.add_user(name))

    def as_person(self, user: User) -> Person:
        """A user that exists, to act as."""
        return Person(user, self.world, self._posts, self.commands, self._interactions)

    def guild(self, name: str, members: Iterable[Person] = ()) -> Guild:
        """A new guild, with the bot in it."""
        return self.world.add_guild(name, [person.user for person in members])

    def text_channel(self, guild: Guild, name: str) -> Channel:
        """A new channel of a guild."""
        return self.world.add_text_channel(guild, name)

    def redeliver(self, message: Message) -> None:
        """Tells of a message again, as a gateway may do."""
        self._posts.tell("MESSAGE_CREATE", message)

    def inject(self, name: str, data: Json, guild: Guild | None = None, intent: Intent | None = None) -> None:
        """Dispatches any event at all, well-formed or not."""
        self.world.tell(Event(name, data, guild, intent or Intent(0)))

    def written_by_bot(self, channel: Channel, after: Message | None = None) -> list[Message]:
        """The bot's messages of a channel in their present state, oldest first; only those after another."""
        found = channel.after(after.id) if after else list(channel.messages.values())
        return [message for message in found if message.author is self.bot]

    async def until(self, find: Callable[[], Found], timeout: float = 10.0) -> Found:
        """What `find` returns as soon as it is true, looked at after every change; raises TimeoutError."""
        return await self.world.changes.until(find, timeout)

    async def reply(self, to: Message, timeout: float = 10.0) -> Message:
        """The bot's first message after one, as soon as it has come; raises TimeoutError."""
        found = await self.until(lambda: self.written_by_bot(to.channel, to), timeout)
        return found[0]

    async def connected(self, shards: int = 1, timeout: float = 10.0) -> None:
        """Returns when so many sessions are connected; raises TimeoutError."""
        await self.until(lambda: len(self.gateway.sessions.connected) >= shards, timeout)


def _bot_id(token: str) -> str:
    encoded = token.partition(".")[0]
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
