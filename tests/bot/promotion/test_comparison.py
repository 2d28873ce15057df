"""A new model is refused with the score that is worse and by how much, or with the story that it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import Reply
from bot.promotion.comparison import GUARDS, compare
from bot.stories.playing import Departure, Outcome
from bot.stories.reading import Expectation, Step, Story

SCORES = {
    "reply_perplexity": 40.0,
    "response_r1": 0.6,
    "distinct2": 0.5,
    "repetition": 0.02,
    "chrf": 0.3,
    "groundedness": 0.5,
}


def outcome(name: str, passed: bool) -> Outcome:
    step = Step("Hi", Expectation(), 7)
    departure = Departure(step, Reply("c", "m", "Ha", "chat", 1.0, "en"), ("contains: hello",), ("it does not",))
    return Outcome(Story(name, (step,), Path("shop.yaml")), () if passed else (departure,))


def test_an_equal_model_passes() -> None:
    verdict = compare(SCORES, SCORES, [outcome("A", True)], [outcome("A", True)])
    assert verdict.objections == ()
    assert [row.score for row in verdict.rows] == [guard.score for guard in GUARDS]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.score)
def test_each_guarded_score_may_reach_its_limit_and_not_pass_it(guard: object) -> None:
    assert guard in GUARDS
    (known,) = [one for one in GUARDS if one is guard]
    limit = known.limit(SCORES[known.score])
    beyond = limit - 0.001 if known.higher_is_better else limit + 0.001
    assert not compare({**SCORES, known.score: limit}, SCORES, [], []).objections
    (objection,) = compare({**SCORES, known.score: beyond}, SCORES, [], []).objections
    assert objection.startswith(f"{known.score} is ")
    assert f"the current model has {SCORES[known.score]:.4g}" in objection


def test_a_better_score_does_not_make_up_for_a_worse_one() -> None:
    verdict = compare({**SCORES, "response_r1": 0.9, "chrf": 0.1}, SCORES, [], [])
    assert [objection.split()[0] for objection in verdict.objections] == ["chrf"]


def test_a_story_counts_only_if_the_current_model_passes_it() -> None:
    new = [outcome("lost", False), outcome("never told", False), outcome("kept", True)]
    before = [outcome("lost", True), outcome("never told", False), outcome("kept", True)]
    (objection,) = compare(SCORES, SCORES, new, before).objections
    assert objection == "it fails a story that the current model passes: lost (shop.yaml, line 7)"


def test_a_score_that_only_one_of_them_has_is_not_compared() -> None:
    without = {name: value for name, value in SCORES.items() if name != "groundedness"}
    assert "groundedness" not in [row.score for row in compare(SCORES, without, [], []).rows]
