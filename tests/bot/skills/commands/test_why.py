"""Why the last reply is as it is."""

from __future__ import annotations

import pytest

from bot.messages import Incoming, Utterance
from tests.bot.skills.commands.conversation import PHRASES, Customer

QUESTION = "do you deliver to the united states?"


async def why(customer: Customer, language: str = "en") -> list[str]:
    draft = await customer.say("/why")
    assert (draft.route, draft.language) == ("command", language)
    return draft.text.split("\n")


async def test_an_answer_is_explained_by_its_confidence_and_what_was_read(anna: Customer) -> None:
    answer = await anna.say(QUESTION)
    first, heading, *passages = await why(anna)
    limits = {"confidence": f"{answer.confidence:.0%}", "threshold": f"{answer.trace['threshold']:.0%}"}
    assert first == PHRASES.text("why_answer", "en", **limits)
    assert heading == PHRASES.text("why_passages", "en")
    assert len(passages) == len(answer.trace["passages"])
    (used,) = [line for line in passages if "used in the reply" in line]
    assert used.startswith(f"- {answer.citations[0].title} (")


async def test_a_decline_is_explained_by_what_was_not_certain_enough(anna: Customer) -> None:
    declined = await anna.say("What is the airspeed velocity of an unladen swallow?")
    assert declined.route == "decline"
    first, *rest = await why(anna)
    assert first.startswith(PHRASES.text("why_decline", "en").split("{")[0])
    assert not any("used in the reply" in line for line in rest)


@pytest.mark.parametrize(
    ("text", "language", "key"),
    [
        ("hi", "en", "why_chat"),
        ("我要找人工客服", "zh", "why_handoff"),
        ("x" * 10_000, "en", "why_fixed"),
    ],
)
async def test_other_replies_are_explained_by_their_kind(anna: Customer, text: str, language: str, key: str) -> None:
    await anna.say(text)
    (line,) = await why(anna, language)
    assert line.startswith(PHRASES.text(key, language).split("{")[0])


async def test_commands_are_passed_over(anna: Customer) -> None:
    await anna.say(QUESTION)
    before = await why(anna)
    await anna.say("/help")
    assert await why(anna) == before


async def test_a_persons_reply_is_named_as_such(anna: Customer) -> None:
    await anna.say("/human")
    (overview,) = await anna.store.desk.inbox("waiting")
    await anna.store.desk.take(overview.conversation.id)
    await anna.store.desk.say(overview.conversation.id, "I am Eva.", "key")
    await anna.store.desk.hand_back(overview.conversation.id)
    assert await why(anna) == [PHRASES.text("why_operator", "en")]


async def test_without_a_reply_there_is_nothing_to_explain(anna: Customer) -> None:
    assert await why(anna) == [PHRASES.text("why_nothing", "en")]


async def test_a_reply_that_was_made_elsewhere_cannot_be_explained(anna: Customer) -> None:
    earlier = (Utterance("user", "hi"), Utterance("assistant", "Hello."))
    message = Incoming("api", "first", "anna-1", "anna", "/start", history=earlier)
    await anna.store.inbox.accept(message)
    turn = await anna.store.turns.claim("worker")
    assert turn is not None
    await anna.store.turns.release(turn.claim)
    assert await why_after(anna) == PHRASES.text("why_nothing", "en")


async def why_after(customer: Customer) -> str:
    """/why, after what was still to be answered."""
    await customer.say("/why")
    return (await customer.say("/why")).text
