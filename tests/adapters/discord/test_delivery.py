"""Limits, outages, lost answers and the process's own end on the way out."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from adapters.playground.discord import DiscordServer, Fault
from bot.messages import Draft, Turn
from bot.protocols import Publish
from storage.tables import Conversations
from tests.adapters.discord.examples import (
    EDIT,
    POST,
    Bot,
    Place,
    answers,
    ask,
    connected,
    draft,
    echo,
    running,
    said,
    texts,
)

LONG = " ".join(f"word{number}" for number in range(1000))


async def long(turn: Turn, publish: Publish) -> Draft:
    return draft(LONG)


FAULTS = [
    Fault("rate limit", retry_after=0.2, route=POST),
    Fault("rate limit", retry_after=0.2, scope="global", route=POST),
    Fault("error", status=502, route=POST),
    Fault("error", status=502, after_effect=True, route=POST),
    Fault("error", status=503, route=POST),
    Fault("reset", after_effect=True, route=POST),
    Fault("reset", route=POST),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.status} {fault.after_effect}")
async def test_no_failure_of_the_platform_loses_or_doubles_an_answer(
    server: DiscordServer, place: Place, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.failures.SERVER_DELAY", 0.1)
    anna = server.person("Anna")
    async with running(server, place) as bot:
        await connected(bot)
        server.faults.next(fault)
        assert (await ask(server, anna, "one")).content == "You said: one"
        assert (await ask(server, anna, "two")).content == "You said: two"
    assert texts(server, anna.direct) == ["You said: one", "You said: two"]
    assert server.faults.happened == 1


async def test_a_customer_who_blocks_the_bot_is_marked_and_not_written_to(server: DiscordServer, place: Place) -> None:
    anna, ben = server.person("Anna"), server.person("Ben")
    async with running(server, place) as bot:
        await connected(bot)
        anna.block_bot()
        anna.write(anna.direct, "hello")
        await ask(server, ben, "hello")
        async with asyncio.timeout(10):
            while not (parked := await bot.store.history.parked()):
                await bot.store.outbox.wait("discord", 0.05)
        tried = len(server.requests.of(POST))
        anna.block_bot(False)
        assert (await ask(server, anna, "again")).content == "You said: again"
    assert "blocked" in parked[0].reason
    assert tried == 2


async def test_a_channel_that_is_gone_parks_the_answer(server: DiscordServer, place: Place) -> None:
    go_on = asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        await go_on.wait()
        return draft("too late")

    anna = server.person("Anna")
    channel = server.text_channel(server.guild("Shop", [anna]), "general")
    async with running(server, place, slow) as bot:
        await connected(bot)
        anna.mention(channel, "hello")
        async with asyncio.timeout(10):
            while not (await bot.store.history.counts()).unhandled:
                await bot.store.turns.wait(0.05)
        server.world.remove_channel(channel)
        go_on.set()
        async with asyncio.timeout(10):
            while not (parked := await bot.store.history.parked()):
                await bot.store.outbox.wait("discord", 0.05)
    assert "does not exist" in parked[0].reason


async def test_an_answer_whose_buttons_are_refused_comes_without(server: DiscordServer, place: Place) -> None:
    async def with_a_bad_button(turn: Turn, publish: Publish) -> Draft:
        return draft(f"You said: {said(turn)}", quick_replies=("",))

    anna = server.person("Anna")
    async with running(server, place, with_a_bad_button) as bot:
        await connected(bot)
        answer = await ask(server, anna, "hello")
    assert answer.content == "You said: hello"
    assert not answer.buttons


async def opened(bot: Bot) -> None:
    """Returns when it is recorded that an answer is being shown."""
    query = select(Conversations.opened).where(Conversations.opened.is_not(None))
    async with asyncio.timeout(10):
        while await bot.store.database.read(lambda connection: connection.scalar(query)) is None:
            pass


async def test_words_are_shown_while_they_are_made_and_completed_in_place(server: DiscordServer, place: Place) -> None:
    shown = asyncio.Event()

    async def streaming(turn: Turn, publish: Publish) -> Draft:
        publish("It is ")
        await shown.wait()
        publish("done.")
        return draft("It is done.")

    anna = server.person("Anna")
    async with running(server, place, streaming) as bot:
        await connected(bot)
        anna.write(anna.direct, "is it?")
        (message,) = await answers(server, anna.direct, 1)
        early = message.content
        shown.set()
        await server.until(lambda: message.content == "It is done.")
    assert early.strip() == "It is"
    assert texts(server, anna.direct) == ["It is done."]


async def test_somebody_is_seen_typing_while_the_answer_takes_its_time(server: DiscordServer, place: Place) -> None:
    go_on = asyncio.Event()

    async def slow(turn: Turn, publish: Publish) -> Draft:
        await go_on.wait()
        return await echo(turn, publish)

    anna = server.person("Anna")
    async with running(server, place, slow) as bot:
        await connected(bot)
        question = anna.write(anna.direct, "hello")
        await server.until(lambda: anna.direct.typing)
        go_on.set()
        await server.reply(question)


async def test_an_answer_that_was_begun_before_a_restart_is_completed_in_place(
    server: DiscordServer, any_place: Place
) -> None:
    async def never(turn: Turn, publish: Publish) -> Draft:
        publish("The first words")
        await asyncio.Event().wait()
        return draft("never")

    anna = server.person("Anna")
    async with running(server, any_place, never, drain=0) as bot:
        await connected(bot)
        anna.write(anna.direct, "hello")
        await answers(server, anna.direct, 1)
        await server.until(lambda: server.requests.of(POST)[-1].status == 200)
        await opened(bot)
    async with running(server, any_place) as bot:
        (message,) = server.written_by_bot(anna.direct)
        await server.until(lambda: message.content == "You said: hello")
    assert texts(server, anna.direct) == ["You said: hello"]
    assert len(server.requests.of(EDIT)) >= 1


async def test_a_long_answer_goes_on_where_a_restart_interrupted_it(server: DiscordServer, any_place: Place) -> None:
    anna = server.person("Anna")
    async with running(server, any_place, long, drain=0) as bot:
        await connected(bot)
        anna.write(anna.direct, "tell me all")
        await answers(server, anna.direct, 2)
    async with running(server, any_place, long) as bot:
        async with asyncio.timeout(20):
            while (await bot.store.history.counts()).due_deliveries:
                await bot.store.outbox.wait("discord", 0.05)
    assert " ".join(texts(server, anna.direct)).split() == LONG.split()
