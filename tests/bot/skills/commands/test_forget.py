"""The wish to be forgotten."""

from __future__ import annotations

from tests.bot.skills.commands.conversation import PHRASES, Customer


async def test_a_person_is_called_who_can_erase(anna: Customer) -> None:
    draft = await anna.say("/forget")
    assert draft.text == f"{PHRASES.text('forget', 'en')}\n{PHRASES.text('handoff', 'en')}"
    assert anna.published == draft.text
    (overview,) = await anna.store.desk.inbox("waiting")
    thread = await anna.store.desk.thread(overview.conversation.id)
    assert thread.messages[0].text == "/forget"
