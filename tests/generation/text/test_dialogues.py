from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue, Turn, split
from generation.text.examples import Example, pack, tell, tokens, windows
from generation.text.layout import Layout, Tokens
from generation.text.small_talk import read_topics, small_talk
from generation.text.sources import read_corpus
from generation.text.tokenizer import train_tokenizer
from generation.text.voices import Voices
from tests.generation.text.conftest import TEXTS

LAYOUT = Layout(train_tokenizer(TEXTS, 400), 128)
ROW = {"id": "d1", "source": "shop", "lang": "en", "turns": [{"role": "user", "text": "Returns?"}]}


def test_knowledge_ids_are_looked_up_in_the_passages_given_beside(tmp_path: Path) -> None:
    row = {**ROW, "turns": [*ROW["turns"], {"role": "assistant", "text": "Free.", "knowledge": ["p1", "gone"]}]}
    with gzip.open(tmp_path / "dialogues.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n\n")
    (tmp_path / "passages.jsonl").write_text('{"id": "p1", "title": "Returns", "text": "They are free.", "source": ""}')
    corpus = read_corpus([tmp_path / "dialogues.jsonl.gz", tmp_path / "passages.jsonl"])
    assert corpus.dialogues[0].turns[1] == Turn("assistant", "Free.", ("They are free.",))
    assert all(len(digest) == 64 for digest in corpus.hashes.values())


@pytest.mark.parametrize(("content", "reason"), [("{", "line 1"), ("{}\n[1]", "line 2: .*not an object")])
def test_a_broken_file_is_named_with_its_line(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text(content)
    with pytest.raises(ModelUnusable, match=rf"bad\.jsonl, {reason}"):
        read_corpus([tmp_path / "bad.jsonl"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"none\.jsonl cannot be read"):
        read_corpus([tmp_path / "none.jsonl"])


def test_the_split_is_by_conversation_and_does_not_depend_on_order() -> None:
    dialogues = [Dialogue(str(number), "shop", "en", ()) for number in range(1000)]
    training, validation = split(dialogues, 0.1)
    assert 60 < len(validation) < 140
    assert set(split(reversed(dialogues), 0.1)[1]) == set(validation)
    assert not set(training) & set(validation)


def test_a_long_dialogue_is_cut_into_windows_that_fit_and_learn_each_turn_once() -> None:
    turns = tuple(Turn("assistant" if n % 2 else "user", f"These are the words of turn {n}.") for n in range(30))
    cut = windows([Dialogue("a", "shop", "en", turns)], LAYOUT)
    assert len(cut) > 2
    assert [turn for window in cut for turn in window.turns[window.learn_from :]] == list(turns)
    for window in cut:
        assert len(LAYOUT.example(window).ids) + 60 <= LAYOUT.context


def test_a_window_shows_the_passages_its_replies_need() -> None:
    turns = (Turn("user", "Returns?"), Turn("assistant", "Free.", ("They are free.", "Keep the receipt.")))
    (window,) = windows([Dialogue("a", "shop", "en", turns)], LAYOUT)
    assert window.passages == ("They are free.", "Keep the receipt.")


def test_names_in_the_words_are_those_of_the_persona() -> None:
    rng = random.Random(1)
    voice = Voices().draw(rng)
    told = tell(Example("", (), (), (Turn("assistant", "I am {bot} of {shop}."),)), voice, rng)
    assert told.turns[0].text == f"I am {voice.bot} of {voice.shop}."
    assert voice.bot in told.persona
    assert voice.shop in told.persona


def test_packing_keeps_every_example_whole_and_fills_the_rows() -> None:
    rng = random.Random(2)
    examples = [Tokens([number] * rng.randint(1, 40), []) for number in range(1, 300)]
    examples = [Tokens(made.ids, [1.0] * len(made.ids)) for made in examples]
    rows = pack(examples, 64, 0, rng)
    assert sorted(rows.ids[rows.ids > 0].tolist()) == sorted(n for made in examples for n in made.ids)
    for row in rows.ids.tolist():
        starts = [n for place, n in enumerate(row) if n and (place == 0 or row[place - 1] != n)]
        assert len(starts) == len(set(starts)), "an example was torn apart"
    assert float(rows.weights.mean()) > 0.97


def test_small_talk_states_no_numbers_and_takes_its_name_from_the_persona() -> None:
    topics = read_topics()
    assert sum(len(topic.user) for topic in topics) >= 150
    for topic in topics:
        for reply in topic.assistant:
            assert not any(sign.isdigit() for sign in reply), reply
    talk = small_talk(topics, 200, random.Random(1))
    assert {dialogue.language for dialogue in talk} == {"en", "zh"}
    for dialogue in talk:
        assert [turn.role for turn in dialogue.turns] == ["user", "assistant"] * (len(dialogue.turns) // 2)
    made = list(tokens(windows(talk, LAYOUT), LAYOUT, 0.5, random.Random(1)))
    assert not any("{" in LAYOUT.tokenizer.decode(example.ids) for example in made)


def test_of_a_few_conversations_one_is_held_out_and_a_single_one_is_learnt() -> None:
    few = [Dialogue(str(number), "shop", "en", ()) for number in range(3)]
    training, validation = split(few, 0.0001)
    assert (len(training), len(validation)) == (2, 1)
    assert split(few[:1], 0.0001) == (few[:1], [])
