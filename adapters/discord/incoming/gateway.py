"""One connection to Discord's gateway, from log-in to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
import discord
import structlog

from adapters.discord.incoming import events
from adapters.discord.incoming.catch_up import CatchUp
from adapters.discord.incoming.client import new_client
from adapters.discord.incoming.feedback import Feedback
from adapters.discord.incoming.intake import Intake
from adapters.discord.incoming.interactions import Interactions
from adapters.discord.incoming.lanes import Overflow
from adapters.discord.options import DiscordOptions
from adapters.discord.outgoing.rest import Rest
from adapters.discord.outgoing.session import close
from bot.errors import ParleyError
from bot.protocols import ChannelStatus, History

log = structlog.get_logger()

DRAIN_SECONDS = 3.0
MOST_SECONDS_AWAY = 30.0
"""The library's pauses between its tries grow to minutes and shrink only after half an hour without a break; so long
it may take to come back before a new client tries anew."""


class Gateway:
    """adapters.discord.incoming.client.Listener: hands each event to who handles it."""

    def __init__(
        self,
        options: DiscordOptions,
        rest: Rest,
        history: History,
        intake: Intake,
        interactions: Interactions,
        status: ChannelStatus,
    ) -> None:
        self._options = options
        self._intake = intake
        self._interactions = interactions
        self._feedback = Feedback(history)
        self._catch_up = CatchUp(options, rest, history, self._take)
        self._status = status
        self._client = new_client(options, self)
        self._up: set[int] = set()
        self._down: dict[int, object] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: Exception | None = None

    async def run(self) -> None:
        """Hears events until the connection ends for good; raises why."""
        try:
            await self._catch_up.begin()
            await self._client.start(self._options.token)
            raise self._ending or ConnectionError("Discord ended the connection")
        finally:
            await close(self._client)
            await self._intake.close(DRAIN_SECONDS)
            await self._end_tasks()

    def session_begins(self, shard: int) -> None:
        """What was written since an earlier session ended is not told."""
        self._catch_up.session_begins(shard)
        self._start(self._catch_up.direct_channels(self._client, shard))
        self._connected(shard)

    def servers_known(self, shard: int) -> None:
        """Said some time after a session has begun; if that has ended, the next one looks at the gap of both."""
        if shard in self._up:
            self._start(self._catch_up.server_channels(self._client, shard))

    def session_goes_on(self, shard: int) -> None:
        self._catch_up.bridged(shard)
        self._connected(shard)

    def lost(self, shard: int) -> None:
        """A connection that never was is not lost: why it did not come about is told by `run`."""
        if shard in self._up:
            self._up.discard(shard)
            gap = self._down[shard] = object()
            self._start(self._end_unless_back(shard, gap))
            self._catch_up.gap_begins(shard)
            self._status.lost("has lost its connection to Discord and is connecting again")

    def message(self, message: discord.Message) -> None:
        """Called in the order in which Discord tells of the messages."""
        self._catch_up.arrived(message)

    def reaction(self, reaction: discord.RawReactionActionEvent) -> None:
        me = self._client.user
        if me is not None and reaction.user_id != me.id and (score := events.thumbs(reaction.emoji)):
            self._start(self._feedback.rate(reaction, score))

    async def interaction(self, interaction: discord.Interaction) -> None:
        try:
            await self._interactions.handle(interaction)
        except Overflow as error:
            self._give_up(error)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, ParleyError) as error:
            log.warning("interaction not answered", channel="discord", interaction=interaction.id, error=str(error))

    def _connected(self, shard: int) -> None:
        self._up.add(shard)
        self._down.pop(shard, None)
        if not self._down:
            self._status.connected()

    def _take(self, message: discord.Message) -> None:
        me = self._client.user
        if me is None or not (written := events.written(message, me, self._options)):
            return
        try:
            self._intake.write(written)
        except Overflow as error:
            self._give_up(error)

    async def _end_unless_back(self, shard: int, gap: object) -> None:
        await asyncio.sleep(MOST_SECONDS_AWAY)
        if self._down.get(shard) is gap:
            self._give_up(ConnectionError(f"Discord was away for {MOST_SECONDS_AWAY:g} seconds"))

    def _give_up(self, error: Exception) -> None:
        """Stops listening; what is not taken now is fetched after the next start."""
        if self._ending is None:
            self._ending = error
            self._start(self._client.close())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:
        log.error("work for Discord failed", channel=events.CHANNEL, exc_info=error)
