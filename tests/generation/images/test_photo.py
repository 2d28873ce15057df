"""Photographs of strangers, decoded in a process of their own."""

from __future__ import annotations

import pytest
from PIL import Image

from generation.errors import PhotoRefused
from generation.images.pictures import Limits, read_photo
from tests.generation.images.examples import content, picture


def test_a_photo_comes_back_as_square_pixels() -> None:
    found = read_photo(content(Image.new("RGB", (400, 300), (0, 0, 255)), "JPEG"), size=64)
    assert found.shape == (64, 64, 3)
    assert found[32, 32, 2] > 250
    assert found.flags.writeable


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"no picture", "not a picture"),
        (content(picture(1, (100, 100)), "BMP")[:5000], "broken or cut short"),
        (content(picture(1, (4, 4))), "too small"),
        (content(picture(1, (200, 200))), "too large"),
    ],
    ids=["noise", "half", "small", "large"],
)
def test_the_reason_for_none_is_plain(sent: bytes, reason: str) -> None:
    with pytest.raises(PhotoRefused, match=reason):
        read_photo(sent, size=32, limits=Limits(pixels=30_000))


def test_too_many_bytes_start_no_process() -> None:
    with pytest.raises(PhotoRefused, match="larger than"):
        read_photo(b"x" * 100, size=32, limits=Limits(content_bytes=99), seconds=0.0)


def test_a_photo_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(PhotoRefused, match=r"longer than 0\.01 seconds"):
        read_photo(content(picture(1)), size=32, seconds=0.01)
