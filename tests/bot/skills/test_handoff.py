"""What a customer reads who asked for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.hours import OpeningHours
from bot.messages import Claim, Conversation, ConversationState, Draft, Request, Turn
from bot.phrases import Phrases
from bot.skills.handoff import HandoffSkill

PHRASES = Phrases()
NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)


async def hand_off(hours: str = "", state: ConversationState = "bot", message: str = "") -> Draft:
    skill = HandoffSkill(
        PHRASES,
        message=message,
        hours=OpeningHours.parse(hours),
        zone=ZoneInfo("Asia/Shanghai"),
        clock=lambda: NIGHT,
    )
    turn = Turn(Claim("c", "w", 1), Conversation("c", "web", "c", "ada", state), ())
    published: list[str] = []
    draft = await skill.run(Request(turn, "a person please", "en"), published.append)
    assert "".join(published) == draft.text
    assert (draft.route, draft.state) == ("handoff", "waiting")
    return draft


async def test_the_conversation_waits_for_a_person() -> None:
    assert (await hand_off()).text == PHRASES.text("handoff", "en")


async def test_outside_of_business_hours_the_customer_is_told_when_the_team_is_back() -> None:
    assert "2026-11-25 09:00 (Asia/Shanghai)" in (await hand_off("mon-fri 09:00-17:00")).text


async def test_within_them_nothing_is_said_about_hours() -> None:
    assert (await hand_off("mon-sun 06:00-23:00")).text == PHRASES.text("handoff", "en")


async def test_asking_again_is_answered_with_patience() -> None:
    assert (await hand_off(state="waiting")).text == PHRASES.text("still_waiting", "en")


async def test_the_operators_own_words_are_used() -> None:
    assert (await hand_off(message="Ada will call you.")).text == "Ada will call you."
