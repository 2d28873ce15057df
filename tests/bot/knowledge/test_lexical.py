from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.lexical import LexicalIndex

words = st.lists(st.sampled_from("abcdefgh"), max_size=12)


def bm25(documents: list[list[str]], document: list[str], term: str) -> float:
    """The formula, written out."""
    containing = sum(term in other for other in documents)
    idf = math.log(1 + (len(documents) - containing + 0.5) / (containing + 0.5))
    average = max(sum(map(len, documents)) / len(documents), 1)
    count = Counter(document)[term]
    return idf * count / (count + 1.2 * (0.25 + 0.75 * len(document) / average))


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=8), st.dictionaries(st.sampled_from("abcxyz"), st.floats(0.1, 2)))
def test_scores_are_those_of_the_formula(documents: list[list[str]], query: dict[str, float]) -> None:
    expected = [
        sum(weight * bm25(documents, document, term) for term, weight in query.items()) for document in documents
    ]

    assert LexicalIndex(documents).scores(query) == pytest.approx(np.array(expected), rel=1e-4, abs=1e-5)


def test_a_rare_term_says_more_than_a_common_one() -> None:
    index = LexicalIndex([["order", "late"], ["order", "refund"], ["order", "size"]])

    assert index.idf("unknown") > index.idf("refund") > index.idf("order") > 0


def test_presence_counts_a_term_once() -> None:
    index = LexicalIndex([["refund", "refund"], ["refund"], ["size"]])
    scores = index.scores_of_presence({"refund"})

    assert scores[0] == scores[1] == pytest.approx(index.idf("refund"))
    assert scores[2] == 0


def test_an_empty_index_has_no_scores() -> None:
    assert LexicalIndex([]).scores({"refund": 1.0}).shape == (0,)
