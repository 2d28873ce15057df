"""Photos lose what they tell of their owners, and not one pixel."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from bot.pictures.incoming_files import IncomingFiles
from bot.pictures.stripping import stripped
from bot.streams import LocalStreams
from storage import Store

SECRET = b"Canon of Anna, 52.37 N"
ORIENTATION, MODEL, GPS = 0x0112, 0x0110, 0x8825


def photo(kind: str, orientation: int = 1) -> bytes:
    """A photo with a camera, a place and a comment in it."""
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL] = orientation, SECRET.decode()
    exif.get_ifd(GPS)[2] = (52.0, 22.0, 12.0)
    options: dict[str, Any] = {"exif": exif, "comment": SECRET} if kind == "JPEG" else {"exif": exif, "xmp": SECRET}
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Comment", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options = {"exif": exif, "pnginfo": info}
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def seen(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The pixels, upright."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_metadata_go_and_the_pixels_stay_upright(kind: str, orientation: int) -> None:
    before = photo(kind, orientation)
    after = stripped(before)
    assert SECRET in before
    assert SECRET not in after
    with Image.open(io.BytesIO(after)) as image:
        assert not image.getexif().get_ifd(GPS)
        assert set(image.getexif()) <= {ORIENTATION}
        kept = image.getexif().get(ORIENTATION, 1)
    upright = before if kept == orientation else photo(kind, 1)
    assert np.array_equal(seen(after), seen(upright))
    assert stripped(after) == after


def test_a_jpeg_that_lies_on_its_side_is_still_shown_upright() -> None:
    assert np.array_equal(seen(stripped(photo("JPEG", 6))), seen(photo("JPEG", 6)))
    assert seen(photo("JPEG", 6)).shape == (30, 20, 3)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(tail: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00\x20Exif\0\0MM", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP"):
        stripped(start + tail)


@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 400))
def test_a_photo_that_was_cut_short_does_not_break_it_either(kind: str, length: int) -> None:
    stripped(photo(kind)[:length])


async def test_channels_keep_photos_without_metadata(sqlite_url: str, tmp_path: Path) -> None:
    store = await Store.open(sqlite_url, LocalStreams(), files=tmp_path / "files")
    files = IncomingFiles(store.files)
    url = await files.save(photo("JPEG"), mime="image/jpeg", name="photo.jpg")
    kept = await files.load(url)
    assert SECRET not in kept.content
    assert kept.mime == "image/jpeg"
    await store.close()
