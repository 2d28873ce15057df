"""How recall is measured: evidence among the turns that were found, beside plain BM25."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app.parts import BUILTIN_EMBEDDER
from bot.cli import run
from bot.errors import UsageError
from bot.evaluation.memory import evaluate_memory, read_histories
from generation.embedding import StaticEmbedder

SESSIONS: dict[str, Any] = {
    "session_1_date_time": "4:04 pm on 20 January, 2023",
    "session_1": [
        {"speaker": "Ada", "dia_id": "D1:1", "text": "Hi Ben, any plans?"},
        {"speaker": "Ben", "dia_id": "D1:2", "text": "I start pottery classes on Monday."},
        {"speaker": "Ada", "dia_id": "D1:3", "text": "What is your dog called?"},
        {"speaker": "Ben", "dia_id": "D1:4", "text": "Rex, he is two."},
    ],
    "session_2_date_time": "9:00 am on 3 February, 2023",
    "session_2": [{"speaker": "Ada", "dia_id": "D2:1", "text": "I have sold my old car."}],
    "qa": [
        {"question": "Which classes does Ben take?", "evidence": ["D1:2"]},
        {"question": "What is Ben's dog called?", "evidence": ["D1:3; D1:4", "D9:9"]},
        {"question": "What has Ada sold?", "evidence": ["D2:1"]},
        {"question": "Nobody has said which turns answer this."},
    ],
}
DAYS: dict[str, Any] = {
    "lang": "en",
    "history": {
        "2023-05-01": [{"query": "I bought red boots.", "response": "Good choice."}],
        "2023-05-02": [{"query": "I bought a blue hat.", "response": "It will suit you."}],
    },
    "questions": ["What did I tell you on May 1st that I bought?", "What do I like?"],
}


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder.load(BUILTIN_EMBEDDER)


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "memory.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def test_evidence_is_counted_among_the_first_found(tmp_path: Path, embedder: StaticEmbedder) -> None:
    (history,) = read_histories(written(tmp_path, SESSIONS))
    assert [sorted(asked.evidence) for asked in history.questions] == [[1], [2, 3], [4], []]
    figures = evaluate_memory([history], embedder)
    assert figures["questions"] == 3
    assert figures["any@1"] == 1
    assert figures["recall@5"] == figures["bm25_recall@5"] == 1
    assert figures["recall@1"] == pytest.approx(5 / 6, abs=1e-4)
    assert figures["of_named_day"] is None


def test_a_question_that_names_a_day_finds_that_day(tmp_path: Path, embedder: StaticEmbedder) -> None:
    figures = evaluate_memory(read_histories(written(tmp_path, DAYS)), embedder)
    assert (figures["questions"], figures["of_named_day"], figures["recall@5"]) == (0, 1, None)


def test_words_alone_do_where_the_embedder_knows_no_vectors(tmp_path: Path) -> None:
    assert evaluate_memory(read_histories(written(tmp_path, SESSIONS)), None)["any@5"] == 1


@pytest.mark.parametrize("row", [{"qa": 1}, {"history": {}}, {"qa": [], "session_1": [], "session_1_date_time": "now"}])
def test_what_is_no_history_is_named(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"memory.jsonl, line 2"):
        read_histories(written(tmp_path, SESSIONS, row))


def test_the_command_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--bot", str(tmp_path), "evaluate", "memory", str(written(tmp_path, SESSIONS)), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {"recall@1", "recall@5", "recall@10", "recall@20"} <= figures.keys()
