"""What is said of generators that are known to be good, bad, or copying."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from generation.images.classifier import Classifier, Numbers, Pixels
from generation.images.evaluation import Figures, Judge
from generation.images.model import Prior
from generation.images.networks import Kind
from generation.images.pictures import PictureSet
from generation.images.tags import TagVocabulary
from tests.generation.images.examples import shapes

KNOWN = shapes(240, size=16)
TAGS = TagVocabulary.of(KNOWN.tags)


class Painter:
    """Draws pictures of a stock: one with the tags that are asked for, or any if it does not listen."""

    def __init__(self, stock: PictureSet, *, listens: bool = True, kind: Kind = "gan") -> None:
        self.kind: Kind = kind
        self.tags = TAGS
        self._stock = stock
        self._listens = listens

    def draw(self, tags: Sequence[Sequence[str]], seeds: Sequence[int], *, prior: Prior = "mixture") -> Pixels:
        chosen = []
        for wanted, seed in zip(tags, seeds, strict=True):
            fitting = [i for i, own in enumerate(self._stock.tags) if not self._listens or set(wanted) <= set(own)]
            chosen.append(fitting[seed % len(fitting)])
        pictures = self._stock.images[chosen]
        return pictures if prior == "mixture" else 255 - pictures

    def reconstruction_error(self, pictures: Pixels) -> Numbers:
        return np.full(len(pictures), 0.01, np.float32)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(KNOWN, Classifier.train(KNOWN, images=2560, device="cpu"), samples=120)


@pytest.fixture(scope="module")
def good(judge: Judge) -> Figures:
    """Of a generator that draws new pictures from the same distribution."""
    return judge.measure(Painter(shapes(400, size=16, seed=5)))[0]


def test_a_perfect_generator_is_near_the_floor(good: Figures) -> None:
    assert good.fid is not None
    assert good.fid_floor is not None
    assert good.fid < 3 * good.fid_floor + 1
    assert good.coverage is not None
    assert good.coverage > 0.8
    assert good.tag_accuracy is not None
    assert good.tag_accuracy > 0.9


def test_noise_is_far_and_covers_nothing(judge: Judge, good: Figures) -> None:
    noise = np.random.default_rng(0).integers(0, 256, KNOWN.images.shape, dtype=np.uint8)
    figures, _ = judge.measure(Painter(PictureSet(noise, KNOWN.tags, KNOWN.names)))
    assert figures.fid is not None
    assert good.fid is not None
    assert figures.fid > 10 * good.fid + 1
    assert figures.coverage is not None
    assert figures.coverage < 0.1


def test_a_generator_that_draws_one_picture_lacks_variety(judge: Judge) -> None:
    figures, _ = judge.measure(Painter(KNOWN.of([0]), listens=False))
    assert figures.coverage is not None
    assert figures.coverage < 0.3


def test_a_generator_that_does_not_listen_is_found_out(judge: Judge) -> None:
    figures, _ = judge.measure(Painter(shapes(400, size=16, seed=5), listens=False))
    assert figures.tag_accuracy is not None
    assert figures.tag_accuracy < 0.7


def test_copies_are_counted_and_shown(judge: Judge, good: Figures) -> None:
    figures, drawn = judge.measure(Painter(judge.training))
    assert figures.copy_rate == 1
    assert good.copy_rate is not None
    assert good.copy_rate < 0.2
    found = judge.nearest(drawn)
    np.testing.assert_array_equal(judge.training.images[found.indices], drawn.images)


def test_an_autoencoder_has_figures_of_its_own(judge: Judge) -> None:
    figures, _ = judge.measure(Painter(shapes(400, size=16, seed=5), kind="vae"))
    assert figures.psnr == pytest.approx(20.0)
    assert figures.reconstruction_error == pytest.approx(0.01)
    assert figures.fid is not None
    assert figures.fid_normal is not None
    assert figures.fid_normal > figures.fid


def test_what_does_not_apply_is_left_out(good: Figures) -> None:
    assert {"psnr", "fid_normal"}.isdisjoint(good.to_json())
    assert {"fid", "fid_floor", "kid", "density", "coverage", "copy_rate", "tag_accuracy"} <= set(good.to_json())


def test_progress_and_the_same_wishes_each_time(judge: Judge) -> None:
    shares: list[float] = []
    stock = Painter(shapes(50, size=16, seed=5), listens=False)
    one, other = judge.draw(stock, report=shares.append), judge.draw(stock)
    assert list(one.tags) == list(other.tags)
    assert shares[-1] == 1


def test_a_set_that_is_too_small_has_few_figures() -> None:
    few = shapes(10, size=16)
    figures, _ = Judge(few, Classifier.train(few, images=64, device="cpu"), samples=4).measure(Painter(few))
    assert figures.fid is None
    assert figures.copy_rate is not None
