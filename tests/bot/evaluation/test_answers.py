"""The figures of `evaluate answers` on answers whose worth is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers import confidence
from bot.answers.answerer import Answer, Answerer
from bot.evaluation.answers import evaluate_answers, figures, outcome
from bot.evaluation.questions import LabelledQuestion
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.messages import Citation, Evidence, Passage, Query

SHIPPING = Passage("ship", "How long does shipping take?", "Shipping takes 3 working days.", "shop.md")
GIFTS = Passage("gift", "How long are gift cards valid?", "Gift cards are valid for 2 years.", "shop.md")


def asked(name: str, *knowledge: str, answers: tuple[str, ...] = (), answerable: bool = True) -> LabelledQuestion:
    return LabelledQuestion(name, Query(name), answers, frozenset(knowledge), answerable)


def answered(passage: Passage, confidence: float, *, given: bool, text: str = "", point: str = "") -> Answer:
    citation = Citation(passage.id, passage.title, passage.source, passage.text)
    found = tuple(Evidence(one, 1.0) for one in (passage, GIFTS if passage is SHIPPING else SHIPPING))
    return Answer(text or passage.text, (citation,), confidence, given, point, evidence=found)


def test_every_figure_by_hand() -> None:
    outcomes = [
        outcome(
            asked("a", "ship", answers=("3 working days",)), answered(SHIPPING, 0.9, given=True, point="3 days"), 0.1
        ),
        outcome(asked("b", "ship", answers=("2 years",)), answered(GIFTS, 0.8, given=True, text="2 years"), 0.3),
        outcome(asked("c", "gift", answers=("2 years",)), answered(GIFTS, 0.3, given=False)),
        outcome(asked("d", answerable=False), answered(GIFTS, 0.2, given=False)),
        outcome(asked("e", answerable=False), answered(SHIPPING, 0.7, given=True)),
    ]

    found = figures(outcomes)

    assert found["questions"] == 5
    assert found["answerable"] == 3
    assert found["recall@1"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["recall@5"] == 1
    assert found["answered"] == pytest.approx(3 / 5)
    assert found["right_passage"] == pytest.approx(1 / 2)
    assert found["f1"] == pytest.approx((0.8 + 1) / 2)
    assert found["exact"] == pytest.approx(1 / 2)
    assert found["f1_all"] == pytest.approx((0.8 + 1 + 0) / 3)
    assert found["exact_all"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["wrong_of_answered"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["wrong_on_unanswerable"] == pytest.approx(1 / 2)
    assert found["auroc"] == pytest.approx(4 / 6, abs=1e-4)
    assert found["ece"] == pytest.approx((0.1 + 0.8 + 0.7 + 0.2 + 0.7) / 5)
    assert found["quotes_verified"] == 1
    assert found["seconds_per_question"] == pytest.approx(0.4 / 5)


def test_a_quote_that_is_not_in_its_passage_is_counted() -> None:
    forged = Citation("ship", SHIPPING.title, SHIPPING.source, "Shipping takes 2 working days.")
    answer = Answer("x", (forged,), 0.5, True, evidence=(Evidence(SHIPPING, 1.0),))

    assert figures([outcome(asked("a", "ship"), answer)])["quotes_verified"] == 0


def test_a_figure_about_nothing_is_none() -> None:
    found = figures([outcome(asked("d", answerable=False), answered(GIFTS, 0.2, given=False))])

    assert found["recall@1"] is None
    assert found["f1"] is None
    assert found["auroc"] is None
    assert found["right_passage"] is None


def test_without_labelled_passages_the_spans_decide_what_is_right() -> None:
    question = asked("a", answers=("3 working days",))

    assert outcome(question, answered(SHIPPING, 0.9, given=True, text="3 working days")).right
    assert not outcome(question, answered(SHIPPING, 0.9, given=True, text="something else")).right


async def test_questions_are_asked_and_the_curve_is_drawn(tmp_path: Path) -> None:
    questions = [
        asked("How long does shipping take?", "ship"),
        asked("How long are gift cards valid?", "gift"),
        asked("Who won the cup?", answerable=False),
    ]
    answerer = Answerer(KnowledgeIndex(FixedKnowledge([SHIPPING, GIFTS])), confidence.load())

    found = await evaluate_answers(questions, answerer, curve=tmp_path / "curve.png")

    assert found["recall@1"] == 1
    assert found["quotes_verified"] == 1
    assert found["wrong_on_unanswerable"] == 0
    assert found["threshold"] == answerer.threshold
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
