"""Threats and slurs are withheld, insults lead to a person, furious complaints are heard."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.messages import Citation, Claim, Conversation, Draft, Message, Turn
from bot.moderation.classifier import Classifier
from bot.moderation.gate import SentenceGate
from bot.moderation.moderator import FINE, Moderator
from bot.moderation.training import measure, phrases
from bot.moderation.words import WordList

ORDINARY = tomllib.loads((Path(__file__).parent / "ordinary.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load()


@pytest.fixture
def moderator(classifier: Classifier) -> Moderator:
    return Moderator(WordList(["bad word", "坏话"]), classifier, 0.9, {"discord": 0.5, "api": 1.0})


def turn(text: str, channel: str = "web") -> Turn:
    conversation = Conversation("c1", channel, "anna-1", "u1")
    return Turn(Claim("c1", "w", 1), conversation, (Message("m1", 1, "user", text, datetime.now(UTC)),))


def test_on_phrases_that_it_was_not_trained_on_it_is_precise(classifier: Classifier) -> None:
    figures = measure(classifier, phrases("test"), 0.9)
    assert figures["withheld_precision"] >= 0.95
    assert figures["withheld_recall"] >= 0.65


@pytest.mark.parametrize(
    "text", ["I will kill you", "tomorrow I will burn your shop down", "我要杀了你", "you are a faggot"]
)
def test_threats_and_slurs_are_withheld_with_the_message(moderator: Moderator, text: str) -> None:
    (withheld,) = moderator.incoming(turn(text)).withheld
    assert (withheld.direction, withheld.text, withheld.message_id) == ("in", text, "m1")
    assert withheld.label in ("threat", "slur")


@pytest.mark.parametrize("text", ["you are all idiots", "you useless piece of shit", "你们是骗子吗", "一群废物"])
def test_insults_are_for_a_person_and_not_withheld(moderator: Moderator, text: str) -> None:
    ruling = moderator.incoming(turn(text))
    assert ruling.is_insult
    assert not ruling.withheld


@pytest.mark.parametrize(
    "text",
    [
        "This is the third fucking time! Where is my parcel?!",
        "my wife will kill me if the ring does not come tomorrow",
        "WORST SERVICE EVER. I want my money back NOW or I will sue you",
        "your driver threatened me",
        "他妈的等了三个星期了，我要投诉",
        "How much is shipping?",
    ],
)
def test_complaints_are_heard_as_they_are(moderator: Moderator, text: str) -> None:
    ruling = moderator.incoming(turn(text))
    assert not ruling.withheld
    assert not ruling.is_insult


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_messages_go_their_way(moderator: Moderator, language: str) -> None:
    assert not [text for text in ORDINARY[language] if moderator.incoming(turn(text)) != FINE]


@pytest.mark.parametrize("text", ["ihr seid Idioten", "vous êtes des voleurs", "sois unos ladrones"])
def test_insults_in_other_languages_are_for_a_person_too(moderator: Moderator, text: str) -> None:
    assert moderator.incoming(turn(text)).is_insult


def test_a_listed_word_is_found_in_any_writing_but_not_inside_of_others(moderator: Moderator) -> None:
    for text in ("a BAD WORD", "bád wörd", "ｂａｄ ｗｏｒｄ", "你说坏话"):
        assert [each.label for each in moderator.incoming(turn(text)).withheld] == ["word"]
    assert not moderator.incoming(turn("a bad wording")).withheld


def test_letters_set_apart_are_read_together() -> None:
    words = WordList(["darn"])
    assert words.found("d.a.r.n it")
    assert words.found("D A R N")
    assert not words.found("dark barn")


def test_each_channel_has_its_own_threshold(moderator: Moderator) -> None:
    assert not moderator.incoming(turn("I will kill you", "api")).withheld
    assert moderator.incoming(turn("I will kill you", "discord")).withheld


def test_what_a_model_says_is_looked_at_and_fixed_texts_and_quotes_are_not(moderator: Moderator) -> None:
    rude = "You are all idiots."
    said = Draft(rude, "chat", 1, "en")
    quote = Draft(rude, "answer", 1, "en", citations=(Citation("p", "t", "s", f"They said: {rude}"),))
    stopped = moderator.outgoing(said, "web")
    assert stopped
    assert stopped.direction == "out"
    assert moderator.outgoing(quote, "web") is None
    assert moderator.outgoing(Draft(rude, "command", 1, "en"), "web") is None
    assert moderator.outgoing(Draft("a bad word", "command", 1, "en"), "web")


def test_a_stopped_sentence_and_those_behind_it_are_not_shown_ahead() -> None:
    shown: list[str] = []
    gate = SentenceGate(shown.append, lambda words: "secret" in words)
    for words in ("Hello ", "there.", " A sec", "ret.", " And more."):
        gate(words)
    gate.flush()
    assert "".join(shown) == "Hello there."


def test_a_missing_word_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"moderation\.words"):
        WordList.read(tmp_path / "none.txt")
