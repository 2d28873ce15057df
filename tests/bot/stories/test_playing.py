"""A story departs where a reply is not what its step wants, and says so as a diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.messages import Citation, Reply
from bot.stories.playing import Outcome, play
from bot.stories.reading import Expectation, Step, Story

SHIPPING = Citation("p1", "Shipping costs", "shipping.md", "It costs €4.50.")
REPLY = Reply("c", "m", "Shipping costs\n €4.50, in the EU.", "answer", 0.9, "en", (SHIPPING,))


async def played(**wanted: Any) -> Outcome:
    async def say(text: str) -> Reply:
        return REPLY

    return await play(Story("Shipping", (Step("How much?", Expectation(**wanted), 3),), Path("shop.yaml")), say)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"routes": ("chat", "answer")},
        {"citations": ("shipping.md", "shipping COSTS", "€4.50")},
        {"contains": ("costs €4.50", "eu", "€")},
        {"never": ("€4.5", "cost", "UK")},
    ],
)
async def test_a_reply_that_is_as_wanted_passes(wanted: dict[str, Any]) -> None:
    outcome = await played(**wanted)
    assert outcome.passed
    assert list(outcome.lines()) == ["passed  shop.yaml: Shipping"]


@pytest.mark.parametrize(
    ("wanted", "minus", "plus"),
    [
        ({"routes": ("chat", "decline")}, "route: chat or decline", "route: answer"),
        ({"citations": ("returns.md",)}, "citation: returns.md", "citations: shipping.md"),
        ({"contains": ("free",)}, "contains: free", "it does not"),
        ({"never": ("costs",)}, "never: costs", "it does"),
    ],
)
async def test_a_reply_that_is_not_is_shown_with_what_was_wanted(wanted: dict[str, Any], minus: str, plus: str) -> None:
    outcome = await played(**wanted)
    assert not outcome.passed
    assert list(outcome.lines()) == [
        "FAILED  shop.yaml: Shipping",
        "    line 3",
        "    user: How much?",
        "    bot (answer): Shipping costs €4.50, in the EU.",
        f"      - {minus}",
        f"      + {plus}",
    ]


async def test_a_story_goes_on_after_a_departure() -> None:
    said: list[str] = []

    async def say(text: str) -> Reply:
        said.append(text)
        return REPLY

    steps = tuple(Step(f"Question {number}", Expectation(contains=("no",)), number) for number in (1, 2))
    outcome = await play(Story("Two", steps, Path("shop.yaml")), say)
    assert said == ["Question 1", "Question 2"]
    assert [departure.step.line for departure in outcome.departures] == [1, 2]
