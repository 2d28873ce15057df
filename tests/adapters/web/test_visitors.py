"""A visitor can never see another's conversation: by trying."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.visitors import Visitor, Visitors
from tests.adapters.web.site import SECRET, Site
from tests.adapters.web.widget import connect, visit

VISITORS = Visitors(SECRET)


def test_a_token_brings_its_visitor_back() -> None:
    visitor = VISITORS.new()
    assert VISITORS.recognise(VISITORS.token(visitor)) == visitor


def test_ids_cannot_be_guessed() -> None:
    visitors = [VISITORS.new() for _ in range(100)]
    ids = {name for visitor in visitors for name in (visitor.id, visitor.conversation)}
    assert len(ids) == 200
    assert all(len(base64.urlsafe_b64decode(name)) * 8 >= 128 for name in ids)


@given(st.data())
def test_a_changed_token_is_not_recognised(data: st.DataObject) -> None:
    token = VISITORS.token(VISITORS.new())
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != token[place]))
    forged = token[:place] + letter + token[place + 1 :]
    assert VISITORS.recognise(forged) is None or letter_is_padding(token, place, letter)


def letter_is_padding(token: str, place: int, letter: str) -> bool:
    """The last letter of base64 carries bits that mean nothing; the signature is the same then."""
    _, _, signature = token.rpartition(".")
    same = base64.urlsafe_b64decode(signature[:-1] + letter + "=") == base64.urlsafe_b64decode(signature + "=")
    return place == len(token) - 1 and same


@given(st.text(max_size=200))
def test_any_text_is_no_token(text: str) -> None:
    assert VISITORS.recognise(text) is None


def test_a_shortened_token_is_not_recognised() -> None:
    token = VISITORS.token(VISITORS.new())
    assert all(VISITORS.recognise(token[:length]) is None for length in range(len(token)))


def test_a_token_of_another_secret_is_not_recognised() -> None:
    stranger = Visitors(b"another secret")
    assert VISITORS.recognise(stranger.token(stranger.new())) is None


def test_parts_of_two_tokens_make_no_third() -> None:
    one, two = VISITORS.token(VISITORS.new()), VISITORS.token(VISITORS.new())
    assert VISITORS.recognise(one.rpartition(".")[0] + "." + two.rpartition(".")[2]) is None


def forgeries(token: str, visitor: Visitor) -> list[str]:
    """What somebody might show who knows another visitor's ids, or has seen a token of the wrong kind."""
    unsigned = base64.urlsafe_b64encode(json.dumps([visitor.id, visitor.conversation]).encode()).decode().rstrip("=")
    other_secret = Visitors(b"guessed secret")
    return [
        visitor.id,
        visitor.conversation,
        unsigned,
        unsigned + ".",
        unsigned + "." + "A" * 43,
        other_secret.token(visitor),
        token[:-1],
        token.upper(),
        "null",
        "." * 900,
    ]


async def test_no_forged_token_opens_the_conversation_of_another(site: Site) -> None:
    async with visit(site) as victim:
        await victim.say("my secret order 4711")
        await victim.reply()
        visitor = VISITORS.recognise(victim.token)
        assert visitor is not None
        for forged in forgeries(victim.token, visitor):
            async with connect(site) as thief:
                welcome = await thief.hello(forged)
                assert not welcome["returning"]
                assert await thief.resume(0) == []
                await thief.send("feedback", message_id="m", score=1)
                assert "4711" not in json.dumps(thief.events)


async def test_the_true_token_opens_it(site: Site) -> None:
    async with visit(site) as victim:
        await victim.say("my secret order 4711")
        await victim.reply()
        async with connect(site) as second_window:
            await second_window.hello(victim.token)
            assert "4711" in json.dumps(await second_window.resume(0))


async def test_a_visitor_does_not_hear_what_others_are_told(site: Site) -> None:
    async with visit(site) as ann, visit(site) as ben:
        await ann.say("my secret order 4711")
        await ann.reply()
        await ben.send("ping")
        await ben.until("pong")
        assert "4711" not in json.dumps(ben.events)


async def test_the_same_message_id_of_two_visitors_is_two_messages(site: Site) -> None:
    """One who learns another's message id gets an own answer with it, not the other's."""
    async with visit(site) as ann, visit(site) as ben:
        await ann.say("my secret order 4711", "known-message-id")
        await ann.reply()
        await ben.say("hello", "known-message-id")
        assert (await ben.reply())["text"] == "You said: hello"


async def test_the_api_does_not_see_the_widgets_conversations(site: Site) -> None:
    async with visit(site) as ann:
        await ann.say("my secret order 4711")
        await ann.reply()
        visitor = VISITORS.recognise(ann.token)
        assert visitor is not None
        assert await site.history(visitor.conversation) == {"messages": [], "next": None}


@pytest.mark.parametrize("token", [5, [], {}, True])
async def test_a_token_that_is_no_text_is_no_hello(site: Site, token: object) -> None:
    async with connect(site) as widget:
        await widget.send("hello", token=token)
        assert await widget.closed() == 1008
