"""Updates that are not as the Bot API describes them: each costs a line at most, and none stops the channel."""

from __future__ import annotations

import contextlib
import copy
import random
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.playground.telegram import TelegramServer
from adapters.telegram.addressing import Me
from adapters.telegram.checked import Malformed
from adapters.telegram.events import Closed, Ignored, Moved, Pressed, Reacted, Said
from adapters.telegram.updates import Reader, update_id_of
from tests.adapters.telegram.examples import echo, options, running

RANDOM_UPDATES = 10_000
SERVED_UPDATES = 1_000
USER = {"id": 5, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "en"}
CHAT = {"id": 5, "type": "private", "first_name": "Ann"}
GROUP = {"id": -100, "type": "supergroup", "title": "Shop", "is_forum": True}
FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 9, "width": 9, "height": 9, "duration": 1, "file_name": "n"}
ENTITY = {"type": "mention", "offset": 0, "length": 10, "url": "https://a.example", "user": USER}
BASE = {"message_id": 9, "date": 1700000000, "chat": CHAT, "from": USER}
MESSAGE = {**BASE, "text": "@ParleyBot hi", "entities": [ENTITY], "reply_to_message": {**BASE, "from": USER}}
WORD = {
    "message_thread_id": 3,
    "is_topic_message": True,
    "media_group_id": "7",
    "caption": "look",
    "caption_entities": [ENTITY],
}
MEMBER = {"user": USER, "status": "kicked", "until_date": 0}
KINDS: list[dict[str, Any]] = [
    {"message": MESSAGE},
    {"message": {**MESSAGE, "chat": GROUP, **WORD}},
    {"message": {**BASE, "photo": [FILE, FILE], **WORD}},
    {"message": {**BASE, "document": FILE, "voice": FILE, "sticker": {**FILE, "type": "regular", "emoji": "👍"}}},
    {"message": {**BASE, "chat": GROUP, "migrate_to_chat_id": -1005}},
    {"edited_message": MESSAGE},
    {"business_message": {**MESSAGE, "business_connection_id": "b1"}},
    {"callback_query": {"id": "q", "from": USER, "chat_instance": "1", "data": "q:m_1:0", "message": MESSAGE}},
    {
        "message_reaction": {
            "chat": CHAT,
            "message_id": 9,
            "user": USER,
            "date": 1,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        }
    },
    {"my_chat_member": {"chat": CHAT, "from": USER, "date": 1, "old_chat_member": MEMBER, "new_chat_member": MEMBER}},
    {"poll": {"id": "1"}},
]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**50,
    "",
    "x",
    "🚚" * 3000,
    "\ud800",
    "\x00",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
]
FIELDS = sorted(
    {key for kind in KINDS for value in kind.values() for key in value}
    | set(USER)
    | set(CHAT)
    | set(FILE)
    | set(ENTITY)
)


def spoilt(chance: random.Random, update_id: int) -> object:
    """An update of a random kind with up to four fields that are missing, of another type, or not known."""
    update: dict[str, Any] = {"update_id": update_id, **copy.deepcopy(chance.choice(KINDS))}
    person = chance.randint(1000, 1300)
    for holder in list(holders(update)):
        if isinstance(holder, dict) and holder.get("id") == 5:
            holder["id"] = person
    for _ in range(chance.randint(0, 4)):
        holder = chance.choice(list(holders(update)))
        if isinstance(holder, list):
            holder.append(copy.deepcopy(chance.choice(ODD)))
        elif chance.random() < 0.3 and holder:
            del holder[chance.choice(list(holder))]
        else:
            names = [*holder, *FIELDS] if holder is not update else [*holder, "from_the_future"]
            holder[chance.choice(names)] = copy.deepcopy(chance.choice(ODD))
    return update if chance.random() > 0.01 else chance.choice(ODD)


def holders(value: Any) -> Any:
    """All objects and lists inside of an update."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from holders(inner)


def check_types(event: object) -> None:
    """What was understood has the types that it says."""
    if isinstance(event, Said):
        assert isinstance(event.text, str)
        assert isinstance(event.person.id, int)
        assert event.place.conversation
        assert all(isinstance(file.file_id, str) and isinstance(file.name, str) for file in event.files)
    elif isinstance(event, Pressed):
        assert isinstance(event.query_id, str)
        assert isinstance(event.data, str)
    else:
        assert isinstance(event, Reacted | Closed | Moved | Ignored)


def test_random_updates_are_understood_or_malformed() -> None:
    chance, reader = random.Random(7), Reader(Me(77, "ParleyBot"), "all")
    understood = malformed = 0
    for number in range(RANDOM_UPDATES):
        try:
            check_types(reader.read(spoilt(chance, number)))
            understood += 1
        except Malformed:
            malformed += 1
    assert understood > 1000
    assert malformed > 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(st.sampled_from([key for kind in KINDS for key in kind] + ["update_id"]), json_values, max_size=3)
    | json_values
)
@settings(max_examples=300, deadline=None)
def test_any_json_is_understood_or_malformed(raw: object) -> None:
    update_id_of(raw)
    with contextlib.suppress(Malformed):
        check_types(Reader(Me(77, "ParleyBot"), "all").read(raw))


async def test_the_channel_survives_random_updates_with_one_line_each(
    server: TelegramServer, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, ann = random.Random(8), server.person("Ann")
    monkeypatch.setattr("adapters.telegram.attachments.RETRY_SECONDS", 0)  # the files of these updates do not exist
    async with running(sqlite_url, tmp_path, options(server, groups="all"), echo, queue_limit=20_000) as bot:
        await server.until_polled()
        with structlog.testing.capture_logs() as lines:
            for number in range(SERVED_UPDATES):
                raw = spoilt(chance, 200_000_000 + number)
                if isinstance(raw, dict):
                    server.updates.inject({**raw, "update_id": 200_000_000 + number})
            await server.until_confirmed(120)
            ann.write("still there?")
            await server.until_text(ann, "still there?")
        assert bot.status.problem is None
    malformed = [line["update"] for line in lines if line["event"] == "malformed update"]
    assert len(malformed) > 100
    assert len(malformed) == len(set(malformed))
    assert not [line for line in lines if line["event"] == "update lost"]
