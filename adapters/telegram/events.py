"""What an update means to the bot: plain data, one class for each kind of thing that can happen."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.telegram.place import Origin, Place


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that Telegram keeps; `kind` as in bot.messages.Attachment, `size` in bytes if it is told."""

    kind: str
    file_id: str
    name: str
    mime: str
    size: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who did it; `language` is the two-letter code of the person's app, if it is told."""

    id: int
    name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message for the bot; `album` names the album that it is a part of, `is_edit` one that was changed."""

    place: Place
    person: Person
    origin: Origin
    text: str
    files: tuple[RemoteFile, ...] = ()
    album: str | None = None
    is_edit: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button under one of the bot's messages; `place` is None where the message is not in a chat of the bot."""

    place: Place | None
    person: Person
    query_id: str
    data: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Reacted:
    """A thumb up (+1) or down (-1) for one of the bot's messages."""

    place: Place
    person: Person
    message_id: int
    score: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The bot has been blocked or removed: nothing can be said in `chat` any more."""

    chat: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has become a supergroup with another id."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing that concerns the bot."""

    reason: str


Event = Said | Pressed | Reacted | Closed | Moved | Ignored
