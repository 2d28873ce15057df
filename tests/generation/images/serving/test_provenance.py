"""Picture files say that a machine made them, and how, in words that other programs read too."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from generation.images.serving.provenance import Pixels, Provenance, gif, png, read, resized

DRAWN = Provenance("shop 0123456789ab", "gan", 7, ("red", "dress"))
FROM_PHOTO = Provenance("shop <b>&amp;", "vae", 8, from_photo=True)
COMPOSITE = b"http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia<"
TRAINED = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia<"


def pixels(seed: int, side: int = 32) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


@pytest.mark.parametrize(("provenance", "source"), [(DRAWN, TRAINED), (FROM_PHOTO, COMPOSITE)])
def test_a_png_carries_its_origin_as_text_and_as_xmp(provenance: Provenance, source: bytes) -> None:
    content = png(pixels(1), provenance)
    assert read(content) == provenance
    with Image.open(io.BytesIO(content)) as image:
        assert image.info["Description"] == provenance.description
        assert np.array_equal(np.asarray(image), pixels(1))
        packet = ElementTree.fromstring(image.info["xmp"].strip(b"\n"))
    assert source in content
    (said,) = [element.text for element in packet.iter() if element.tag.endswith("DigitalSourceType")]
    assert said == provenance.source_type
    (tool,) = [element.text or "" for element in packet.iter() if element.tag.endswith("CreatorTool")]
    assert provenance.model in tool


def test_a_gif_runs_there_and_back_and_carries_its_origin_too() -> None:
    content = gif([pixels(seed) for seed in range(4)], FROM_PHOTO)
    assert read(content) == FROM_PHOTO
    assert COMPOSITE in content
    with Image.open(io.BytesIO(content)) as film:
        assert (len(list(ImageSequence.Iterator(film))), film.info["loop"]) == (6, 0)


@given(
    model=st.text(max_size=40),
    seed=st.integers(0, 2**62),
    tags=st.lists(st.text(max_size=20), max_size=4).map(tuple),
    near=st.none() | st.integers(0, 10),
)
def test_whatever_the_tags_are_they_come_back(model: str, seed: int, tags: tuple[str, ...], near: int | None) -> None:
    provenance = Provenance(model, "gan", seed, tags, near=near)
    assert read(png(pixels(1, 4), provenance)) == provenance


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"no picture", png(pixels(1), DRAWN)[:300]])
def test_what_says_nothing_of_itself_is_read_as_nothing(content: bytes) -> None:
    assert read(content) is None


def test_a_stranger_s_picture_has_no_origin() -> None:
    file = io.BytesIO()
    Image.fromarray(pixels(1)).save(file, "PNG")
    assert read(file.getvalue()) is None


def test_a_picture_is_enlarged_smoothly_or_left_as_it_is() -> None:
    small = pixels(1)
    assert resized(small, 32) is small
    assert resized(small, 128).shape == (128, 128, 3)
    assert np.abs(resized(small, 128).mean((0, 1)) - small.mean((0, 1))).max() < 2
