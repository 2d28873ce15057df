"""`parley imagine`: pictures without a chat, recorded like those of the chats."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import parts, pictures
from bot.errors import InvalidMessage, UsageError
from bot.pictures.studio import Studio, record
from bot.pictures.words import TagFinder
from bot.protocols import Drawing, GeneratorKind
from bot.routing.language import detect
from bot.settings import Settings
from bot.streams import LocalStreams

if TYPE_CHECKING:
    from storage import Store

GIF = ".gif"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw and where to: `text`, or variations of `photo`, or the way from it to `other`; `size` in pixels."""

    out: Path
    text: str = ""
    kind: GeneratorKind | None = None
    count: int = 1
    seed: int | None = None
    size: int | None = None
    photo: Path | None = None
    other: Path | None = None


async def imagine(settings: Settings, wanted: Wanted) -> list[dict[str, Any]]:
    """Writes the files; tells of each what made it. Raises UsageError, ModelError and UnlikeTraining."""
    async with _opened_studio(settings) as (studio, store):
        drawings, unused = await _drawn(studio, wanted)
        files = _names(wanted.out, len(drawings))
        for file, drawing in zip(files, drawings, strict=True):
            await asyncio.to_thread(_write, file, drawing.content)
        await store.pictures.record([record(drawing) for drawing in drawings])
    return [_told(file, drawing, unused) for file, drawing in zip(files, drawings, strict=True)]


async def verify(settings: Settings, file: Path) -> dict[str, Any]:
    """Whether this bot made a file, with what is recorded of it, and what the file says of itself."""
    from generation.images.serving import provenance

    content = await asyncio.to_thread(_read, file)
    async with parts.opened_store(settings, LocalStreams()) as store:
        found = await store.pictures.find(hashlib.sha256(content).hexdigest())
    said = provenance.read(content)
    known = {"model": found.model, "seed": found.seed, "tags": list(found.tags)} if found else {}
    return {"made_here": found is not None, **known, "says": said.description if said else None}


@asynccontextmanager
async def _opened_studio(settings: Settings) -> AsyncIterator[tuple[Studio, Store]]:
    async with parts.opened_store(settings, LocalStreams()) as store, pictures.opened_images(settings) as images:
        embedder = await asyncio.to_thread(parts.load_embedder, settings)
        yield Studio(images, TagFinder(embedder), store.files), store


async def _drawn(studio: Studio, wanted: Wanted) -> tuple[Sequence[Drawing], tuple[str, ...]]:
    """The pictures, and the words that were no use."""
    try:
        if wanted.photo is None:
            return await _from_words(studio, wanted)
        photo = await asyncio.to_thread(_read, wanted.photo)
        if wanted.other is None:
            return await studio.engine.vary(photo, count=wanted.count, seed=wanted.seed, size=wanted.size), ()
        other = await asyncio.to_thread(_read, wanted.other)
        moving = wanted.out.suffix.lower() == GIF
        return await studio.engine.blend(photo, other, moving=moving, size=wanted.size), ()
    except InvalidMessage as error:
        raise UsageError(str(error)) from None


async def _from_words(studio: Studio, wanted: Wanted) -> tuple[Sequence[Drawing], tuple[str, ...]]:
    commission = await studio.understand(wanted.text, detect(wanted.text, "en"), wanted.kind)
    if commission.is_hopeless and wanted.text.strip():
        raise UsageError(f"{wanted.text!r} cannot be drawn. This generator knows: {', '.join(commission.known)}.")
    drawings = await studio.engine.draw(
        commission.understood.tags, count=wanted.count, seed=wanted.seed, kind=wanted.kind, size=wanted.size
    )
    return drawings, commission.understood.unused


def _names(out: Path, count: int) -> list[Path]:
    """`out`, or with a number each."""
    return [out] if count == 1 else [out.with_stem(f"{out.stem}-{number}") for number in range(1, count + 1)]


def _told(file: Path, drawing: Drawing, unused: Sequence[str]) -> dict[str, Any]:
    return {
        "file": str(file),
        "sha256": hashlib.sha256(drawing.content).hexdigest(),
        "kind": drawing.kind,
        "model": drawing.model,
        "seed": drawing.seed,
        "tags": list(drawing.tags),
        "unused": list(unused),
        "width": drawing.width,
        "height": drawing.height,
    }


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None
