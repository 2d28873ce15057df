"""Hears other processes' notices on PostgreSQL, for as long as the store is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import Connection, make_url, select

from bot.errors import StorageError
from bot.messages import Finished
from storage import rows
from storage.database import Database
from storage.tables import Messages
from storage.waking.signals import TOPIC, Notice, Signals, Subscribed

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
CHECK_SECONDS = 30.0
CONNECT_SECONDS = 5.0


class Listener:
    """Rings this process's bells for other processes' work, and publishes the replies that they stored."""

    def __init__(self, url: str, database: Database, signals: Signals, streams: Subscribed) -> None:
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._database = database
        self._signals = signals
        self._streams = streams
        self._notices: asyncio.Queue[Notice] = asyncio.Queue(1000)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._publish())]

    async def close(self) -> None:
        """Ends the tasks and awaits them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("Notices of other processes are not heard (%s); trying again.", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
        try:
            await connection.add_listener(TOPIC, self._hear)
            self._signals.ring_all()
            while True:
                await asyncio.sleep(CHECK_SECONDS)
                await connection.fetchval("SELECT 1", timeout=CONNECT_SECONDS)
        finally:
            connection.terminate()

    def _hear(self, _connection: Any, _process: int, _topic: str, payload: str) -> None:
        notice = self._signals.heard(payload)
        if notice and any(self._streams.has_subscribers(conversation) for conversation, _ in notice.replies):
            try:
                self._notices.put_nowait(notice)
            except asyncio.QueueFull:
                log.warning("Too many notices; those who wait for a reply will find it in the history.")

    async def _publish(self) -> None:
        while True:
            notice = await self._notices.get()
            wanted = [
                (conversation, reply)
                for conversation, reply in notice.replies
                if self._streams.has_subscribers(conversation)
            ]
            try:
                events = await self._database.read(partial(_finished, wanted))
            except StorageError as error:
                log.warning("A reply of another process cannot be read: %s", error)
                continue
            for event in events:
                self._streams.publish(event)


def _finished(wanted: Sequence[tuple[str, str]], connection: Connection) -> list[Finished]:
    ids = [reply_id for _, reply_id in wanted]
    replies = rows.replies(connection, ids)
    answered: dict[str, list[str]] = {}
    query = select(Messages.id, Messages.reply_id).where(Messages.reply_id.in_(ids)).order_by(Messages.number)
    for row in connection.execute(query):
        answered.setdefault(row.reply_id, []).append(row.id)
    return [
        Finished(conversation, replies[reply_id], tuple(answered.get(reply_id, ())))
        for conversation, reply_id in wanted
        if reply_id in replies
    ]
