"""The fixed texts: complete in every language, and found in English where there is none."""

from __future__ import annotations

import string
import tomllib
from importlib import resources
from typing import Any

import pytest

from bot.phrases import Phrases
from bot.routing.small_talk import is_factless
from bot.skills.commands import NAMES

PHRASES = Phrases()


def texts(language: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("bot.phrases").joinpath(f"{language}.toml").read_text("utf-8"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_english_and_chinese_are_spoken() -> None:
    assert {"en", "zh"} <= set(PHRASES.languages)


@pytest.mark.parametrize("language", PHRASES.languages)
def test_every_language_has_every_text_with_the_same_placeholders(language: str) -> None:
    ours, english = texts(language), texts("en")
    assert ours.keys() == english.keys()
    for key in english.keys() - {"small_talk"}:
        assert ours[key].strip()
        assert placeholders(ours[key]) == placeholders(english[key]), key


@pytest.mark.parametrize("language", PHRASES.languages)
def test_every_language_answers_every_kind_of_small_talk_in_several_ways(language: str) -> None:
    answers = texts(language)["small_talk"]
    assert answers.keys() == texts("en")["small_talk"].keys()
    for kind, variants in answers.items():
        assert len(set(variants)) == len(variants) >= 2, kind
        assert not any(placeholders(variant) for variant in variants)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nearly_all_small_talk_would_pass_the_check_that_holds_for_a_model(language: str) -> None:
    variants = [text for answers in texts(language)["small_talk"].values() for text in answers]
    passed = [text for text in variants if is_factless(text, language)]
    assert len(passed) >= 0.9 * len(variants)


def test_a_text_takes_its_values() -> None:
    assert PHRASES.text("greeting", "en", name="Nora") == "Hello, I am Nora. How can I help you?"
    assert "Nora" in PHRASES.text("greeting", "zh", name="Nora")


def test_a_language_without_a_file_is_spoken_to_in_english() -> None:
    assert PHRASES.text("decline", "fi") == PHRASES.text("decline", "en")
    assert PHRASES.small_talk("thanks", "fi", "kiitos") in texts("en")["small_talk"]["thanks"]


def test_an_unknown_key_is_an_error_and_an_unknown_kind_of_small_talk_is_not() -> None:
    with pytest.raises(KeyError):
        PHRASES.text("no_such_text", "en")
    assert PHRASES.small_talk("no_such_kind", "en", "x") in texts("en")["small_talk"]["other"]


def test_the_same_words_get_the_same_answer_and_other_words_others() -> None:
    first = PHRASES.small_talk("greeting", "en", "hi")
    assert PHRASES.small_talk("greeting", "en", "hi") == first
    assert {PHRASES.small_talk("greeting", "en", f"hi {n}") for n in range(30)} == set(
        texts("en")["small_talk"]["greeting"]
    )


def test_a_seed_may_be_any_text() -> None:
    assert PHRASES.small_talk("greeting", "en", "\ud800 broken")


@pytest.mark.parametrize("language", PHRASES.languages)
@pytest.mark.parametrize("command", NAMES)
def test_every_command_is_described_in_as_many_characters_as_platforms_show(language: str, command: str) -> None:
    assert 0 < len(PHRASES.text(f"command_{command}", language)) <= 100
