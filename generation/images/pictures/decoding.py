"""From the bytes of a picture file to square RGB pixels, within bounds.

What a file says of itself is believed only as far as it costs nothing: formats are a short list (no PostScript, which
would run a program), and its size in pixels is checked before any of them is decoded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
PLAIN_BORDER = 12.0
"""Up to this standard deviation (of 255) a border counts as one colour."""

Pixels = NDArray[np.uint8]


class Undecodable(Exception):
    """A picture cannot be used; the text is the reason in a few words, such as "broken or cut short"."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost, and what it must be."""

    content_bytes: int = 64 * 2**20
    pixels: int = 100_000_000
    least_side: int = 16
    animated: bool = False
    """Take the first frame of an animation; without it an animation is refused."""


def decode(content: bytes, size: int, limits: Limits) -> Pixels:
    """The picture as uint8 [size, size, 3]: upright, on white where it is transparent; see `squared`.

    Raises Undecodable for what is broken, cut short, of an unknown format, too small, too large, or animated.
    """
    if len(content) > limits.content_bytes:
        raise Undecodable(f"larger than {limits.content_bytes / 2**20:.0f} MiB")
    with _plain_reasons(limits), Image.open(io.BytesIO(content), formats=FORMATS) as image:
        _check(image, limits)
        # a JPEG can be decoded at an eighth of its size, for a fraction of the work
        image.draft(None, (2 * size, 2 * size))
        return squared(_on_white(ImageOps.exif_transpose(image)), size)


def from_array(pixels: Pixels, size: int) -> Pixels:
    """The same from uint8 [H, W], [H, W, 3] or [H, W, 4]."""
    return squared(_on_white(Image.fromarray(pixels)), size)


def squared(image: Image.Image, size: int) -> Pixels:
    """An RGB image as uint8 [size, size, 3], its proportions kept.

    On a plain background the subject is kept whole and the background goes on to the edge; any other picture is
    cropped around its middle, because bars beside it would be learnt as part of it.
    """
    target, filter_ = (size, size), Image.Resampling.LANCZOS
    if image.width == image.height:
        return np.asarray(image.resize(target, filter_))
    colour = _plain_border(image)
    if colour is None:
        return np.asarray(ImageOps.fit(image, target, filter_))
    return np.asarray(ImageOps.pad(image, target, filter_, color=colour))


def _check(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.pixels:
        raise Undecodable(_too_large(width, height, limits))
    if min(width, height) < limits.least_side:
        raise Undecodable(f"too small: {width}x{height} pixels, less than {limits.least_side} on a side")
    # a camera's MPO holds other views of the same scene, which are no animation
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > 1 and not limits.animated:
        raise Undecodable(f"animated, or of several pages: {frames} frames")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or (image.mode == "I" and np.asarray(image).max() < 2**16):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F", "LAB"):
        raise Undecodable(f"of a kind whose colours have no known range ({image.mode})")
    if not image.has_transparency_data:
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def _plain_border(image: Image.Image) -> tuple[int, int, int] | None:
    """The border's colour if it has only one."""
    small = np.asarray(image.resize((32, 32), Image.Resampling.BILINEAR), dtype=np.float64)
    border = np.concatenate([small[0], small[-1], small[1:-1, 0], small[1:-1, -1]])
    if border.std(axis=0).max() > PLAIN_BORDER:
        return None
    red, green, blue = (round(value) for value in np.median(border, axis=0))
    return red, green, blue


def _too_large(width: int, height: int, limits: Limits) -> str:
    return f"too large: {width}x{height} pixels, more than {limits.pixels:,}"


@contextmanager
def _plain_reasons(limits: Limits) -> Iterator[None]:
    """Pillow's decoders answer to broken files with nearly every exception there is."""
    try:
        yield
    except Undecodable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Undecodable(f"too large: more than {limits.pixels:,} pixels") from None
    except UnidentifiedImageError:
        raise Undecodable("not a picture in a known format") from None
    except Exception as error:
        raise Undecodable(f"broken or cut short ({error or type(error).__name__})") from None
