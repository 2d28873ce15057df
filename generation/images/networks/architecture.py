"""What a picture model is made of, as plain values that lie in its config.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast, get_args

from generation.errors import ModelUnusable

Kind = Literal["gan", "dcgan", "vae"]
SIZES = (32, 64, 128, 256)
NUMBERS = ("size", "channels", "latent", "blocks", "tags", "embedding", "patch")
SMALLEST = 4  # pixels a side of the innermost feature maps

# Feature maps from 4x4 up. The small ones learn on a CPU, the large ones need a GPU.
SMALL: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "gan": {32: (128, 96, 64, 32), 64: (128, 96, 64, 16), 128: (128, 96, 64, 32, 16), 256: (128, 96, 64, 32, 16)},
    "dcgan": {32: (256, 128, 64), 64: (256, 128, 64, 32), 128: (256, 128, 64, 32, 16), 256: (256, 128, 64, 32, 16, 8)},
    "vae": {32: (96, 96, 64, 32), 64: (96, 96, 64, 32), 128: (128, 96, 64, 32, 16), 256: (128, 96, 64, 32, 16)},
}
LARGE: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "gan": {
        32: (384, 384, 384, 384),
        64: (384, 384, 384, 256, 128),
        128: (384, 384, 384, 256, 128, 64),
        256: (384, 384, 384, 384, 192, 96, 48),
    },
    "dcgan": {
        32: (512, 256, 128),
        64: (512, 256, 128, 64),
        128: (1024, 512, 256, 128, 64),
        256: (1024, 512, 256, 128, 64, 32),
    },
    "vae": {
        32: (256, 256, 128, 64),
        64: (384, 256, 192, 128, 64),
        128: (384, 384, 256, 192, 96, 48),
        256: (384, 384, 256, 256, 128, 64, 32),
    },
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """`size` is in pixels, `channels` 1 (grey) or 3 (colour), `latent` and `embedding` numbers, `widths` the feature
    maps from 4x4 up, `blocks` the residual blocks at each size, `tags` how many tags there are. The outermost feature
    maps tell of squares of `patch` x `patch` pixels, which is what makes large pictures cheap."""

    kind: Kind
    size: int
    channels: int
    latent: int
    widths: tuple[int, ...]
    blocks: int = 1
    tags: int = 0
    embedding: int = 64
    patch: int = 1

    @classmethod
    def of(cls, kind: Kind, size: int, channels: int, tags: int, *, large: bool = False) -> Architecture:
        """The usual one of its kind, small enough for a CPU or large."""
        if size not in SIZES:
            raise ModelUnusable(f"Pictures of {size} pixels cannot be drawn; choose {', '.join(map(str, SIZES))}.")
        latent = 128 if kind == "vae" else 64
        widths = (LARGE if large else SMALL)[kind][size]
        patch = size // (SMALLEST << (len(widths) - (kind != "dcgan")))
        return cls(kind, size, channels, latent, widths, blocks=2 if large else 1, tags=tags, patch=patch)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ModelUnusable(f"There is no kind of picture model {self.kind!r}; choose {', '.join(get_args(Kind))}.")
        if self.kind == "dcgan" and self.patch != 1:
            raise ModelUnusable("A dcgan draws single pixels, not patches.")
        steps = len(self.widths) - (self.kind != "dcgan")  # a DCGAN's last step has no feature maps, but colours
        if self.size != (SMALLEST << steps) * self.patch:
            raise ModelUnusable(f"{len(self.widths)} widths do not make a picture of {self.size} pixels.")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Architecture:
        """Raises ModelUnusable when a value is missing, unknown or of no use."""
        try:
            numbers = {name: int(values[name]) for name in NUMBERS}
            return cls(cast("Kind", values["kind"]), widths=tuple(map(int, values["widths"])), **numbers)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnusable(f"The architecture of the picture model lacks a usable {error}.") from None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
