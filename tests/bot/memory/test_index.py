"""Which of a person's earlier turns a question finds first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import rarity
from bot.app.parts import BUILTIN_EMBEDDER
from bot.knowledge.analysis import terms
from bot.memory.index import Asked, PastTurn, Reading, TurnIndex
from generation.embedding import StaticEmbedder

START = datetime(2026, 5, 1, tzinfo=UTC)
RARITY = rarity.load()
TURNS = (
    PastTurn("customer", "What size are these trail boots?", START, "1"),
    PastTurn("shop", "They come in 36 to 47.", START, "1"),
    PastTurn("customer", "My parcel with the tent has not arrived.", START + timedelta(days=1), "2"),
    PastTurn("shop", "I am sorry. Where do you live?", START + timedelta(days=1), "2"),
    PastTurn("customer", "In Graz, behind the old theatre.", START + timedelta(days=1), "2"),
    PastTurn("shop", "Thank you, your tent will be sent again.", START + timedelta(days=1), "2"),
)


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder.load(BUILTIN_EMBEDDER)


def index(turns: Sequence[PastTurn] = TURNS, embedder: StaticEmbedder | None = None) -> TurnIndex:
    vectors = embedder.encode([turn.text for turn in turns]) if embedder else [None] * len(turns)
    readings = [Reading(terms(turn.text), vector) for turn, vector in zip(turns, vectors, strict=True)]
    return TurnIndex(turns, readings, RARITY)


def first(asked: Asked, turns: Sequence[PastTurn] = TURNS) -> str:
    return turns[index(turns).search(asked, 5)[0].row].text


def test_the_turn_that_has_the_words_is_found() -> None:
    assert first(Asked("parcel arrived")) == TURNS[2].text
    assert not index().search(Asked("spaceship"), 5)
    assert not index(()).search(Asked("tent"), 5)


def test_an_answer_is_found_by_the_words_of_its_question() -> None:
    found = [each.row for each in index().search(Asked("live"), 5)]
    assert found[:2] == [3, 4]


def test_the_side_that_is_meant_comes_first() -> None:
    assert first(Asked("tent", speakers=frozenset({"shop"}))) == TURNS[5].text
    assert first(Asked("tent", speakers=frozenset({"customer"}))) == TURNS[2].text


def test_the_time_that_is_meant_comes_first() -> None:
    day = (START, START + timedelta(hours=1))
    assert index().search(Asked("tent", period=day), 1)[0].row in (0, 1)
    assert {found.row for found in index().search(Asked("", period=day), 5)} == {0, 1}


def test_meaning_is_found_where_no_word_is_the_same(embedder: StaticEmbedder) -> None:
    asked = Asked("package delivery", embedder.encode(["package delivery"])[0])
    found = index(embedder=embedder).search(asked, 1)[0]
    assert TURNS[found.row].text == TURNS[2].text
    assert found.cover == 0
    assert found.near > 0


def test_cover_is_the_share_of_the_words_with_those_of_the_turn_before() -> None:
    found = {each.row: each for each in index().search(Asked("Where do you live: Graz?"), 6)}
    assert found[4].cover == 1
    assert 0 < found[3].cover < 1


@given(st.lists(st.tuples(st.sampled_from("abcd? "), st.sampled_from("cs"), st.integers(0, 3)), max_size=12), st.text())
def test_any_turns_are_ordered_by_a_finite_score(said: list[tuple[str, str, int]], question: str) -> None:
    turns = [PastTurn(side, f"tent {text}", START, str(sitting)) for text, side, sitting in said]
    found = index(turns).search(Asked(question + " tent"), 5)
    scores = [each.score for each in found]
    assert len(found) == min(len(turns), 5)
    assert scores == sorted(scores, reverse=True)
    assert np.isfinite(scores).all()
