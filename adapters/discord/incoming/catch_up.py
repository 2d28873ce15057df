"""What was written while the bot was not connected.

A new session of the gateway does not tell what happened before it. What is known of the time before is in the
inbox: from the channels of its conversations, and from those of servers that tell of newer messages, everything
since the last message that is known is fetched. The inbox drops what it has already. A customer's very first
direct message during a gap cannot be found: Discord does not list a bot's direct channels.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Literal

import aiohttp
import discord
import structlog

from adapters.discord.incoming.client import message_of
from adapters.discord.incoming.events import CHANNEL
from adapters.discord.options import DiscordOptions
from adapters.discord.origin import channel_of, is_in_guild
from adapters.discord.outgoing.rest import Rest
from bot.errors import ParleyError, RetryLater
from bot.protocols import History

log = structlog.get_logger()

MARGIN = 60_000 << 22
"""A minute, in ids: what was told so shortly before the end may not have been stored."""
PAGE = 100
MOST_PAGES = 3
MOST_SERVER_CHANNELS = 200
AT_ONCE = 2
"""Few, so that deliveries go first."""
PATIENCE = 10.0
DIRECT: Literal["direct"] = "direct"
Source = int | Literal["direct"]
"""A shard, or where direct messages come from."""
Take = Callable[[discord.Message], None]


class CatchUp:
    """Fetches what was missed. Messages that arrive meanwhile are held until their channel has been looked at, so
    that they keep their order. Without shards all comes on shard 0, and direct messages always do.
    """

    def __init__(self, options: DiscordOptions, rest: Rest, history: History, take: Take) -> None:
        self._options = options
        self._rest = rest
        self._history = history
        self._take = take
        self._newest = 0
        self._before_start = 0
        self._gaps: dict[int, int] = {}
        self._unlisted: dict[Source, list[discord.Message]] = {}
        self._held: OrderedDict[str, list[discord.Message]] = OrderedDict()
        self._at_work: set[str] = set()
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Looks up when the last connection ended; raises StorageError."""
        received = await self._history.last_received(CHANNEL)
        self._before_start = self._newest = max(map(_snowflake, received.values()), default=0)

    def arrived(self, message: discord.Message) -> None:
        """A message that the gateway tells of: taken now, or when its channel has been looked at."""
        self._newest = max(self._newest, message.id)
        channel, source = str(message.channel.id), _source(message)
        if channel in self._held:
            self._held[channel].append(message)
            self._held.move_to_end(channel, last=False)
        elif source in self._unlisted:
            self._unlisted[source].append(message)
        else:
            self._take(message)

    def gap_begins(self, shard: int) -> None:
        """A gap that has not been looked at yet only gets longer."""
        self._gaps.setdefault(shard, self._before_start or self._newest)

    def bridged(self, shard: int) -> None:
        """The session goes on, and tells all that was missed."""
        self._gaps.pop(shard, None)

    def session_begins(self, shard: int) -> None:
        """From now on messages are held."""
        if not self._since(shard):
            return
        self._unlisted.setdefault(shard, [])
        if shard == 0:
            self._unlisted.setdefault(DIRECT, [])

    async def direct_channels(self, client: discord.Client, shard: int) -> None:
        """For a new session: looks at the direct channels of known conversations."""
        if DIRECT in self._unlisted and shard == 0:
            since = self._since(shard)
            known = [each for each in await self._known() if not is_in_guild(each)]
            await self._look_at(DIRECT, known, since, client)

    async def server_channels(self, client: discord.Client, shard: int) -> None:
        """For a new session that knows its servers: looks at their channels in which there may be something new."""
        if shard in self._unlisted:
            since = self._gaps.pop(shard, self._before_start)
            known = {channel_of(each) for each in await self._known() if is_in_guild(each)}
            guilds = [guild for guild in client.guilds if guild.shard_id == shard]
            channels = [str(each.id) for each in _channels(guilds) if _may_have_news(each, since - MARGIN, known)]
            await self._look_at(shard, channels[:MOST_SERVER_CHANNELS], since, client)
        self._before_start = 0

    def _since(self, shard: int) -> int:
        return self._gaps.get(shard, self._before_start)

    async def _known(self) -> Sequence[str]:
        try:
            return list(await self._history.last_received(CHANNEL))
        except ParleyError as error:
            log.warning("missed messages not looked for", channel=CHANNEL, error=str(error))
            return ()

    async def _look_at(self, source: Source, channels: Sequence[str], since: int, client: discord.Client) -> None:
        async with self._turn:
            self._held.update((channel, []) for channel in channels)
            for message in self._unlisted.pop(source, ()):
                self.arrived(message)
            try:
                await asyncio.gather(*(self._work(since, client) for _ in range(AT_ONCE)))
            finally:
                for channel in list(self._held):
                    self._release(channel)

    async def _work(self, since: int, client: discord.Client) -> None:
        """Takes one channel after the other, first those in which somebody is writing now."""
        while channel := next((each for each in self._held if each not in self._at_work), None):
            self._at_work.add(channel)
            try:
                await self._fetch(channel, since, client)
            finally:
                self._at_work.discard(channel)
                self._release(channel)

    def _release(self, channel: str) -> None:
        """The same message may have been fetched and told."""
        messages = {message.id: message for message in self._held.pop(channel, ())}
        for message_id in sorted(messages):
            self._take(messages[message_id])

    async def _fetch(self, channel: str, since: int, client: discord.Client) -> None:
        after = max(0, since - MARGIN)
        for _ in range(MOST_PAGES):
            page = await self._page(channel, after)
            self._held[channel] += [message for data in page if (message := _read(client, data))]
            if len(page) < PAGE:
                return
            after = int(page[-1]["id"])

    async def _page(self, channel: str, after: int) -> list[dict[str, Any]]:
        """Empty where the bot may not read, or Discord does not answer."""
        while True:
            try:
                return await self._rest.messages_after(channel, after, PAGE, patience=PATIENCE)
            except RetryLater as error:
                await asyncio.sleep(error.retry_after or 1.0)
            except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
                log.warning("channel not looked at", channel=CHANNEL, place=channel, error=str(error) or repr(error))
                return []


def _read(client: discord.Client, data: dict[str, Any]) -> discord.Message | None:
    try:
        return message_of(client, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("message not understood", channel=CHANNEL, error=repr(error))
        return None


def _source(message: discord.Message) -> Source:
    return message.guild.shard_id if message.guild else DIRECT


def _channels(guilds: Sequence[discord.Guild]) -> list[discord.TextChannel | discord.Thread]:
    found: list[discord.TextChannel | discord.Thread] = []
    for guild in guilds:
        found += guild.text_channels
        found += guild.threads
    return found


def _may_have_news(channel: discord.TextChannel | discord.Thread, after: int, known: set[str]) -> bool:
    """Where Discord does not tell, only channels in which the bot has talked are looked at."""
    if channel.last_message_id is None:
        return str(channel.id) in known
    return channel.last_message_id > after


def _snowflake(external_id: str) -> int:
    """Of a message, an edited form or an interaction."""
    digits = external_id.removeprefix("interaction:").partition(":")[0]
    return int(digits) if digits.isdecimal() else 0
