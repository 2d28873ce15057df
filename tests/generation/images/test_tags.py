"""A vocabulary turns tags into rows and back, and names what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.errors import ModelUnusable
from generation.images.tags import TagVocabulary

TAGS = st.lists(st.sampled_from(["dress", "hat", "red", "blue", "绿色"]), unique=True)


def test_a_vocabulary_has_the_tags_of_enough_pictures_in_order() -> None:
    pictures = [("red", "dress"), ("red", "hat"), ("red", "red"), ()]
    assert TagVocabulary.of(pictures).names == ("dress", "hat", "red")
    assert TagVocabulary.of(pictures, least=2).names == ("red",)


@given(st.lists(TAGS))
def test_rows_hold_exactly_the_tags_of_their_picture(pictures: list[list[str]]) -> None:
    vocabulary = TagVocabulary.of(pictures)
    rows = vocabulary.rows(pictures)
    assert rows.shape == (len(pictures), len(vocabulary))
    assert [set(vocabulary.tags(row)) for row in rows] == [set(tags) for tags in pictures]


def test_an_unknown_tag_is_named_with_those_that_are_known() -> None:
    vocabulary = TagVocabulary(("hat", "red"))
    assert vocabulary.known(["green", "hat"]) == ("hat",)
    with pytest.raises(ModelUnusable, match=r"no tag 'green'.*hat, red"):
        vocabulary.rows([("hat", "green")])
