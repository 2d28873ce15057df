"""What comes out of picture files of every kind."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from generation.images.pictures.decoding import FORMATS, Limits, Undecodable, decode
from tests.generation.images.examples import content, picture

RED, WHITE = (255, 0, 0), (255, 255, 255)
LIMITS = Limits()


def middle(pixels: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])


def near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(int(one) - other) <= 6 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_colours(kind: str) -> None:
    found = decode(content(Image.new("RGB", (32, 32), RED), kind), 32, LIMITS)
    assert found.shape == (32, 32, 3)
    assert near(middle(found), RED)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_colour_spaces_become_rgb(mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"
    assert near(middle(decode(content(Image.new("RGB", (32, 32), "white").convert(mode), kind), 32, LIMITS)), WHITE)


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    assert near(middle(decode(content(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG"), 32, LIMITS)), RED)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_to_eight(kind: str) -> None:
    grey = Image.fromarray(np.full((32, 32), 0x8000, np.uint16))
    assert middle(decode(content(grey, kind), 32, LIMITS)) == (128, 128, 128)


def test_floating_point_values_have_no_known_range() -> None:
    with pytest.raises(Undecodable, match="no known range"):
        decode(content(Image.new("F", (32, 32), 0.5), "TIFF"), 32, LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white(kind: str) -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((*RED, 255), (8, 8, 24, 24))
    found = decode(content(image, kind), 32, LIMITS)
    assert near(tuple(found[1, 1]), WHITE)
    assert near(middle(found), RED)


def test_half_transparent_is_mixed_with_white() -> None:
    assert near(middle(decode(content(Image.new("RGBA", (32, 32), (0, 0, 0, 128))), 32, LIMITS)), (127, 127, 127))


def test_a_transparent_palette_entry_becomes_white() -> None:
    image = Image.new("P", (32, 32), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert middle(decode(content(image, transparency=0), 32, LIMITS)) == WHITE


def test_a_camera_held_sideways_gives_an_upright_picture() -> None:
    image = Image.new("RGB", (40, 40), "white")
    image.paste(RED, (0, 0, 40, 20))  # above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    found = decode(content(image, "JPEG", exif=exif, quality=95), 40, LIMITS)
    assert near(tuple(found[20, 38]), RED)
    assert near(tuple(found[20, 1]), WHITE)


def test_a_subject_on_a_plain_background_is_kept_whole() -> None:
    image = Image.new("RGB", (100, 40), (200, 200, 200))
    image.paste(RED, (8, 8, 92, 32))
    found = decode(content(image), 50, LIMITS)
    assert near(tuple(found[25, 6]), RED)
    assert near(tuple(found[0, 0]), (200, 200, 200))


def test_a_busy_picture_is_cropped_around_its_middle() -> None:
    stripes = Image.new("RGB", (96, 32), "white")
    stripes.paste((0, 0, 255), (0, 0, 32, 32))
    stripes.paste(RED, (32, 0, 64, 32))
    assert all(near(tuple(pixel), RED) for pixel in decode(content(stripes), 32, LIMITS)[:, 4:-4].reshape(-1, 3))


def test_an_animation_is_refused_or_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, WHITE)]
    animation = content(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(Undecodable, match="2 frames"):
        decode(animation, 32, LIMITS)
    assert near(middle(decode(animation, 32, Limits(animated=True))), RED)


def test_too_small_a_picture_says_how_small() -> None:
    with pytest.raises(Undecodable, match="8x30 pixels"):
        decode(content(picture(1, (8, 30))), 32, LIMITS)


def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    with pytest.raises(Undecodable, match="too large"):
        decode(bomb, 32, LIMITS)
    with pytest.raises(Undecodable, match=r"too large: 100x100 pixels"):
        decode(content(picture(1, (100, 100))), 32, Limits(pixels=9_999))


def test_more_bytes_than_allowed_are_not_looked_at() -> None:
    with pytest.raises(Undecodable, match="larger than"):
        decode(content(picture(1)), 32, Limits(content_bytes=10))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"])
def test_half_a_file_is_broken(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    whole = content(noise, kind)
    with pytest.raises(Undecodable, match=r"broken|known format"):
        decode(whole[: len(whole) // 2], 32, LIMITS)


@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]), st.data())
def test_a_damaged_file_gives_pixels_or_a_reason_and_never_anything_else(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(content(picture(1), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Undecodable):
        assert decode(bytes(damaged), 16, Limits(pixels=10_000)).shape == (16, 16, 3)


@given(st.binary(max_size=200))
def test_noise_is_no_picture(noise: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(noise, 16, LIMITS)


def test_no_postscript_is_ever_run() -> None:
    file = io.BytesIO()
    picture(1).save(file, "EPS")
    with pytest.raises(Undecodable, match="known format"):
        decode(file.getvalue(), 32, LIMITS)
