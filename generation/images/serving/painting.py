"""From a request to finished files: the best of many candidates, a seed's own picture, variations, blends.

Each kind of work is a generator that stops after every few pictures, so that its caller can let others go first or end
it there; what it returns are the files.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from generation.errors import ModelUnusable, UnlikeTraining
from generation.images.model import ImageModel, Numbers
from generation.images.pictures import read_photo
from generation.images.serving import provenance
from generation.images.serving.cache import Cache
from generation.images.serving.provenance import Pixels, Provenance

Result = TypeVar("Result")
Steps = Generator[None, None, Result]

CANDIDATES = 16
AT_ONCE = 2
"""Pictures between two stops: some hundredths of a second."""
SEEDS = 1_000_000
"""Below this are seeds that are chosen here: short enough to be read out and typed."""
LEAST_SIDE = 256
"""Smaller pictures are enlarged to this, unless a size is asked for: chats show them pixel by pixel."""
NEARNESS = 0.45
"""How far pictures "like this" are on the way to others: far enough to differ, near enough to be recognised."""
STRENGTHS = (0.6, 1.0, 1.0, 1.4)
BLEND_STEPS, FRAMES = 4, 12
PHOTO_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A file with its provenance; `width` and `height` are pixels."""

    content: bytes
    mime: str
    width: int
    height: int
    kind: str
    model: str
    seed: int
    tags: tuple[str, ...] = ()


class Painter:
    """Works with the model that it is given; the latest pictures are kept in `cache`."""

    def __init__(self, cache: Cache[Drawing]) -> None:
        self._cache = cache

    def best(self, model: ImageModel, tags: Sequence[str], count: int, size: int | None) -> Steps[tuple[Drawing, ...]]:
        """The `count` of many candidates in which the classifier of the training set sees the tags best."""
        seeds = [secrets.randbelow(SEEDS) for _ in range(max(CANDIDATES, count))]
        pictures = yield from _in_parts(model, tags, seeds)
        chosen = _best(model, pictures, tags)[:count]
        files = []
        for place in chosen:
            files.append(self._drawn(model, pictures[place], seeds[place], tags, size))
            yield
        return tuple(files)

    def exact(
        self, model: ImageModel, tags: Sequence[str], seeds: Sequence[int], size: int | None
    ) -> Steps[tuple[Drawing, ...]]:
        """The picture of each seed."""
        files = []
        for seed in seeds:
            known = self._cache.get(_key(model, seed, tags, size))
            files.append(known or self._drawn(model, model.draw([tags], [seed])[0], seed, tags, size))
            yield
        return tuple(files)

    def near(
        self, model: ImageModel, tags: Sequence[str], seed: int, count: int, size: int | None
    ) -> Steps[tuple[Drawing, ...]]:
        """Pictures near the one of the seed, whose seed they keep; each is a mixture of it with another seed's."""
        files = []
        for other in [secrets.randbelow(SEEDS) for _ in range(count)]:
            picture = model.draw_near(tags, seed, other, NEARNESS)
            origin = Provenance(_name(model), model.kind, seed, tuple(tags), near=other)
            files.append(_file(model, picture, origin, size))
            yield
        return tuple(files)

    def variations(
        self, model: ImageModel, photo: bytes, count: int, seed: int | None, size: int | None
    ) -> Steps[tuple[Drawing, ...]]:
        """Pictures like a photo: z = μ + t·σ·ε, with t further from it from one to the next.

        Raises UnlikeTraining when drawing the photo itself again misses it by more than it misses 95 of 100 pictures
        of the validation set, and PhotoRefused when it is no usable picture.
        """
        seed = secrets.randbelow(SEEDS) if seed is None else seed
        mean, deviation = _latents(model, photo)
        yield
        files = []
        for place in range(count):
            noise = np.random.default_rng(seed + place).standard_normal(mean.shape, np.float32)
            latent = mean + STRENGTHS[place % len(STRENGTHS)] * deviation * noise
            (picture,) = model.decode(latent, [()])
            origin = Provenance(_name(model), model.kind, seed + place, from_photo=True)
            files.append(_file(model, picture, origin, size))
            yield
        return tuple(files)

    def blend(
        self, model: ImageModel, first: bytes, second: bytes, moving: bool, size: int | None
    ) -> Steps[tuple[Drawing, ...]]:
        """Pictures on the straight line between the latents of two photos, or a film along it; raises what
        `variations` raises."""
        begin, _ = _latents(model, first)
        yield
        end, _ = _latents(model, second)
        yield
        pictures = []
        for share in np.linspace(0, 1, FRAMES if moving else BLEND_STEPS, dtype=np.float32):
            pictures += list(model.decode((1 - share) * begin + share * end, [()]))
            yield
        origin = Provenance(_name(model), model.kind, 0, from_photo=True)
        if moving:
            return (_film(model, pictures, origin, size),)
        return tuple(_file(model, picture, origin, size) for picture in pictures)

    def _drawn(self, model: ImageModel, picture: Pixels, seed: int, tags: Sequence[str], size: int | None) -> Drawing:
        drawing = _file(model, picture, Provenance(_name(model), model.kind, seed, tuple(tags)), size)
        self._cache.put(_key(model, seed, tags, size), drawing)
        return drawing


def _file(model: ImageModel, picture: Pixels, origin: Provenance, size: int | None) -> Drawing:
    side = _side(model, size)
    content = provenance.png(provenance.resized(_coloured(picture), side), origin)
    return Drawing(content, "image/png", side, side, origin.kind, origin.model, origin.seed, origin.tags)


def _film(model: ImageModel, pictures: Sequence[Pixels], origin: Provenance, size: int | None) -> Drawing:
    side = _side(model, size)
    frames = [provenance.resized(_coloured(picture), side) for picture in pictures]
    return Drawing(provenance.gif(frames, origin), "image/gif", side, side, origin.kind, origin.model, origin.seed)


def _in_parts(model: ImageModel, tags: Sequence[str], seeds: Sequence[int]) -> Steps[Pixels]:
    parts = []
    for start in range(0, len(seeds), AT_ONCE):
        part = seeds[start : start + AT_ONCE]
        parts.append(model.draw([tags] * len(part), part))
        yield
    return np.concatenate(parts)


def _best(model: ImageModel, pictures: Pixels, tags: Sequence[str]) -> list[int]:
    """The places of the pictures, best first; as they are where the model came without a classifier."""
    try:
        scores = model.tag_scores(pictures, tags)
    except ModelUnusable:
        return list(range(len(pictures)))
    return [int(place) for place in np.argsort(-scores, kind="stable")]


def _latents(model: ImageModel, photo: bytes) -> tuple[Numbers, Numbers]:
    pixels = read_photo(photo, size=model.size, seconds=PHOTO_SECONDS)[None]
    if model.channels == 1:
        pixels = pixels.mean(3, keepdims=True).round().astype(np.uint8)
    (error,) = model.reconstruction_error(pixels)
    if error > model.photo_limit:
        raise UnlikeTraining(
            "The photo shows something else than the pictures that the generator has learnt from "
            f"(error {error:.3f}, limit {model.photo_limit:.3f})."
        )
    return model.encode(pixels)


def _coloured(picture: Pixels) -> Pixels:
    return picture if picture.shape[2] == 3 else np.repeat(picture, 3, 2)


def _name(model: ImageModel) -> str:
    return f"{model.name} {model.digest[:12]}"


def _side(model: ImageModel, size: int | None) -> int:
    return size or max(LEAST_SIDE, model.size)


def _key(model: ImageModel, seed: int, tags: Sequence[str], size: int | None) -> Hashable:
    return model.digest, seed, tuple(tags), _side(model, size)
