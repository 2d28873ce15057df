"""Which colour a picture's subject has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from generation.images.colours import NAMES, colour_of, colour_tags, name_of, to_lab

CSS = {
    "black": [(0, 0, 0), (25, 25, 30), (0, 0, 40)],
    "white": [(255, 255, 255), (245, 245, 220), (255, 255, 240)],
    "grey": [(128, 128, 128), (105, 105, 105), (112, 128, 120)],
    "red": [(255, 0, 0), (220, 20, 60), (128, 0, 32), (128, 0, 0)],
    "orange": [(255, 165, 0), (255, 140, 0)],
    "yellow": [(255, 255, 0), (255, 215, 0), (240, 230, 140)],
    "green": [(0, 128, 0), (0, 255, 0), (85, 107, 47), (152, 251, 152)],
    "blue": [(0, 0, 255), (0, 0, 128), (135, 206, 235), (60, 80, 110)],
    "purple": [(128, 0, 128), (138, 43, 226), (75, 0, 130), (221, 160, 221)],
    "pink": [(255, 192, 203), (255, 105, 180), (255, 0, 255)],
    "brown": [(139, 69, 19), (160, 82, 45), (210, 180, 140)],
}

Rgb = tuple[int, int, int]


def shape(subject: Rgb, ground: Rgb, second: Rgb | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A disc on a ground; with `second`, the left half of the ground has another colour."""
    image = Image.new("RGB", (64, 64), ground)
    draw = ImageDraw.Draw(image)
    if second:
        draw.rectangle((0, 0, 31, 63), second)
    draw.ellipse((14, 14, 50, 50), subject)
    return np.asarray(image)


@pytest.mark.parametrize(("name", "rgb"), [(name, rgb) for name, colours in CSS.items() for rgb in colours])
def test_well_known_colours_have_their_names(name: str, rgb: Rgb) -> None:
    assert name_of(rgb) == name


def test_cielab_agrees_with_published_values() -> None:
    wanted = {(255, 0, 0): (53.24, 80.09, 67.20), (0, 0, 255): (32.30, 79.19, -107.86), (119, 119, 119): (50.03, 0, 0)}
    for rgb, lab in wanted.items():
        np.testing.assert_allclose(to_lab(np.array(rgb, np.uint8)), lab, atol=0.05)


@pytest.mark.parametrize("ground", [(255, 255, 255), (20, 20, 20), (200, 30, 30), (150, 110, 70)])
@pytest.mark.parametrize("subject", [(0, 0, 200), (240, 220, 40), (0, 130, 60), (250, 130, 190)])
def test_the_subject_counts_and_the_background_does_not(subject: Rgb, ground: Rgb) -> None:
    assert colour_of(shape(subject, ground)) == name_of(subject)


def test_a_background_may_have_two_colours() -> None:
    assert colour_of(shape((0, 0, 200), (150, 110, 70), (240, 240, 235))) == "blue"


def test_a_subject_like_its_background_is_looked_for_in_the_middle() -> None:
    assert colour_of(shape((250, 250, 250), (255, 255, 255))) == "white"


def test_mixed_colours_have_no_name() -> None:
    image = shape((0, 0, 200), (255, 255, 255)).copy()
    for row, colour in enumerate([(200, 0, 0), (0, 130, 60), (250, 220, 0)]):
        image[14 + 9 * row : 23 + 9 * row, 14:51] = colour
    assert colour_of(image) is None


def test_grey_pictures_have_no_colour() -> None:
    assert colour_tags([np.zeros((16, 16, 1), np.uint8), shape((200, 0, 0), (255, 255, 255))]) == [(), ("red",)]


@given(arrays(np.uint8, st.tuples(st.integers(4, 40), st.integers(4, 40), st.just(3))))
def test_any_picture_has_one_name_or_none(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    assert colour_of(image) in {*NAMES, None}
