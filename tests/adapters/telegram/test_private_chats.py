"""Conversations in private chats, from the update to the message that answers it."""

from __future__ import annotations

from pathlib import Path

from adapters.playground.telegram import Person, TelegramServer
from tests.adapters.telegram.examples import echo, options, running


async def test_a_message_is_answered(server: TelegramServer, ann: Person, database_url: str, tmp_path: Path) -> None:
    async with running(database_url, tmp_path, options(server), echo) as bot:
        ann.write("Where is my order?")
        [message] = await server.until_messages(ann)
        await server.until_confirmed()
        assert message["text"] == "Where is my order?"
        [stored, reply] = await bot.store.history.messages("telegram", str(ann.id))
        assert (stored.role, reply.role) == ("user", "assistant")
        assert bot.status.problem is None
    assert not server.limits.violation_count
