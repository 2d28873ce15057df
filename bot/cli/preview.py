"""A picture in a terminal: two pixels in each character, the upper one in the colour of its half block, the lower one
in that of its ground."""

from __future__ import annotations

import io
from typing import cast

from PIL import Image, UnidentifiedImageError
from rich.text import Text

HALF = "▀"
COLUMNS = 32


def half_blocks(content: bytes, columns: int = COLUMNS) -> Text | None:
    """The picture in `columns` characters a line; None for a file that is no picture."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "GIF", "JPEG", "WEBP")) as image:
            rows = max(1, round(columns * image.height / image.width / 2))
            small = image.convert("RGB").resize((columns, 2 * rows), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    text = Text()
    for row in range(0, 2 * rows, 2):
        for column in range(columns):
            upper, lower = (small.getpixel((column, row + part)) for part in (0, 1))
            text.append(HALF, style=f"{_colour(upper)} on {_colour(lower)}")
        text.append("\n")
    return text


def _colour(pixel: object) -> str:
    red, green, blue = cast("tuple[int, int, int]", pixel)
    return f"rgb({red},{green},{blue})"
