"""Pictures that are made on demand, and what is stored of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.messages import NewPicture

GeneratorKind = Literal["gan", "vae"]
"""A GAN draws sharper, a VAE can also take a photo in."""
OnPlace = Callable[[int], None]
"""Is told a request's place in the queue: 1 is the one that is worked on next."""


class Drawing(Protocol):
    """A finished picture as a file (PNG or GIF) that carries its provenance.

    `width` and `height` are pixels; `model` names generator and weights. The same `seed` and `tags` make the same
    picture again, with `strength` the same variation of the same picture or photo.
    """

    @property
    def content(self) -> bytes: ...
    @property
    def mime(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


class ImageEngine(Protocol):
    """Generators behind one queue. Cancelling a call ends its work.

    All calls raise Busy when the queue is full, Cancelled when the time limit is over, and ModelError, as when no
    generator is installed. `size` is the side in pixels of the file, by default large enough to be looked at.
    """

    def kinds(self) -> Sequence[GeneratorKind]:
        """The generators that can be used now; asks the disk, so call it off the loop."""

    async def tags(self, kind: GeneratorKind | None = None) -> tuple[str, ...]:
        """What can be drawn."""

    async def draw(
        self,
        tags: Sequence[str],
        *,
        count: int = 1,
        seed: int | None = None,
        kind: GeneratorKind | None = None,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Without a seed the best of many candidates; with one exactly its picture, and those of the seeds after it."""

    async def resemble(
        self,
        tags: Sequence[str],
        seed: int,
        *,
        kind: GeneratorKind,
        count: int = 1,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Pictures near the one that the seed and the tags make."""

    async def vary(
        self,
        photo: bytes,
        *,
        count: int = 4,
        seed: int | None = None,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """Pictures like a photo; raises UnlikeTraining for one that the generator does not understand, and
        InvalidMessage for a file that is no picture."""

    async def blend(
        self,
        first: bytes,
        second: bytes,
        *,
        moving: bool = False,
        size: int | None = None,
        on_place: OnPlace | None = None,
    ) -> Sequence[Drawing]:
        """The way from one photo to the other in four pictures, or, `moving`, as one GIF; raises what `vary` raises."""


@dataclass(frozen=True, slots=True)
class Artwork:
    """Pictures with the urls of their files, made of `tags`; the words `unused` were no help."""

    drawings: Sequence[Drawing]
    urls: Sequence[str]
    unused: Sequence[str] = ()


class Artist(Protocol):
    """Pictures for callers who have no conversation."""

    async def is_open(self) -> bool:
        """Whether any generator is installed."""

    async def paint(
        self, prompt: str, *, count: int, size: int | None = None, channel: str = "", user: str = ""
    ) -> Artwork:
        """Draws, keeps and records pictures for a channel's user, if there is one.

        Raises UsageError where no word can be drawn, LimitReached, and what `ImageEngine.draw` raises.
        """


class Pictures(Protocol):
    """The pictures that the bot has made; those of a reply are stored with it."""

    async def made_since(self, customer_id: str, since: datetime) -> int:
        """How many were made for a customer."""

    async def latest(self, conversation_id: str) -> Sequence[NewPicture]:
        """Those of the latest reply in our conversation that has any."""

    async def find(self, digest: str) -> NewPicture | None:
        """The picture whose file has the SHA-256 `digest`; None when the bot did not make it."""

    async def record(self, pictures: Sequence[NewPicture], *, channel: str = "", user: str = "") -> None:
        """Stores pictures that belong to no reply, as made for the channel's user if there is one."""

    async def made_for(self, channel: str, user: str, since: datetime) -> int:
        """How many were recorded for a channel's user."""
