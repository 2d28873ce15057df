"""/ask puts a question, whatever it looks like."""

from __future__ import annotations

from tests.bot.skills.commands.conversation import PHRASES, Customer


async def test_the_words_behind_the_command_are_answered_from_the_documents(anna: Customer) -> None:
    asked = await anna.say("/ask do you deliver to the united states?")
    assert asked.route == "answer"
    assert asked.citations
    assert anna.published == asked.text


async def test_without_a_question_it_says_how_to_put_one(anna: Customer) -> None:
    draft = await anna.say("/ask")
    assert (draft.text, draft.route) == (PHRASES.text("ask_empty", "en"), "command")
