"""Deliveries to the bot's webhook: in order within a chat, repeated with growing pauses until they are accepted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.errors import JsonObject
from adapters.playground.telegram.updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_ANSWER_SECONDS = 60.0


@dataclass
class Webhook:
    """Where updates go; an empty `url` means nowhere. Times in seconds since 1970."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error_date: int = 0
    last_error_message: str = ""
    deliveries: int = 0
    """Requests made to the webhook since it was set."""

    def shape(self, updates: Updates) -> JsonObject:
        """WebhookInfo."""
        info: JsonObject = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates.pending),
        }
        if self.url:
            info["max_connections"] = self.max_connections
        if self.ip_address:
            info["ip_address"] = self.ip_address
        if updates.allowed:
            info["allowed_updates"] = updates.allowed
        if self.last_error_date:
            info |= {"last_error_date": self.last_error_date, "last_error_message": self.last_error_message}
        return info


@dataclass
class _Pause:
    """After a failure nothing goes to this chat before `until`, by the monotonic clock."""

    seconds: float
    until: float


@dataclass
class Deliverer:
    """Gives the waiting updates to the webhook while `run` runs; `first_pause` and `longest_pause` in seconds."""

    updates: Updates
    changes: Changes
    first_pause: float
    longest_pause: float
    webhook: Webhook = field(default_factory=Webhook)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _pauses: dict[str, _Pause] = field(default_factory=dict)
    _repeats: int = 0

    def set(self, webhook: Webhook) -> None:
        """Changes where updates go; deliveries under way are finished first."""
        self.webhook = webhook
        self._pauses.clear()
        self.updates.available.set()

    async def run(self) -> None:
        """Delivers until it is cancelled; then ends the deliveries under way."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    self.updates.available.clear()
                    self._start_deliveries(session)
                    await self._next_occasion()
            finally:
                await self._end_deliveries()

    def _start_deliveries(self, session: aiohttp.ClientSession) -> None:
        if not self.webhook.url:
            return
        while self._is_free() and (update := self.updates.take_again()):
            self._repeats += 1
            self._start(session, f"repeat {self._repeats}", -1, update)
        for chat, key, update in self._due():
            if not self._is_free():
                return
            self._start(session, chat, key, update)

    def _is_free(self) -> bool:
        return len(self._busy) < self.webhook.max_connections

    def _start(self, session: aiohttp.ClientSession, chat: str, key: int, update: JsonObject) -> None:
        task = asyncio.create_task(self._deliver(session, chat, key, update))
        self._busy[chat] = task
        task.add_done_callback(partial(self._finished, chat))

    def _due(self) -> Iterator[tuple[str, int, JsonObject]]:
        """The first waiting update of each chat that is neither busy nor in its pause."""
        now = time.monotonic()
        seen: set[str] = set()
        for key, update in list(self.updates.pending.items()):
            chat = chat_of(update)
            pause = self._pauses.get(chat)
            if chat not in seen and chat not in self._busy and (pause is None or pause.until <= now):
                yield chat, key, update
            seen.add(chat)

    def _finished(self, chat: str, task: asyncio.Task[None]) -> None:
        del self._busy[chat]
        self.updates.available.set()

    async def _next_occasion(self) -> None:
        """Waits for a new update, the end of a delivery or the end of a pause."""
        now = time.monotonic()
        waits = [pause.until - now for pause in self._pauses.values() if pause.until > now]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(waits, default=None)):
                await self.updates.available.wait()

    async def _deliver(self, session: aiohttp.ClientSession, chat: str, key: int, update: JsonObject) -> None:
        webhook = self.webhook
        webhook.deliveries += 1
        problem = await _post(session, webhook, update)
        if problem is None:
            self._pauses.pop(chat, None)
            self.updates.confirm(key)
            return
        webhook.last_error_date, webhook.last_error_message = int(time.time()), problem
        before = self._pauses.get(chat)
        seconds = min(before.seconds * 2, self.longest_pause) if before else self.first_pause
        self._pauses[chat] = _Pause(seconds, time.monotonic() + seconds)
        self.changes.announce()

    async def _end_deliveries(self) -> None:
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _post(session: aiohttp.ClientSession, webhook: Webhook, update: Mapping[str, Any]) -> str | None:
    """One delivery; what went wrong in words, or None."""
    headers = {"Content-Type": "application/json"}
    if webhook.secret_token:
        headers[SECRET_HEADER] = webhook.secret_token
    try:
        async with session.post(webhook.url, data=json.dumps(update), headers=headers) as answer:
            await answer.read()
            if 200 <= answer.status < 300:
                return None
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientConnectorError:
        return "Connection refused"
    except (aiohttp.ClientError, OSError):
        return "Connection reset by peer"


def chat_of(update: Mapping[str, Any]) -> str:
    """What keeps updates in order: the chat that an update is about, or the update itself if it names none."""
    for payload in update.values():
        if not isinstance(payload, dict):
            continue
        inner = payload.get("message")
        holder = inner if isinstance(inner, dict) else payload
        chat = holder.get("chat")
        if isinstance(chat, dict) and "id" in chat:
            return f"{holder.get('business_connection_id', '')}/{chat['id']}"
    return f"update {update.get('update_id')}"
