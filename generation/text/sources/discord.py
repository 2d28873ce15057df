"""Discord channels as DiscordChatExporter writes them, in JSON or CSV."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import regex

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue
from generation.text.sources.chats import Post, conversations, is_assistant

SOURCE = "discord"
COLUMNS = ("AuthorID", "Author", "Date", "Content")
SAID = ("Default", "Reply")  # the kinds of messages that people write
MENTION = regex.compile(r"<(?:@[!&]?|#)\d+>|<a?(:\w+:)\d+>")


def is_discord(content: Any) -> bool:
    """Whether a JSON value looks like such an export."""
    return isinstance(content, dict) and isinstance(content.get("messages"), list) and "channel" in content


def read_discord(file: Path, content: Mapping[str, Any], assistants: Collection[str]) -> list[Dialogue]:
    """The conversations of a JSON export; bots speak for the shop unless `assistants` (names or ids) are given."""
    channel = content["channel"].get("id", file.stem) if isinstance(content["channel"], dict) else file.stem
    return _conversations(file, str(channel), list(_posts(file, content["messages"])), assistants)


def read_discord_csv(file: Path, rows: Sequence[Mapping[str, str]], assistants: Collection[str]) -> list[Dialogue]:
    """The conversations of a CSV export, which does not tell bots from people: `assistants` are needed."""
    posts = [
        Post(str(number), row["AuthorID"], row["Author"], _time(file, row["Date"]), _plain(row["Content"]))
        for number, row in enumerate(rows, 2)
        if row["Content"].strip()
    ]
    return _conversations(file, file.stem, posts, assistants)


def _conversations(file: Path, channel: str, posts: Sequence[Post], assistants: Collection[str]) -> list[Dialogue]:
    if posts and not any(is_assistant(post, assistants) for post in posts):
        names = ", ".join(sorted({post.name for post in posts})[:8])
        raise ModelUnusable(f"{file}: nobody speaks for the shop. Name them with --assistant NAME ({names}).")
    return conversations(f"{SOURCE}:{channel}", posts, assistants)


def _posts(file: Path, messages: Sequence[Any]) -> Iterator[Post]:
    for message in messages:
        if not isinstance(message, dict) or message.get("type", "Default") not in SAID:
            continue
        text = _plain(str(message.get("content", "")))
        author, reference = _fields(message, "author"), _fields(message, "reference")
        if text.strip():
            yield Post(
                id=str(message.get("id", "")),
                author=str(author.get("id", "")),
                name=str(author.get("name", "")),
                at=_time(file, str(message.get("timestamp", ""))),
                text=text,
                is_bot=bool(author.get("isBot")),
                answers=str(reference.get("messageId", "")),
            )


def _fields(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    fields = message.get(name)
    return fields if isinstance(fields, dict) else {}


def _plain(text: str) -> str:
    """Without mentions; custom emoji keep their name."""
    return MENTION.sub(lambda match: match[1] or "", text).strip()


def _time(file: Path, text: str) -> float:
    """Exports carry ISO times with up to seven digits of a second; older ones a US date."""
    iso = regex.sub(r"(\.\d{6})\d+", r"\1", text)
    for parse in (datetime.fromisoformat, lambda when: datetime.strptime(when, "%m/%d/%Y %I:%M %p")):
        try:
            return parse(iso).timestamp()
        except (ValueError, OverflowError):
            continue
    raise ModelUnusable(f"{file}: {text!r} is not a date that can be read; export again with the ISO date format.")
