"""Calls of Discord's HTTP interface by ids, through the library's client, at the pace that Discord allows.

The library keeps each route's bucket; what it does not keep is the limit over all routes.
https://docs.discord.com/developers/topics/rate-limits
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.discord import failures
from adapters.pacing import Limit, Pacer

OVERALL = {"bot": Limit(45, 1.0)}
"""Discord allows 50 a second; the rest is for the library's own calls and its repetitions."""
OF_A_ROUTE = Limit(100, 1.0)
"""Never reached; it is there to be paused."""
DELIVERY_PATIENCE = 20.0

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send beside a message."""

    name: str
    content: bytes


class Rest:
    """`patience` is how long a call may wait for its turn, in seconds; without it, RetryLater is raised at once.

    All methods raise the library's HTTPException and RateLimited, and aiohttp's errors.
    """

    def __init__(self, http: HTTPClient, application_id: str, pacer: Pacer) -> None:
        self.application_id = application_id
        self._http = http
        self._pacer = pacer

    async def send(
        self, channel: str, body: Body, files: Sequence[Upload] = (), *, patience: float = DELIVERY_PATIENCE
    ) -> dict[str, Any]:
        """The new message, or the one that was sent before with the same nonce."""
        return await self._paced(_channel("POST", "/messages", channel), patience, body, files)

    async def edit(
        self, channel: str, message: str, body: Body, files: Sequence[Upload] = (), *, patience: float
    ) -> dict[str, Any]:
        route = _channel("PATCH", "/messages/{message_id}", channel, message_id=message)
        return await self._paced(route, patience, body, files)

    async def type(self, channel: str) -> None:
        """Shows for ten seconds that somebody is writing."""
        await self._paced(_channel("POST", "/typing", channel), 0)

    async def start_thread(self, channel: str, message: str, name: str, *, patience: float) -> None:
        """Makes the message's thread, whose id is the message's; it may exist already."""
        route = _channel("POST", "/messages/{message_id}/threads", channel, message_id=message)
        try:
            await self._paced(route, patience, {"name": name})
        except discord.HTTPException as error:
            if error.code != failures.THREAD_EXISTS:
                raise

    async def messages_after(self, channel: str, after: int, limit: int, *, patience: float) -> list[dict[str, Any]]:
        """The oldest messages behind the id `after`, oldest first; at most 100."""
        route = _channel("GET", "/messages", channel)
        async with self._slot(route, patience):
            found: list[dict[str, Any]] = await self._http.request(route, params={"limit": limit, "after": after})
        return sorted(found, key=lambda message: int(message["id"]))

    async def direct_channel(self, user: str) -> str:
        """The id of the channel for direct messages with a user."""
        route = Route("POST", "/users/@me/channels")
        return str((await self._paced(route, DELIVERY_PATIENCE, {"recipient_id": user}))["id"])

    async def respond(self, interaction: str, token: str, kind: int, data: Body | None = None) -> None:
        """The first answer to an interaction, which has to come within three seconds of it."""
        route = Route(
            "POST", "/interactions/{webhook_id}/{webhook_token}/callback", webhook_id=interaction, webhook_token=token
        )
        await self._request(route, {"type": kind, "data": data} if data else {"type": kind})

    async def edit_response(self, token: str, body: Body, files: Sequence[Upload] = ()) -> dict[str, Any]:
        """Fills or changes the first answer to an interaction."""
        return await self._request(self._webhook("PATCH", "/messages/@original", token), body, files)

    async def follow_up(self, token: str, body: Body, files: Sequence[Upload] = ()) -> dict[str, Any]:
        """A further answer to an interaction."""
        return await self._request(self._webhook("POST", "", token), body, files)

    async def commands(self, guild: str) -> list[dict[str, Any]]:
        """The slash commands that are registered on a server, or everywhere for an empty id."""
        route = self._commands("GET", guild)
        async with self._slot(route, DELIVERY_PATIENCE):
            found: list[dict[str, Any]] = await self._http.request(route, params={"with_localizations": "true"})
        return found

    async def replace_commands(self, guild: str, definitions: Sequence[Body]) -> None:
        """Registers these slash commands and no others."""
        await self._paced(self._commands("PUT", guild), DELIVERY_PATIENCE, definitions)

    async def _paced(
        self, route: Route, patience: float, body: Body | Sequence[Body] | None = None, files: Sequence[Upload] = ()
    ) -> dict[str, Any]:
        async with self._slot(route, patience):
            return await self._request(route, body, files)

    def _slot(self, route: Route, patience: float) -> AbstractAsyncContextManager[None]:
        return self._pacer.slot({_key(route.method, route.url): OF_A_ROUTE, **OVERALL}, patience=patience)

    async def _request(
        self, route: Route, body: Body | Sequence[Body] | None = None, files: Sequence[Upload] = ()
    ) -> dict[str, Any]:
        """What Discord answers; an empty dictionary where that is nothing."""
        if files:
            answer = await self._upload(route, body, files)
        elif body is not None:
            answer = await self._http.request(route, json=body)
        else:
            answer = await self._http.request(route)
        return answer if isinstance(answer, dict) else {}

    async def _upload(self, route: Route, body: Any, files: Sequence[Upload]) -> Any:
        """https://docs.discord.com/developers/reference#uploading-files"""
        sources = [discord.File(io.BytesIO(file.content), filename=file.name) for file in files]
        attachments = [{"id": index, "filename": file.filename} for index, file in enumerate(sources)]
        form: list[dict[str, Any]] = [
            {"name": "payload_json", "value": json.dumps({**body, "attachments": attachments})},
            *(
                {"name": f"files[{index}]", "value": file.fp, "filename": file.filename}
                for index, file in enumerate(sources)
            ),
        ]
        return await self._http.request(route, files=sources, form=form)

    def _webhook(self, method: str, path: str, token: str) -> Route:
        base = "/webhooks/{webhook_id}/{webhook_token}"
        return Route(method, base + path, webhook_id=self.application_id, webhook_token=token)

    def _commands(self, method: str, guild: str) -> Route:
        if guild:
            path = "/applications/{application_id}/guilds/{guild_id}/commands"
            return Route(method, path, application_id=self.application_id, guild_id=guild)
        return Route(method, "/applications/{application_id}/commands", application_id=self.application_id)


def pauses(pacer: Pacer) -> aiohttp.TraceConfig:
    """Sees to it that a route is left alone for as long as Discord has asked, whoever asks next.

    The library itself sleeps that long, and forgets it when its caller does not wait.
    """

    async def on_request_end(_: aiohttp.ClientSession, context: object, end: aiohttp.TraceRequestEndParams) -> None:
        if end.response.status == 429:
            headers = end.response.headers
            is_global = headers.get("X-RateLimit-Scope") == "global"
            pacer.pause("bot" if is_global else _key(end.method, str(end.url.with_query(None))), _seconds(headers))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(on_request_end)
    return trace


def _seconds(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _key(method: str, url: str) -> str:
    return f"{method} {url}"


def _channel(method: str, path: str, channel: str, **parameters: str) -> Route:
    return Route(method, "/channels/{channel_id}" + path, channel_id=channel, **parameters)
