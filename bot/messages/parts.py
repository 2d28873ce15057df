"""What messages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant", "operator"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a message; `url` is where the channel may fetch it, `file:ID` for one that `Files` keeps.

    `kind` is `image`, `voice`, `video` or `file`; width and height are pixels, `size` is bytes.
    """

    kind: str
    url: str
    mime: str
    width: int | None = None
    height: int | None = None
    name: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a customer or the bot has sent."""

    content: bytes
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """Who said what: all that a context or a query needs to know of a message."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` occurs letter for letter in the text of the passage."""

    passage_id: str
    title: str
    source: str
    quote: str
