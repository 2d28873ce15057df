"""The classifier that generators are measured by."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from generation.errors import ModelUnusable
from generation.images.classifier import FILE, Classifier, right_share
from generation.images.pictures import PictureSet
from tests.generation.images.examples import shapes


@pytest.fixture(scope="module")
def learnt() -> Classifier:
    return Classifier.train(shapes(200, size=16), images=2560, device="cpu")


def test_it_learns_shapes_and_colours_from_tags(learnt: Classifier) -> None:
    unseen = shapes(60, size=16, seed=99)
    assert learnt.knowledge.basis == "tags"
    assert learnt.knowledge.accuracy > 0.9
    assert right_share(learnt.tag_probabilities(unseen.images), learnt.tags.rows(unseen.tags)) > 0.9


def test_what_is_saved_measures_as_before(learnt: Classifier, tmp_path: Path) -> None:
    learnt.save(tmp_path)
    again = Classifier.load(tmp_path, "cpu")
    pictures = shapes(10, size=16).images
    assert again.hash == learnt.hash
    np.testing.assert_array_equal(again.features(pictures), learnt.features(pictures))
    assert (tmp_path / FILE).stat().st_size < 2**20


def test_saving_again_writes_the_same_bytes(learnt: Classifier, tmp_path: Path) -> None:
    learnt.save(tmp_path / "one")
    Classifier.load(tmp_path / "one", "cpu").save(tmp_path / "other")
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "other" / FILE).read_bytes()


def test_the_same_set_and_seed_teach_the_same() -> None:
    one, other = (Classifier.train(shapes(40, size=16), images=256, device="cpu") for _ in range(2))
    assert one.hash == other.hash
    assert Classifier.train(shapes(40, size=16), images=256, seed=2, device="cpu").hash != one.hash


def test_pictures_without_tags_are_told_by_which_way_up_they_are() -> None:
    pictures = shapes(40, size=16)
    bare = PictureSet(pictures.images, ((),) * 40, pictures.names)
    found = Classifier.train(bare, images=640, device="cpu")
    assert found.knowledge.basis == "rotations"
    assert found.features(bare.images).shape == (40, 128)
    with pytest.raises(ModelUnusable, match="no tags"):
        found.tag_probabilities(bare.images)


def test_a_tag_that_all_pictures_have_tells_nothing() -> None:
    pictures = shapes(20)
    same = PictureSet(pictures.images, (("shoe",),) * 20, pictures.names)
    assert Classifier.train(same, images=64, device="cpu").knowledge.basis == "rotations"


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (128, 3)])
def test_sizes_and_channels(size: int, channels: int) -> None:
    pictures = shapes(12, size=size, channels=channels)
    found = Classifier.train(pictures, images=64, device="cpu")
    assert np.isfinite(found.features(pictures.images)).all()
    with pytest.raises(ModelUnusable, match="of the shape"):
        found.features(pictures.images[:, :8])


def test_no_pictures_have_no_features(learnt: Classifier) -> None:
    assert learnt.features(shapes(10, size=16).images[:0]).shape == (0, 128)


def test_learning_tells_how_far_it_is() -> None:
    shares: list[float] = []
    Classifier.train(shapes(10), images=192, device="cpu", report=shares.append)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("content", [None, b"", b"no tensors in here"])
def test_a_folder_without_a_usable_classifier_says_so(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelUnusable, match=FILE):
        Classifier.load(tmp_path, "cpu")


def test_right_share_is_accuracy_for_one_tag_and_precision_for_several() -> None:
    probabilities = np.array([[0.9, 0.2, 0.4], [0.1, 0.8, 0.7]], np.float32)
    assert right_share(probabilities, np.array([[1, 0, 0], [0, 0, 1]], np.float32)) == 0.5
    assert right_share(probabilities, np.array([[1, 1, 0], [0, 1, 1]], np.float32)) == 0.75
    assert math.isnan(right_share(probabilities, np.zeros((2, 3), np.float32)))
