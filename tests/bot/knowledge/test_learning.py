from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.errors import ModelError
from bot.knowledge.learning import Example, Recipe, fit, gradients
from bot.knowledge.ranking import Ranker


def example(random: np.random.Generator, candidates: int = 6) -> Example:
    """The right candidate is the one whose second feature is the smallest; the first says nothing."""
    features = random.normal(size=(candidates, 2)).astype(np.float32)
    right = (features[:, 1] == features[:, 1].min()).astype(np.float32)
    return Example(features, right)


def test_a_network_learns_which_candidate_is_right() -> None:
    random = np.random.default_rng(0)
    network = fit(["noise", "distance"], [example(random) for _ in range(320)], Recipe(units=4, networks=1, epochs=20))
    fresh = [example(random) for _ in range(100)]
    right = [
        bool(item.right[np.argmax(network.scores(dict(zip(network.features, item.features.T, strict=True))))])
        for item in fresh
    ]

    assert np.mean(right) > 0.9


def test_gradients_are_those_of_the_loss() -> None:
    random = np.random.default_rng(1)
    batch = [example(random) for _ in range(3)]
    weights = [random.normal(size=shape).astype(np.float32) for shape in ((2, 3), (3,), (3,))]

    def loss(values: list[NDArray[np.float64]]) -> float:
        """Minus the log of the right candidate's share, the mean over the batch."""
        hidden, bias, output = values
        losses = []
        for item in batch:
            powers = np.exp(np.tanh(item.features @ hidden + bias) @ output)
            losses.append(np.log(powers.sum()) - np.log((powers * item.right).sum()))
        return float(np.mean(losses))

    for number, slope in enumerate(gradients(weights, batch)):
        for place in np.ndindex(slope.shape):
            moved = [[weight.astype(np.float64) for weight in weights] for _ in range(2)]
            moved[0][number][place] += 1e-5
            moved[1][number][place] -= 1e-5
            assert slope[place] == pytest.approx((loss(moved[0]) - loss(moved[1])) / 2e-5, abs=1e-3)


def test_a_saved_ranker_ranks_the_same(tmp_path: Path) -> None:
    ranker = Ranker.load()
    ranker.save(tmp_path / "ranker.json")
    again = Ranker.load(tmp_path / "ranker.json")
    random = np.random.default_rng(2)
    columns = {name: random.random(5).astype(np.float32) for name in (*ranker.words.features, *ranker.vectors.features)}

    assert again.scores(columns) == pytest.approx(ranker.scores(columns), abs=1e-3)


def test_a_file_that_is_not_a_ranker_is_named(tmp_path: Path) -> None:
    (tmp_path / "ranker.json").write_text('{"words": {}}')

    with pytest.raises(ModelError, match=r"ranker\.json"):
        Ranker.load(tmp_path / "ranker.json")
