"""A question is answered with its proof, or declined with what may help instead."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.answers import confidence
from bot.answers.answerer import Answerer
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.messages import Claim, Conversation, Draft, Message, Passage, Request, Route, Turn
from bot.phrases import Phrases
from bot.skills.answer import AnswerSkill

PASSAGES = [
    Passage("valid", "Gift cards › How long is a gift card valid?", "Gift cards are valid for 3 years.", "gifts.md"),
    Passage("lost", "Gift cards › I have lost my gift card", "Write to us with the order number.", "gifts.md"),
]
PHRASES = Phrases()


async def ask(text: str, *, offer_after: int = 1, earlier: tuple[Route, ...] = ()) -> Draft:
    index = KnowledgeIndex(FixedKnowledge(PASSAGES))
    await index.refresh()
    skill = AnswerSkill(Answerer(index, confidence.load()), PHRASES, offer_after)
    said = tuple(
        Message(f"m{number}", number, "assistant", "…", datetime.now(UTC), route=route)
        for number, route in enumerate(earlier, 1)
    )
    turn = Turn(Claim("c", "w", 1), Conversation("c", "web", "c", "ada"), (), said)
    return await skill.run(Request(turn, text, "en"), lambda words: None)


async def test_an_answer_cites_the_passage_that_proves_it() -> None:
    draft = await ask("How long is a gift card valid?")
    assert (draft.route, draft.text) == ("answer", "Gift cards are valid for 3 years.")
    assert [citation.passage_id for citation in draft.citations] == ["valid"]
    assert draft.quick_replies == ()


async def test_a_decline_offers_the_nearest_headings_and_a_person_once_as_quick_replies() -> None:
    draft = await ask("Who won the world cup with a gift card?")
    assert draft.route == "decline"
    assert draft.quick_replies[-1] == PHRASES.text("person_button", "en")
    assert "How long is a gift card valid?" in draft.quick_replies
    assert not any(choice in draft.text for choice in draft.quick_replies)


async def test_what_a_decline_offers_is_answered_when_it_is_chosen() -> None:
    declined = await ask("Who won the world cup with a gift card?")
    for heading in declined.quick_replies[:-1]:
        assert (await ask(heading)).route == "answer"


async def test_a_person_is_offered_after_as_many_declines_as_the_operator_says() -> None:
    person = PHRASES.text("person_button", "en")
    strange = "Who won the world cup?"
    assert person not in (await ask(strange, offer_after=3, earlier=("decline",))).quick_replies
    assert person in (await ask(strange, offer_after=3, earlier=("decline", "decline"))).quick_replies
    assert person not in (await ask(strange, offer_after=2, earlier=("decline", "answer"))).quick_replies
