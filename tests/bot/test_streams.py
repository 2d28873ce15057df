from __future__ import annotations

import asyncio

from bot.messages import Delta, Finished, Reply, StreamEvent
from bot.streams import LocalStreams


def finished(text: str = "done", conversation_id: str = "c1") -> Finished:
    return Finished(conversation_id, Reply("anna-1", "m1", text, "chat", 1.0, "en"), ("m0",))


def say(streams: LocalStreams, *words: str) -> None:
    for word in words:
        streams.publish(Delta("c1", word))


async def test_everyone_who_watches_a_conversation_gets_its_events_in_order() -> None:
    streams = LocalStreams()
    async with streams.subscribe("c1") as first, streams.subscribe("c1") as second:
        say(streams, "a", "b")
        streams.publish(finished())
        expected: list[StreamEvent] = [Delta("c1", "a"), Delta("c1", "b"), finished()]
        for events in (first, second):
            assert [await anext(events) for _ in range(3)] == expected


async def test_other_conversations_are_not_seen() -> None:
    streams = LocalStreams()
    async with streams.subscribe("c1") as events:
        streams.publish(Delta("c2", "secret"))
        streams.publish(finished())
        assert await anext(events) == finished()


async def test_a_watcher_waits_for_the_next_event() -> None:
    streams = LocalStreams()
    async with streams.subscribe("c1") as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        say(streams, "a")
        assert await asyncio.wait_for(waiting, 5) == Delta("c1", "a")


async def test_a_slow_watcher_loses_the_end_of_the_words_but_not_the_reply() -> None:
    streams = LocalStreams(pending=3)
    async with streams.subscribe("c1") as events:
        say(streams, "a", "b", "c", "lost")
        assert await anext(events) == Delta("c1", "a")
        say(streams, "has a hole before it")
        streams.publish(finished())
        assert [await anext(events) for _ in range(3)] == [Delta("c1", "b"), Delta("c1", "c"), finished()]


async def test_after_a_reply_words_are_seen_again() -> None:
    streams = LocalStreams(pending=1)
    async with streams.subscribe("c1") as events:
        say(streams, "a", "lost")
        streams.publish(finished("first"))
        assert await anext(events) == finished("first")
        say(streams, "b")
        assert await anext(events) == Delta("c1", "b")


async def test_a_watcher_that_never_reads_costs_a_bounded_amount() -> None:
    streams = LocalStreams(pending=10)
    async with streams.subscribe("c1") as events:
        for number in range(1000):
            say(streams, "word")
            streams.publish(finished(str(number)))
        kept = [await anext(events) for _ in range(10)]
        assert kept == [finished(str(number)) for number in range(990, 1000)]


async def test_nothing_is_kept_of_a_watcher_that_left() -> None:
    streams = LocalStreams()
    async with streams.subscribe("c1"):
        async with streams.subscribe("c1"):
            pass
        assert streams.has_subscribers("c1")
    assert not streams.has_subscribers("c1")
    streams.publish(finished())
