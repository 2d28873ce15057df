from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.embedding import StaticEmbedder
from generation.errors import ModelUnusable

BUILTIN = Path(__file__).parents[3] / "generation" / "weights" / "embedder"


@pytest.fixture(scope="module")
def builtin() -> StaticEmbedder:
    return StaticEmbedder.load(BUILTIN)


def small() -> StaticEmbedder:
    vectors = np.array([[0, 0], [3, 0], [0, 4], [1, 1]], dtype=np.float32)
    return StaticEmbedder("small", ["[UNK]", "ship", "##ping", "退"], vectors, frozenset({"en", "zh"}))


def test_a_text_is_the_sum_of_its_pieces_at_length_one() -> None:
    assert small().encode(["Shipping"]) == pytest.approx(np.array([[0.6, 0.8]]))


def test_text_without_known_tokens_is_zero() -> None:
    assert not small().encode(["", "привет", "🙂"]).any()


def test_each_chinese_character_is_a_token() -> None:
    assert small().encode(["退退"]) == pytest.approx(np.full((1, 2), 0.5**0.5))


def test_a_saved_embedder_loads_the_same(tmp_path: Path) -> None:
    small().save(tmp_path)
    loaded = StaticEmbedder.load(tmp_path)

    assert (loaded.name, loaded.dimensions, loaded.languages) == ("small", 2, frozenset({"en", "zh"}))
    assert loaded.encode(["shipping 退"]) == pytest.approx(small().encode(["shipping 退"]), abs=0.01)


@pytest.mark.parametrize("name", ["config.json", "vocabulary.txt", "vectors.npz"])
def test_a_damaged_folder_is_named(tmp_path: Path, name: str) -> None:
    small().save(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:10])

    with pytest.raises(ModelUnusable, match=str(tmp_path)):
        StaticEmbedder.load(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="nothing-here"):
        StaticEmbedder.load(tmp_path / "nothing-here")


@settings(deadline=None)
@given(st.lists(st.text(), max_size=12))
def test_any_texts_get_unit_or_zero_rows_that_do_not_depend_on_their_neighbours(texts: list[str]) -> None:
    embedder = small()
    rows = embedder.encode(texts)
    lengths = np.linalg.norm(rows, axis=1)

    assert rows.shape == (len(texts), 2)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))
    for text, row in zip(texts, rows, strict=True):
        assert embedder.encode([text])[0] == pytest.approx(row, abs=1e-6)


def test_the_builtin_embedder_is_small_and_says_what_it_is() -> None:
    config = json.loads((BUILTIN / "config.json").read_text("utf-8"))

    assert sum(file.stat().st_size for file in BUILTIN.iterdir()) <= 8_000_000
    assert {"en", "zh"} >= set(config["languages"]) >= {"en"}


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("How do I send goods back?", "You can return items within 30 days.", "The shop opens at nine."),
        ("When will my parcel arrive?", "Delivery takes two to three working days.", "We accept credit cards."),
        ("Can I pay in instalments?", "Payment in monthly rates is possible.", "The jacket is waterproof."),
        ("我想退货", "收到商品后三十天内可以退回。", "门店九点开门。"),
    ],
)
def test_the_builtin_embedder_puts_meaning_before_words(
    builtin: StaticEmbedder, question: str, near: str, far: str
) -> None:
    asked, good, bad = builtin.encode([question, near, far])

    assert asked @ good > asked @ bad
