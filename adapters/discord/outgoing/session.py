"""The way to Discord's HTTP interface, shared by all who need it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import discord

from adapters.discord.endpoints import redirected
from adapters.discord.options import DiscordOptions
from adapters.discord.outgoing.rest import Rest, pauses
from adapters.pacing import Pacer

CLOSE_SECONDS = 5.0


class Session:
    """Logged in by its first user and closed after its last, so that what is on its way when the gateway ends is
    still delivered."""

    def __init__(self, options: DiscordOptions) -> None:
        self._options = options
        self._pacer = Pacer()
        self._lock = asyncio.Lock()
        self._users = 0
        self._stack = AsyncExitStack()
        self._rest: Rest | None = None

    @asynccontextmanager
    async def rest(self) -> AsyncIterator[Rest]:
        """Raises the library's LoginFailure and HTTPException, and aiohttp's errors, where the log-in fails."""
        rest = await self._enter()
        try:
            yield rest
        finally:
            await self._leave()

    async def _enter(self) -> Rest:
        async with self._lock:
            if self._rest is None:
                self._rest = await self._open()
            self._users += 1
            return self._rest

    async def _open(self) -> Rest:
        async with AsyncExitStack() as stack:
            stack.enter_context(redirected(self._options))
            client = discord.Client(
                intents=discord.Intents(guilds=True), max_messages=None, http_trace=pauses(self._pacer)
            )
            stack.push_async_callback(close, client)
            await client.login(self._options.token)
            self._stack = stack.pop_all()
            application = self._options.application_id or str(client.application_id)
            return Rest(client.http, application, self._pacer)

    async def _leave(self) -> None:
        async with self._lock:
            self._users -= 1
            if not self._users:
                self._rest = None
                await self._stack.aclose()


async def close(client: discord.Client) -> None:
    """Ends all that the client has begun, though its server may not answer any more."""
    state = client._connection
    for task in (state._ready_task, *getattr(state, "_ready_tasks", {}).values()):
        if task is not None:
            task.cancel()  # the library lets it run on, into a client that is closed
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    except TimeoutError:
        await client.http.close()
