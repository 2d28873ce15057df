"""Of stored conversations only what a customer could want to hear again is learnt."""

from __future__ import annotations

from typing import Any

from bot.learnable import rows


def message(number: int, role: str, text: str, route: str | None = None, *quotes: str) -> dict[str, Any]:
    citations = [{"passage_id": "p", "quote": quote} for quote in quotes]
    return {"id": f"m{number}", "role": role, "text": text, "route": route, "citations": citations}


def export(*messages: dict[str, Any], disliked: str = "") -> dict[str, Any]:
    feedback = [{"message_id": disliked, "score": -1}] if disliked else []
    return {"conversation": {"id": "c1"}, "messages": list(messages), "feedback": feedback}


TALK = (
    message(1, "user", "Is it free?"),
    message(2, "assistant", "Yes, it is.", "answer", "It is free."),
    message(3, "user", "And on the moon?"),
    message(4, "assistant", "I do not know.", "decline"),
    message(5, "operator", "Not there."),
)


def test_answers_with_what_they_quote_and_operators_words_are_learnt_and_declines_are_not() -> None:
    passage, dialogue = rows(export(*TALK), "Ann")
    assert passage == {"id": "m2:0", "text": "It is free."}
    assert dialogue["id"] == "c1"
    assert dialogue["customers"] == ["Ann"]
    assert dialogue["turns"] == [
        {"role": "user", "text": "Is it free?"},
        {"role": "assistant", "text": "Yes, it is.", "knowledge": ["m2:0"]},
        {"role": "user", "text": "And on the moon?"},
        {"role": "assistant", "text": "Not there.", "knowledge": []},
    ]


def test_a_reply_that_was_rated_down_is_not_learnt() -> None:
    (dialogue,) = rows(export(*TALK, disliked="m2"), None)
    assert [turn["text"] for turn in dialogue["turns"] if turn["role"] == "assistant"] == ["Not there."]


def test_a_conversation_without_a_reply_to_learn_is_left_out() -> None:
    assert list(rows(export(TALK[0], TALK[3]), "Ann")) == []
