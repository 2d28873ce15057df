"""What a question asks for is found in a sentence."""

from __future__ import annotations

import pytest

from bot.answers import rarity
from bot.answers.kinds import asked
from bot.answers.question import Reader
from bot.answers.spans import point
from bot.messages import Query


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How long does shipping take?", "duration"),
        ("how much is express", "money"),
        ("When was it built?", "date"),
        ("What time do you open?", "hours"),
        ("where are you", "place"),
        ("Who directed it?", "person"),
        ("How many points did they score?", "number"),
        ("Can I return shoes?", "yes_no"),
        ("Tell me about returns", None),
        ("退货要多久？", "duration"),
        ("运费多少钱", "money"),
        ("导演是谁呢？", "person"),
        ("可以退货吗", "yes_no"),
    ],
)
def test_the_kind_of_thing_that_is_asked_for(question: str, kind: str | None) -> None:
    assert asked(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        (
            "How many points did the defense surrender?",
            "The defense gave up just 308 points, ranking sixth in the league.",
            "308",
        ),
        ("Who wrote it?", "Then Anna Smith wrote it in the summer.", "Anna Smith"),
        ("When did the shop open?", "The shop has been open to all since 5 May 2019.", "5 May 2019"),
        ("How much is a patch?", "A patch costs €12, and washing and reproofing a jacket costs more.", "€12"),
        ("黑豹队的防守丢了多少分？", "黑豹队的防守只丢了 308分，在联赛中排名第六。", "308分"),
        ("Tell me about it", "It costs €12.", None),
        ("Who is your manager?", "An order that was placed as a guest appears in your account.", None),
        ("How much is it?", "It is good.", None),
    ],
)
def test_the_point_of_a_sentence(question: str, sentence: str, expected: str | None) -> None:
    span = point(Reader(rarity.load()).question(Query(question)), sentence)

    assert (sentence[slice(*span)] if span else None) == expected
