from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from generation.errors import ModelUnusable
from generation.text.evaluation import distinct, evaluate_dialogue, read_cases, repetition


@pytest.fixture
def file(tmp_path: Path) -> Path:
    replies = ["Returns are free.", "Keep the receipt.", "How can I help you today?", "A pair of shoes."]
    rows = [
        {
            "id": str(number),
            "turns": [
                {"role": "user", "text": f"Question number {number}?"},
                {"role": "assistant", "text": f"{reply} Yes, {number}.", "knowledge": ["p"]},
            ],
        }
        for number, reply in enumerate(replies * 3)
    ]
    (tmp_path / "dialogues.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "knowledge.jsonl").write_text('{"id": "p", "title": "", "text": "All about returns."}')
    return tmp_path / "dialogues.jsonl"


def test_figures_of_a_model_that_knows_nothing_are_near_chance(folder: Path, file: Path) -> None:
    figures = evaluate_dialogue(str(folder), [file], supported=lambda text, passages: text in passages[0])
    assert figures["turns"] == 24
    assert figures["replies"] == 12
    assert figures["perplexity"] > 100
    assert math.log(figures["words_perplexity"]) > math.log(figures["perplexity"])  # a word is several tokens
    assert 0 <= figures["response_r1"] <= 0.6
    assert figures["bleu4"] < 0.1
    assert 0 < figures["distinct2"] <= 1
    assert 0 <= figures["chrf"] < 0.5
    assert figures["reply_perplexity"] > 100
    assert figures["groundedness"] == 0


def test_the_passages_beside_are_seen_and_the_limit_counts_dialogues(file: Path) -> None:
    cases = read_cases([file], 2)
    assert len(cases) == 4
    assert cases[1].prompt.passages == ("All about returns.",)


def test_distinct_counts_different_pairs_of_words() -> None:
    assert distinct(["a b a b", "a b"], 2) == 0.5


def test_repetition_counts_what_a_reply_says_again() -> None:
    assert repetition(["a b c d e"]) == 0
    assert repetition(["a b c d a b c d", "and now"]) == 0.2


def test_groundedness_is_the_share_of_answers_that_their_passages_support(folder: Path, file: Path) -> None:
    figures = evaluate_dialogue(
        str(folder), [file], supported=lambda text, passages: passages == ("All about returns.",)
    )
    assert figures["groundedness"] == 1


def test_a_file_without_dialogues_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(ModelUnusable, match="no dialogue"):
        read_cases([tmp_path / "none.jsonl"], 5)
