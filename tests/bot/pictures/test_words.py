"""Words in five languages become a model's tags; what is no tag is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pictures.words import TagFinder, Understood
from generation.embedding import StaticEmbedder

CLOTHES = ("dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt")
COLOURS = ("black", "blue", "green", "grey", "purple", "red", "white", "yellow")
TAGS = (*CLOTHES, *COLOURS)


@pytest.fixture(scope="module")
def finder(embedder: StaticEmbedder) -> TagFinder:
    return TagFinder(embedder)


@pytest.mark.parametrize(
    ("language", "text", "tags"),
    [
        ("en", "red dress", ("red", "dress")),
        ("en", "a pair of black shoes, please", ("black", "shoes")),
        ("en", "two dresses", ("dress",)),
        ("en", "A T-SHIRT", ("t-shirt",)),
        ("en", "tee shirt in navy blue", ("t-shirt", "blue")),
        ("en", "gray long sleeve", ("grey", "longsleeve")),
        ("en", "scarlet sneakers", ("red", "shoes")),
        ("zh", "画一件红色的连衣裙", ("red", "dress")),
        ("zh", "黑裤子", ("black", "pants")),
        ("zh", "蓝色短裤", ("blue", "shorts")),
        ("zh", "一件白色T恤", ("white", "t-shirt")),
        ("zh", "draw a 红色 hat", ("red", "hat")),
        ("de", "ein rotes Kleid", ("red", "dress")),
        ("de", "grüne Hüte", ("green", "hat")),
        ("fr", "une robe rouge", ("dress", "red")),
        ("es", "unos zapatos negros", ("shoes", "black")),
    ],
)
def test_names_plurals_and_synonyms_are_understood(
    finder: TagFinder, language: str, text: str, tags: tuple[str, ...]
) -> None:
    assert finder.understood(text, TAGS, language).tags == tags


@pytest.mark.parametrize(
    ("word", "tag"), [("gown", "dress"), ("trousers", "pants"), ("sandals", "shoes"), ("jeans", "pants")]
)
def test_a_word_that_no_list_has_is_its_nearest_tag(embedder: StaticEmbedder, word: str, tag: str) -> None:
    tags = ("shoes", "dress", "pants", "red")  # no group of synonyms is asked: the embedder alone knows
    assert TagFinder(embedder)._nearest([word], tags) == {word: tag}


@pytest.mark.parametrize(
    ("language", "text", "unused"),
    [
        ("en", "a big red dress with sparkles", ("big", "sparkles")),
        ("en", "an elephant on a bicycle", ("elephant", "bicycle")),
        ("en", "a turquoise hat", ("turquoise",)),
        ("zh", "一张大象的图片", ("大象",)),
        ("de", "ein rotes Kleid mit Streifen", ("streifen",)),
    ],
)
def test_what_cannot_be_drawn_is_named(finder: TagFinder, language: str, text: str, unused: tuple[str, ...]) -> None:
    assert finder.understood(text, TAGS, language).unused == unused


def test_a_models_own_tags_are_understood_whatever_they_are(finder: TagFinder) -> None:
    tags = ("Ankle boot", "Food & Drink", "Modèle 7", "陶瓷杯")
    assert finder.understood("two ankle boots", tags, "en").tags == ("Ankle boot",)
    assert finder.understood("food and drink", tags, "en").tags == ("Food & Drink",)
    assert finder.understood("modele 7", tags, "en").tags == ("Modèle 7",)
    assert finder.understood("画一个陶瓷杯", tags, "zh").tags == ("陶瓷杯",)
    assert finder.understood("a red dress", (), "en") == Understood((), ("red", "dress"))


def test_a_tag_is_told_in_the_customers_language(finder: TagFinder) -> None:
    assert [finder.named(tag, "zh") for tag in ("red", "dress", "Larkfell")] == ["红色", "连衣裙", "Larkfell"]
    assert finder.named("dress", "en") == "dress"


@given(text=st.text(max_size=80), language=st.sampled_from(["en", "zh", "de", "fr", "es", "ja"]))
def test_any_text_gives_tags_of_the_model_only(embedder: StaticEmbedder, text: str, language: str) -> None:
    understood = TagFinder(embedder).understood(text, TAGS, language)
    assert set(understood.tags) <= set(TAGS)
    assert len(set(understood.tags)) == len(understood.tags)
