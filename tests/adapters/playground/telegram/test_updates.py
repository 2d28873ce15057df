"""Updates by long poll: in order, until they are confirmed, to one poller at a time."""

from __future__ import annotations

import asyncio

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import Conflict

from adapters.playground.telegram import Person, Sizes, TelegramServer
from tests.adapters.playground.telegram.conftest import bot_of


async def test_an_update_comes_again_until_it_is_confirmed(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    first, second = ann.write("one"), ann.write("two")
    for _ in range(2):
        assert [update.update_id for update in await bot.get_updates()] == [first.update_id, second.update_id]
    assert [update.update_id for update in await bot.get_updates(offset=second.update_id)] == [second.update_id]
    assert await bot.get_updates(offset=second.update_id + 1) == ()
    await server.until_confirmed()


async def test_a_long_poll_ends_with_the_first_update(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until_polled()
    ann.write("Hello")
    [update] = await asyncio.wait_for(poll, 5)
    assert update.message is not None
    assert update.message.text == "Hello"
    assert update.message.from_user is not None
    assert not update.message.from_user.is_bot


async def test_a_batch_is_no_longer_than_asked_for(bot: telegram.Bot, ann: Person) -> None:
    sent = [ann.write(str(number)) for number in range(5)]
    updates = await bot.get_updates(limit=3)
    assert [update.update_id for update in updates] == [message.update_id for message in sent[:3]]


async def test_a_negative_offset_forgets_all_but_the_last(bot: telegram.Bot, ann: Person) -> None:
    sent = [ann.write(str(number)) for number in range(5)]
    assert [update.update_id for update in await bot.get_updates(offset=-2)] == [one.update_id for one in sent[-2:]]
    assert [update.update_id for update in await bot.get_updates()] == [one.update_id for one in sent[-2:]]


async def test_a_second_poller_ends_the_first(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until_polled()
    async with bot_of(server) as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await asyncio.wait_for(first, 5)
        ann.write("Hello")
        assert len(await asyncio.wait_for(second, 5)) == 1


async def test_reactions_come_only_if_they_are_asked_for(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    sent = await bot.send_message(ann.id, "Hello")
    assert ann.react(sent.message_id, "👍").update is None
    await bot.get_updates(allowed_updates=["message", "message_reaction"])
    reacted = ann.react(sent.message_id, "👎")
    assert reacted.update is not None
    [update] = await bot.get_updates()
    assert update.message_reaction is not None
    assert [one.emoji for one in update.message_reaction.old_reaction] == ["👍"]  # type: ignore[attr-defined]
    assert [one.emoji for one in update.message_reaction.new_reaction] == ["👎"]  # type: ignore[attr-defined]
    assert ann.block() is None


async def test_an_update_can_be_given_twice(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    sent = ann.write("Hello")
    after = sent.update_id + 1
    assert await bot.get_updates(offset=after) == ()
    server.updates.redeliver(sent.update_id)
    assert [update.update_id for update in await bot.get_updates(offset=after)] == [sent.update_id]
    assert await bot.get_updates(offset=after) == ()


async def test_a_share_of_the_updates_is_given_twice(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    server.updates.repeat(0.3, seed=1)
    sent = [ann.write(str(number)) for number in range(50)]
    seen: list[int] = []
    offset = 0
    while updates := await bot.get_updates(offset=offset):
        seen += [update.update_id for update in updates]
        offset = sent[-1].update_id + 1
    assert set(seen) == {message.update_id for message in sent}
    assert 55 <= len(seen) <= 85


async def test_raw_updates_go_out_as_they_are(server: TelegramServer, bot: telegram.Bot) -> None:
    raw = server.updates.inject({"message": {"text": 5}, "unheard_of": None})
    wrong = server.updates.inject({"update_id": "seven"})
    answer = await bot._post("getUpdates", {})
    assert answer == [raw, wrong]
    assert await bot._post("getUpdates", {"offset": raw["update_id"] + 2}) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.booleans())), st.booleans())
def test_nothing_is_lost_and_nothing_comes_after_it_was_confirmed(
    steps: list[tuple[int, int, bool]], final: bool
) -> None:
    """Each step: so many new updates, a poll with that limit, and whether the client lives to confirm its answer."""

    async def play() -> None:
        server = TelegramServer()
        ann = server.person("Ann")
        made: list[int] = []
        seen: list[int] = []
        offset = 0
        for count, limit, survives in [*steps, (1, 100, final), (0, 100, True)]:
            made += [ann.write("Hello").update_id for _ in range(count)]
            batch = [update["update_id"] for update in await server.updates.poll(offset, limit, 0)]
            assert batch == [update_id for update_id in made if update_id >= offset][:limit]
            seen += batch
            if survives and batch:
                offset = batch[-1] + 1
        assert set(seen) == set(made)

    asyncio.run(play())


async def test_too_many_waiting_updates_push_the_oldest_out() -> None:
    server = TelegramServer(sizes=Sizes(updates=3))
    ann = server.person("Ann")
    sent = [ann.write(str(number)) for number in range(5)]
    assert list(server.updates.pending) == [message.update_id for message in sent[2:]]
    assert server.updates.dropped == 2
