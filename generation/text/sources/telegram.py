"""Telegram Desktop's JSON export: one chat, or all chats of an account (`result.json`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue
from generation.text.sources.chats import Post, conversations

SOURCE = "telegram"
PRIVATE = ("personal_chat", "bot_chat")


def is_telegram(content: Any) -> bool:
    """Whether a JSON value looks like such an export."""
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("chats"), dict) or (
        isinstance(content.get("messages"), list) and "type" in content and "channel" not in content
    )


def read_telegram(file: Path, content: Mapping[str, Any], assistants: Collection[str]) -> list[Dialogue]:
    """The conversations of an export.

    `assistants` are names or ids (`user123`) of those who speak for the shop. Without them the owner of the
    account does in an export of all chats, and in a private chat the one whom it is not named after. Raises
    ModelUnusable when a group does not tell who speaks for the shop.
    """
    account = content.get("personal_information")
    owner = account.get("user_id") if isinstance(account, dict) else None
    found: list[Dialogue] = []
    for chat in _chats(content):
        posts = list(_posts(file, chat))
        speaking = set(assistants) or _shop(chat, posts, owner)
        if not speaking and posts:
            raise ModelUnusable(
                f"{file}: who speaks for the shop in the chat {chat.get('name')!r}? Name them with --assistant NAME "
                f"({', '.join(sorted({post.name for post in posts})[:8])})."
            )
        found += conversations(f"{SOURCE}:{chat.get('id', '')}", posts, speaking)
    return found


def _chats(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "chats" not in content:
        return [content]
    chats = content["chats"].get("list")
    return [chat for chat in chats if isinstance(chat, dict)] if isinstance(chats, list) else []


def _shop(chat: Mapping[str, Any], posts: Sequence[Post], owner: Any) -> set[str]:
    """The ids of those who are not the customer, as far as the export itself tells."""
    if owner:
        return {f"user{owner}"}
    if chat.get("type") in PRIVATE:
        return {post.author for post in posts if post.name != chat.get("name")}
    return set()


def _posts(file: Path, chat: Mapping[str, Any]) -> Iterator[Post]:
    messages = chat.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict) or message.get("type") != "message" or "forwarded_from" in message:
            continue
        text = _text(message.get("text", ""))
        if text.strip():
            yield Post(
                id=str(message.get("id", "")),
                author=str(message.get("from_id") or message.get("from") or ""),
                name=str(message.get("from") or ""),
                at=_time(file, message),
                text=text,
                answers=str(message.get("reply_to_message_id", "")),
            )


def _text(parts: Any) -> str:
    """Formatted text comes as a list of plain and marked pieces."""
    if isinstance(parts, str):
        return parts
    pieces = parts if isinstance(parts, list) else ()
    return "".join(str(piece.get("text", "")) if isinstance(piece, dict) else str(piece) for piece in pieces)


def _time(file: Path, message: Mapping[str, Any]) -> float:
    try:
        if "date_unixtime" in message:
            return float(message["date_unixtime"])
        return datetime.fromisoformat(str(message["date"])).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelUnusable(f"{file}: the message {message.get('id')} has no readable `date`.") from None
