"""REST: channels, threads and guilds."""

from __future__ import annotations

from aiohttp import web

from adapters.playground.discord.answers import answer, done
from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.gate import BODY
from adapters.playground.discord.model import Channel, ChannelType, Json, Permission
from adapters.playground.discord.payloads import channel_payload, guild_payload, member_payload, user_payload
from adapters.playground.discord.rights import require
from adapters.playground.discord.threads import Threads
from adapters.playground.discord.world import World

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
THREAD_TYPES = {11: Permission.CREATE_PUBLIC_THREADS, 12: Permission.CREATE_PRIVATE_THREADS}


class ChannelRoutes:
    def __init__(self, world: World, threads: Threads) -> None:
        self._world = world
        self._threads = threads

    def routes(self) -> list[web.RouteDef]:
        channel, guild = "/channels/{channel_id}", "/guilds/{guild_id}"
        return [
            web.get(channel, self.get),
            web.patch(channel, self.edit),
            web.delete(channel, self.delete),
            web.post(f"{channel}/threads", self.create_thread),
            web.post(f"{channel}/messages/{{message_id}}/threads", self.create_thread_from_message),
            web.put(f"{channel}/thread-members/{{user_id}}", self.touch_thread_member),
            web.delete(f"{channel}/thread-members/{{user_id}}", self.touch_thread_member),
            web.post("/users/@me/channels", self.open_direct_channel),
            web.get(guild, self.get_guild),
            web.get(f"{guild}/channels", self.list_channels),
            web.get(f"{guild}/threads/active", self.list_threads),
            web.get(f"{guild}/members/{{user_id}}", self.get_member),
            web.get("/users/{user_id}", self.get_user),
        ]

    async def get(self, request: web.Request) -> web.Response:
        return answer(self._shown(self._channel(request, Permission.VIEW_CHANNEL)))

    async def edit(self, request: web.Request) -> web.Response:
        """A thread's name, and whether it is archived or locked."""
        channel = self._channel(request, Permission.VIEW_CHANNEL)
        if channel.owner is not self._world.bot or request[BODY].json.get("locked") is not None:
            require(channel, Permission.MANAGE_THREADS)
        form = Form()
        form.text("name", request[BODY].json.get("name"), 100, 1)
        form.check()
        self._threads.edit(channel, request[BODY].json)
        return answer(self._shown(channel))

    async def delete(self, request: web.Request) -> web.Response:
        channel = self._channel(request, Permission.MANAGE_THREADS)
        if channel.type is not ChannelType.DIRECT:
            self._world.remove_channel(channel)
        return answer(self._shown(channel))

    async def create_thread(self, request: web.Request) -> web.Response:
        body, form = request[BODY].json, Form()
        kind = form.number("type", body.get("type", ChannelType.PRIVATE_THREAD))
        if kind not in THREAD_TYPES:
            form.wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {tuple(THREAD_TYPES)}.")
        name, minutes = _read_thread(form, body)
        channel = self._parent(request, THREAD_TYPES[kind])
        return answer(self._shown(self._threads.create(channel, ChannelType(kind), name, minutes)), 201)

    async def create_thread_from_message(self, request: web.Request) -> web.Response:
        name, minutes = _read_thread(Form(), request[BODY].json)
        channel = self._parent(request, Permission.CREATE_PUBLIC_THREADS)
        message = self._world.message(channel, request.match_info["message_id"])
        if message.thread:
            raise ApiError(Refusal.THREAD_EXISTS)
        return answer(self._shown(self._threads.create_from(message, name, minutes)), 201)

    async def touch_thread_member(self, request: web.Request) -> web.Response:
        """Who has joined a thread is not kept: everybody who sees its channel may read it."""
        self._channel(request, Permission.VIEW_CHANNEL)
        return done()

    async def open_direct_channel(self, request: web.Request) -> web.Response:
        user = self._world.users.get(str(request[BODY].json.get("recipient_id")))
        if user is None or user is self._world.bot:
            raise ApiError(Refusal.INVALID_RECIPIENT)
        return answer(self._shown(self._world.direct_channel(user)))

    async def get_guild(self, request: web.Request) -> web.Response:
        return answer(guild_payload(self._world.guild(request.match_info["guild_id"])))

    async def list_channels(self, request: web.Request) -> web.Response:
        guild = self._world.guild(request.match_info["guild_id"])
        return answer([self._shown(each) for each in self._world.channels_of(guild) if not each.type.is_thread])

    async def list_threads(self, request: web.Request) -> web.Response:
        guild = self._world.guild(request.match_info["guild_id"])
        threads = [each for each in self._world.channels_of(guild) if each.type.is_thread and not each.archived]
        return answer({"threads": [self._shown(each) for each in threads], "members": []})

    async def get_member(self, request: web.Request) -> web.Response:
        guild = self._world.guild(request.match_info["guild_id"])
        user = guild.members.get(request.match_info["user_id"])
        if user is None:
            raise ApiError(Refusal.UNKNOWN_MEMBER)
        return answer(member_payload(user, guild))

    async def get_user(self, request: web.Request) -> web.Response:
        return answer(user_payload(self._world.user(request.match_info["user_id"])))

    def _channel(self, request: web.Request, needed: Permission) -> Channel:
        channel = self._world.channel(request.match_info["channel_id"])
        require(channel, needed)
        return channel

    def _parent(self, request: web.Request, needed: Permission) -> Channel:
        channel = self._channel(request, needed)
        if channel.type is not ChannelType.TEXT:
            raise ApiError(Refusal.NOT_A_TEXT_CHANNEL)
        return channel

    def _shown(self, channel: Channel) -> Json:
        return channel_payload(channel, self._world.bot)


def _read_thread(form: Form, body: Json) -> tuple[str, int]:
    """Name and minutes until it is archived; raises ApiError 50035."""
    if form.require("name", body.get("name")):
        form.text("name", body["name"], 100, 1)
    minutes = body.get("auto_archive_duration") or 1440
    if minutes not in ARCHIVE_MINUTES:
        form.wrong("auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {ARCHIVE_MINUTES}.")
    form.check()
    return str(body["name"]), int(minutes)
