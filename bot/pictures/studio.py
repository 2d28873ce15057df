"""Draws and keeps: the one way to pictures, for the chat, the API and the command line."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.messages import Attachment, NewPicture
from bot.pictures.words import TagFinder, Understood
from bot.protocols import Drawing, Files, GeneratorKind, ImageEngine, OnPlace

EXAMPLE = ("red", "dress")
EXTENSIONS = {"image/png": "png", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class Kept:
    """Pictures that were stored: how they are attached to a reply, and what is recorded of them."""

    attachments: tuple[Attachment, ...]
    pictures: tuple[NewPicture, ...]


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be drawn: `understood` holds the words' tags, `known` all tags of the generator."""

    understood: Understood
    known: tuple[str, ...]

    @property
    def is_hopeless(self) -> bool:
        """Whether no word means anything to a generator that knows words."""
        return bool(self.known) and not self.understood.tags


class Studio:
    """Generators with the words that they understand and the files that they make."""

    def __init__(self, engine: ImageEngine, finder: TagFinder, files: Files) -> None:
        self.engine = engine
        self._finder = finder
        self._files = files

    async def is_open(self) -> bool:
        """Whether any generator is installed."""
        return bool(await asyncio.to_thread(self.engine.kinds))

    async def takes_photos(self) -> bool:
        """Whether variations of photos can be drawn."""
        return "vae" in await asyncio.to_thread(self.engine.kinds)

    async def understand(self, text: str, language: str, kind: GeneratorKind | None = None) -> Commission:
        """What of the words can be drawn; raises what the engine raises."""
        known = await self.engine.tags(kind)
        return Commission(await asyncio.to_thread(self._finder.understood, text, known, language), known)

    def named(self, tags: Sequence[str], language: str) -> list[str]:
        """The tags in the words of a language, where they are known."""
        return [self._finder.named(tag, language) for tag in tags]

    @staticmethod
    def example(known: Sequence[str]) -> list[str]:
        """A few tags that can be asked for together."""
        return [tag for tag in EXAMPLE if tag in known] or list(known[:1])

    async def photos(self, urls: Sequence[str]) -> list[bytes]:
        """The contents of photos; raises NotFound for one that has been removed."""
        return [(await self._files.load(url)).content for url in urls]

    async def resembling(self, picture: NewPicture, count: int, on_place: OnPlace | None = None) -> Sequence[Drawing]:
        """Pictures like one that was made before."""
        return await self.engine.resemble(
            picture.tags, picture.seed, kind=generator(picture), count=count, on_place=on_place
        )

    async def keep(self, drawings: Sequence[Drawing], sources: Sequence[str] = ()) -> Kept:
        """Stores the files; `sources` are the urls of photos that went in."""
        attachments, pictures = [], []
        for drawing in drawings:
            url = await self._files.save(drawing.content, mime=drawing.mime, name=file_name(drawing))
            attachments.append(_attachment(drawing, url))
            pictures.append(record(drawing, url, sources))
        return Kept(tuple(attachments), tuple(pictures))


def record(drawing: Drawing, url: str = "", sources: Sequence[str] = ()) -> NewPicture:
    """What is stored of a picture beside its file."""
    digest = hashlib.sha256(drawing.content).hexdigest()
    return NewPicture(digest, url, drawing.model, drawing.kind, drawing.seed, drawing.tags, tuple(sources))


def generator(picture: NewPicture) -> GeneratorKind:
    """The kind of the settings under which a picture's model served."""
    return "vae" if picture.kind == "vae" else "gan"


def file_name(drawing: Drawing) -> str:
    """Such as `red-dress-7.png`."""
    words = "-".join("".join(char if char.isalnum() else "-" for char in tag) for tag in drawing.tags)[:60]
    return f"{words or 'picture'}-{drawing.seed}.{EXTENSIONS[drawing.mime]}"


def today(now: datetime | None = None) -> datetime:
    """When the day began, in UTC: from then on pictures count against the daily limit."""
    return (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)


def _attachment(drawing: Drawing, url: str) -> Attachment:
    return Attachment(
        "image", url, drawing.mime, drawing.width, drawing.height, file_name(drawing), len(drawing.content)
    )
