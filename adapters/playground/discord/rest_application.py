"""REST: the bot's account, its commands, and its answers to interactions."""

from __future__ import annotations

from aiohttp import web

from adapters.playground.discord.answers import answer, done
from adapters.playground.discord.commands import Commands
from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.gate import BODY
from adapters.playground.discord.gateway import Gateway
from adapters.playground.discord.interactions import Interactions
from adapters.playground.discord.model import Json, Message
from adapters.playground.discord.payloads import message_payload, user_payload
from adapters.playground.discord.posts import Posts
from adapters.playground.discord.world import World


class AccountRoutes:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/users/@me", self.me),
            web.get("/users/@me/guilds", self.guilds),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/applications/@me", self.application),
            web.get("/gateway", self.address),
            web.get("/gateway/bot", self.sharded_address),
        ]

    async def me(self, request: web.Request) -> web.Response:
        return answer(user_payload(self._world.bot) | {"mfa_enabled": False, "verified": True, "email": None})

    async def guilds(self, request: web.Request) -> web.Response:
        guilds = self._world.guilds.values()
        return answer([{"id": each.id, "name": each.name, "icon": None, "owner": False} for each in guilds])

    async def application(self, request: web.Request) -> web.Response:
        return answer(self._gateway.application_payload())

    async def address(self, request: web.Request) -> web.Response:
        return answer({"url": self._gateway.url})

    async def sharded_address(self, request: web.Request) -> web.Response:
        shown = {"url": self._gateway.url, "shards": self._gateway.recommended_shards}
        return answer(shown | {"session_start_limit": self._gateway.identifies.payload()})


class CommandRoutes:
    def __init__(self, world: World, commands: Commands) -> None:
        self._world = world
        self._commands = commands

    def routes(self) -> list[web.RouteDef]:
        found = []
        for path in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
            found += [
                web.get(f"{path}/commands", self.registered),
                web.put(f"{path}/commands", self.replace),
                web.post(f"{path}/commands", self.add),
                web.delete(f"{path}/commands/{{command_id}}", self.remove),
            ]
        return found

    async def registered(self, request: web.Request) -> web.Response:
        return answer(self._commands.of(self._guild_id(request)))

    async def replace(self, request: web.Request) -> web.Response:
        return answer(self._commands.replace(self._guild_id(request), request[BODY].items))

    async def add(self, request: web.Request) -> web.Response:
        return answer(self._commands.add(self._guild_id(request), request[BODY].json), 201)

    async def remove(self, request: web.Request) -> web.Response:
        self._commands.remove(self._guild_id(request), request.match_info["command_id"])
        return done()

    def _guild_id(self, request: web.Request) -> str | None:
        if request.match_info["application_id"] != self._world.bot.id:
            raise ApiError(Refusal.MISSING_ACCESS)
        guild_id = request.match_info.get("guild_id")
        return self._world.guild(guild_id).id if guild_id else None


class InteractionRoutes:
    def __init__(self, world: World, interactions: Interactions, posts: Posts) -> None:
        self._world = world
        self._interactions = interactions
        self._posts = posts

    def routes(self) -> list[web.RouteDef]:
        webhook = "/webhooks/{application_id}/{token}"
        return [
            web.post("/interactions/{interaction_id}/{token}/callback", self.answer),
            web.post(webhook, self.follow_up),
            web.get(f"{webhook}/messages/{{message_id}}", self.get),
            web.patch(f"{webhook}/messages/{{message_id}}", self.edit),
            web.delete(f"{webhook}/messages/{{message_id}}", self.delete),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        interaction = self._interactions.expected(request.match_info["interaction_id"], request.match_info["token"])
        self._interactions.answer(interaction, request[BODY].json, request[BODY].uploads)
        if request.query.get("with_response", "").lower() in ("1", "true"):
            return answer(self._interactions.callback_payload(interaction))
        return done()

    async def follow_up(self, request: web.Request) -> web.Response:
        interaction = self._interactions.of_token(self._token(request))
        message = self._interactions.follow_up(interaction, request[BODY].json, request[BODY].uploads)
        return answer(self._shown(message))

    async def get(self, request: web.Request) -> web.Response:
        return answer(self._shown(self._message(request)))

    async def edit(self, request: web.Request) -> web.Response:
        message = self._message(request)
        return answer(self._shown(self._interactions.edit(message, request[BODY].json, request[BODY].uploads)))

    async def delete(self, request: web.Request) -> web.Response:
        self._posts.delete(self._message(request))
        return done()

    def _message(self, request: web.Request) -> Message:
        interaction = self._interactions.of_token(self._token(request))
        return self._interactions.message(interaction, request.match_info["message_id"])

    def _token(self, request: web.Request) -> str:
        if request.match_info["application_id"] != self._world.bot.id:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        return request.match_info["token"]

    def _shown(self, message: Message) -> Json:
        return message_payload(message, self._world.links, self._world.bot)
