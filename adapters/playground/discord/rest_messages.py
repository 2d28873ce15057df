"""REST: messages, typing and reactions of channels."""

from __future__ import annotations

from aiohttp import web

from adapters.playground.discord.answers import answer, done
from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.events import Intent
from adapters.playground.discord.forms import read_changes, read_draft
from adapters.playground.discord.gate import BODY
from adapters.playground.discord.gateway import Gateway
from adapters.playground.discord.model import Channel, Json, Message, Permission
from adapters.playground.discord.payloads import message_payload, user_payload
from adapters.playground.discord.posts import Posts, without_content
from adapters.playground.discord.rights import require, require_to_write
from adapters.playground.discord.world import World

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{MESSAGES}/{{message_id}}"
REACTION = f"{MESSAGE}/reactions/{{emoji}}"


class MessageRoutes:
    def __init__(self, world: World, posts: Posts, gateway: Gateway) -> None:
        self._world = world
        self._posts = posts
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(MESSAGES, self.page),
            web.post(MESSAGES, self.create),
            web.get(MESSAGE, self.get),
            web.patch(MESSAGE, self.edit),
            web.delete(MESSAGE, self.delete),
            web.post("/channels/{channel_id}/typing", self.typing),
            web.put(f"{REACTION}/@me", self.react),
            web.delete(f"{REACTION}/@me", self.unreact),
            web.get(REACTION, self.reactions),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Newest first; `limit`, `before`, `after` and `around`."""
        channel = self._channel(request, Permission.READ_MESSAGE_HISTORY)
        return answer([self._shown(message) for message in _page(channel, request)])

    async def create(self, request: web.Request) -> web.Response:
        channel = self._world.channel(request.match_info["channel_id"])
        require_to_write(channel)
        body = request[BODY]
        draft = read_draft(body.json, body.uploads, channel)
        if draft.uploads:
            require(channel, Permission.ATTACH_FILES)
        if draft.answers:
            require(channel, Permission.READ_MESSAGE_HISTORY)
        return answer(self._shown(self._posts.send(channel, self._world.bot, draft)))

    async def get(self, request: web.Request) -> web.Response:
        return answer(self._shown(self._message(request, Permission.READ_MESSAGE_HISTORY)))

    async def edit(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.VIEW_CHANNEL)
        if message.author is not self._world.bot:
            raise ApiError(Refusal.NOT_THE_AUTHOR)
        body = request[BODY]
        changes, allowed = read_changes(body.json, message)
        changes |= self._posts.files_after(message, body.json, body.uploads)
        _refuse_emptiness(message, changes)
        return answer(self._shown(self._posts.edit(message, changes, allowed)))

    async def delete(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.VIEW_CHANNEL)
        if message.author is not self._world.bot:
            if message.channel.guild is None:
                raise ApiError(Refusal.DIRECT_MESSAGE_CHANNEL)
            require(message.channel, Permission.MANAGE_MESSAGES)
        self._posts.delete(message)
        return done()

    async def typing(self, request: web.Request) -> web.Response:
        channel = self._world.channel(request.match_info["channel_id"])
        require_to_write(channel)
        self._posts.start_typing(channel, self._world.bot)
        return done()

    async def react(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.READ_MESSAGE_HISTORY)
        emoji = _emoji(request)
        if emoji not in message.reactions:
            require(message.channel, Permission.ADD_REACTIONS)
        self._posts.react(message, self._world.bot, emoji)
        return done()

    async def unreact(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.VIEW_CHANNEL)
        self._posts.unreact(message, self._world.bot, _emoji(request))
        return done()

    async def reactions(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.READ_MESSAGE_HISTORY)
        users = message.reactions.get(_emoji(request), [])
        return answer([user_payload(self._world.user(each)) for each in users])

    def _channel(self, request: web.Request, needed: Permission) -> Channel:
        channel = self._world.channel(request.match_info["channel_id"])
        require(channel, needed)
        return channel

    def _message(self, request: web.Request, needed: Permission) -> Message:
        message = self._world.message(self._channel(request, needed), request.match_info["message_id"])
        if message.is_ephemeral:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        return message

    def _shown(self, message: Message) -> Json:
        """Without content where the bot's application may not have MESSAGE_CONTENT."""
        payload = message_payload(message, self._world.links, self._world.bot)
        may_read = bool(self._gateway.allowed_intents & Intent.MESSAGE_CONTENT) or self._posts.is_readable(message)
        return payload if may_read else without_content(payload)


def _refuse_emptiness(message: Message, changes: Json) -> None:
    after = {name: changes.get(name, getattr(message, name)) for name in ("content", "embeds", "components")}
    if not any(after.values()) and not changes.get("attachments", message.attachments):
        raise ApiError(Refusal.EMPTY_MESSAGE)


def _emoji(request: web.Request) -> str:
    emoji = request.match_info["emoji"]
    name, _, identity = emoji.partition(":")
    if emoji.isascii() and not (name and identity.isdecimal()):
        raise ApiError(Refusal.UNKNOWN_EMOJI)
    return emoji


def _page(channel: Channel, request: web.Request) -> list[Message]:
    form = Form()
    limit = _number(form, request, "limit") or 50
    if not 1 <= limit <= 100:
        form.wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    before, after, around = (_number(form, request, name) for name in ("before", "after", "around"))
    form.check()
    found = [message for message in channel.messages.values() if not message.is_ephemeral]
    if after is not None:
        return [message for message in found if int(message.id) > after][:limit][::-1]
    if around is not None:
        newer = [message for message in found if int(message.id) > around][: limit // 2]
        older = [message for message in found if int(message.id) <= around][-(limit - len(newer)) :]
        return [*older, *newer][::-1]
    older = [message for message in found if before is None or int(message.id) < before]
    return older[-limit:][::-1]


def _number(form: Form, request: web.Request, name: str) -> int | None:
    value = request.query.get(name)
    if value is not None and not value.isdecimal():
        form.wrong(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        return None
    return int(value) if value is not None else None
