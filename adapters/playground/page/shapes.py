"""What the page shows and what it asks for, the same for both platforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Side = Literal["mine", "bot", "other", "note"]


@dataclass(frozen=True)
class File:
    """Something to see or to fetch; a picture is shown."""

    url: str
    name: str
    is_picture: bool


@dataclass(frozen=True)
class Button:
    """Pressed by its id, or a link."""

    id: str
    label: str
    url: str = ""


@dataclass(frozen=True)
class Reaction:
    emoji: str
    count: int
    is_mine: bool


@dataclass(frozen=True)
class Shown:
    """A message as one person sees it. `entities` are Telegram's, None where the text is Discord's Markdown."""

    id: str
    side: Side
    author: str
    at: float
    """Seconds since 1970."""
    text: str = ""
    entities: Sequence[Json] | None = None
    names: dict[str, str] = field(default_factory=dict)
    """Those of mentioned ids."""
    answers: str = ""
    """The beginning of the message to which this one replies."""
    files: Sequence[File] = ()
    buttons: Sequence[Sequence[Button]] = ()
    reactions: Sequence[Reaction] = ()
    is_edited: bool = False
    is_draft: bool = False
    is_waiting: bool = False
    is_private: bool = False
    """Seen by this person only."""


@dataclass(frozen=True)
class Place:
    """Somewhere to write; `latest` changes with the bot's last message."""

    id: str
    title: str
    is_shared: bool
    """A group or a server, where the bot is to be mentioned."""
    latest: str = ""


@dataclass(frozen=True)
class Command:
    name: str
    description: str


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Writing:
    """A message to send; `answers` is the id of the one it replies to."""

    text: str
    mentions_bot: bool = False
    answers: str = ""
    upload: Upload | None = None


class Platform(Protocol):
    """One platform as the page uses it. People and places are named by ids; LookupError for one that is not there."""

    name: str
    title: str

    def is_connected(self) -> bool:
        """Whether a bot listens."""

    def add_person(self, name: str) -> str:
        """A new person, who is let into the shared places; their id."""

    def places(self, person: str) -> Sequence[Place]: ...

    def messages(self, person: str, place: str) -> Sequence[Shown]:
        """The latest ones, oldest first."""

    def is_typing(self, person: str, place: str) -> bool:
        """Whether the bot is."""

    def commands(self) -> Sequence[Command]: ...

    async def write(self, person: str, place: str, writing: Writing) -> str:
        """Sends; what the platform would tell the person afterwards, such as that a command is unknown."""

    def edit(self, person: str, place: str, message: str, text: str) -> None: ...

    async def press(self, person: str, place: str, message: str, button: str) -> str:
        """As `write`."""

    def react(self, person: str, place: str, message: str, emoji: str) -> None:
        """Sets the reaction, or takes it away if it is there."""

    def block(self, person: str, blocked: bool) -> None:
        """Shuts the bot out of the private chat, or lets it in again."""

    def is_blocked(self, person: str) -> bool: ...

    async def changed(self, version: int, timeout: float) -> int:
        """The version of everything once it is above another, or as it is after `timeout` seconds."""

    def environment(self) -> dict[str, str]:
        """The settings with which `parley serve` connects to it."""
