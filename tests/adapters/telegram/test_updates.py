"""From updates to what they mean, without a network."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.telegram.addressing import Me
from adapters.telegram.checked import Malformed
from adapters.telegram.events import Closed, Ignored, Moved, Person, Pressed, Reacted, Said
from adapters.telegram.options import GroupMode
from adapters.telegram.place import Origin, Place, parse_place
from adapters.telegram.updates import Reader, update_id_of
from bot.errors import Undeliverable

ME = Me(77, "ParleyBot")
ANN = {"id": 5, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "zh-hans"}
MYSELF = {"id": 77, "is_bot": True, "first_name": "Parley", "username": "ParleyBot"}
PRIVATE = {"id": 5, "type": "private", "first_name": "Ann"}
GROUP = {"id": -100, "type": "supergroup", "title": "Shop"}


def message(text: str | None = None, chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    """An update with a message of Ann's."""
    words = {} if text is None else {"text": text}
    return {
        "update_id": 1,
        "message": {"message_id": 9, "date": 1700000000, "chat": chat, "from": ANN, **words, **more},
    }


def mention(text: str, name: str = "@ParleyBot", kind: str = "mention") -> dict[str, Any]:
    """An entity for the name in the text; offsets count UTF-16 units."""
    before = text[: text.index(name)]
    return {"type": kind, "offset": len(before.encode("utf-16-le")) // 2, "length": len(name)}


def read(raw: object, groups: GroupMode = "mention") -> Any:
    return Reader(ME, groups).read(raw)


def test_a_private_message() -> None:
    said = read(message("Hello"))
    assert said == Said(Place(5), Person(5, "Ann Lee", "zh"), Origin(9), "Hello")
    assert said.place.conversation == "5"


def test_the_edited_form_names_the_message_that_it_replaces() -> None:
    first, update = read(message("Helo")), message("Hello")
    edited = read({"update_id": 2, "edited_message": update["message"]})
    assert edited.is_edit
    assert edited.origin.text() == first.origin.text()


@pytest.mark.parametrize("mode", ["mention", "all"])
def test_each_person_of_a_group_has_a_conversation_in_each_topic(mode: GroupMode) -> None:
    text = "@ParleyBot hello"
    general = read(message(text, GROUP, entities=[mention(text)]), mode)
    topic = read(message(text, GROUP, entities=[mention(text)], message_thread_id=3, is_topic_message=True), mode)
    assert general.place.conversation == "-100/0/5"
    assert topic.place.conversation == "-100/3/5"


def test_a_thread_of_replies_is_no_topic() -> None:
    reply = message(
        "thanks", GROUP, message_thread_id=4, reply_to_message=message("hi", GROUP)["message"] | {"from": MYSELF}
    )
    assert read(reply).place.conversation == "-100/0/5"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@ParleyBot where is my order?", "where is my order?"),
        ("@parleybot, where is my order?", "where is my order?"),
        ("where is my order @ParleyBot", "where is my order"),
        ("🚚🚚 @ParleyBot where is it?", "🚚🚚  where is it?"),
        ("@ParleyBot /help", "/help"),
    ],
)
def test_a_mention_is_for_the_bot_and_is_not_part_of_the_words(text: str, meant: str) -> None:
    name = "@parleybot" if "@parleybot" in text else "@ParleyBot"
    assert read(message(text, GROUP, entities=[mention(text, name)])).text == meant


def test_a_mention_by_account_and_one_in_a_caption_count_too() -> None:
    by_account = mention("Parley hello", "Parley", "text_mention") | {"user": MYSELF}
    assert read(message("Parley hello", GROUP, entities=[by_account])).text == "hello"
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
    caption = "@ParleyBot what is this?"
    assert (
        read(message(None, GROUP, photo=photo, caption=caption, caption_entities=[mention(caption)])).text
        == "what is this?"
    )


@pytest.mark.parametrize("text", ["hello everybody", "@Somebody hello", "mail me at x@ParleyBot"])
def test_other_words_in_a_group_are_not_for_the_bot(text: str) -> None:
    entities = [mention(text, "@Somebody")] if "@Somebody" in text else []
    assert isinstance(read(message(text, GROUP, entities=entities)), Ignored)
    assert isinstance(read(message(text, GROUP, entities=entities), "all"), Said)
    assert isinstance(read(message("@ParleyBot hi", GROUP, entities=[mention("@ParleyBot hi")]), "off"), Ignored)


def test_a_reply_to_the_bot_is_for_it_but_a_message_in_a_topic_that_it_opened_is_not() -> None:
    mine = message("hello", GROUP)["message"] | {"from": MYSELF}
    assert isinstance(read(message("and now?", GROUP, reply_to_message=mine)), Said)
    topic = mine | {"forum_topic_created": {"name": "Orders", "icon_color": 1}}
    assert isinstance(read(message("and now?", GROUP, reply_to_message=topic)), Ignored)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/ask@ParleyBot What is it?", "/ask What is it?"),
        ("/ask@parleybot", "/ask"),
        ("/start abc_123", "/start abc_123"),
        ("/ask first line\nsecond", "/ask first line\nsecond"),
    ],
)
def test_a_command_loses_the_name_of_the_bot(text: str, meant: str) -> None:
    assert read(message(text)).text == meant
    assert read(message(text, GROUP)).text == meant


def test_a_command_for_another_bot_is_not_for_this_one_even_where_all_is_answered() -> None:
    assert isinstance(read(message("/ask@OtherBot x", GROUP), "all"), Ignored)


def test_the_pictures_behind_the_one_that_names_the_bot_are_meant_too() -> None:
    reader, caption = Reader(ME, "mention"), "@ParleyBot look"
    album = {"media_group_id": "7", "photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]}
    first = reader.read(message(None, GROUP, **album, caption=caption, caption_entities=[mention(caption)]))
    second = reader.read(message(None, GROUP, **album))
    stranger = reader.read(message(None, GROUP, **album | {"media_group_id": "8"}))
    assert (first.album, second.album, second.text) == ("7", "7", "")  # type: ignore[union-attr]
    assert isinstance(stranger, Ignored)


@pytest.mark.parametrize(
    ("content", "kind", "mime", "name"),
    [
        ({"voice": {"duration": 3, "mime_type": "audio/ogg"}}, "voice", "audio/ogg", "voice.ogg"),
        ({"audio": {"duration": 3, "mime_type": "audio/mpeg", "file_name": "a.mp3"}}, "file", "audio/mpeg", "a.mp3"),
        ({"video": {"duration": 3, "width": 2, "height": 2}}, "video", "video/mp4", "video.mp4"),
        (
            {"document": {"file_name": "bill.pdf", "mime_type": "application/pdf"}},
            "file",
            "application/pdf",
            "bill.pdf",
        ),
        ({"document": {"file_name": "x.png", "mime_type": "image/png"}}, "image", "image/png", "x.png"),
        ({"document": {}}, "file", "application/octet-stream", "file"),
    ],
)
def test_files_are_told_by_kind_type_and_name(content: dict[str, Any], kind: str, mime: str, name: str) -> None:
    [(field, media)] = content.items()
    [file] = read(message(None, **{field: media | {"file_id": "f", "file_unique_id": "u"}})).files
    assert (file.kind, file.mime, file.name) == (kind, mime, name)


def test_of_a_photo_the_largest_size_is_taken() -> None:
    sizes = [
        {"file_id": str(w), "file_unique_id": "u", "width": w, "height": w, "file_size": w} for w in (90, 800, 320)
    ]
    [file] = read(message(None, photo=sizes, caption="my shoe")).files
    assert (file.file_id, file.size) == ("800", 800)


def test_a_sticker_speaks_by_its_emoji() -> None:
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 5, "height": 5, "emoji": "👍"}
    said = read(message(None, sticker=sticker | {"is_animated": False, "is_video": False}))
    assert (said.text, said.files[0].mime) == ("👍", "image/webp")


@pytest.mark.parametrize(
    "raw",
    [
        message("hi", chat={"id": -1, "type": "channel", "title": "News"}),
        message("hi", **{"from": MYSELF | {"id": 78}}),
        message("hi", GROUP, sender_chat=GROUP),
        message(None, new_chat_members=[ANN]),
        message(None, GROUP, pinned_message=message("x", GROUP)["message"]),
        {
            "update_id": 3,
            "poll": {
                "id": "1",
                "question": "?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
            },
        },
        {"update_id": 4, "something_new": {"a": 1}},
        {"update_id": 5},
    ],
)
def test_what_is_no_message_to_the_bot_is_ignored(raw: object) -> None:
    assert isinstance(read(raw, "all"), Ignored)


def test_a_group_that_becomes_a_supergroup() -> None:
    old = {"id": -5, "type": "group", "title": "Shop"}
    assert read(message(None, old, migrate_to_chat_id=-1005)) == Moved(-5, -1005)
    assert read(message(None, GROUP | {"id": -1005}, migrate_from_chat_id=-5)) == Moved(-5, -1005)


def business(sender: dict[str, Any], **more: Any) -> dict[str, Any]:
    update = message("hello", business_connection_id="b1", **{"from": sender}, **more)
    return {"update_id": 1, "business_message": update["message"]}


def test_a_business_customer_is_answered_and_the_owner_is_not() -> None:
    assert read(business(ANN)).place.conversation == "business/b1/5"
    assert isinstance(read(business(ANN | {"id": 6})), Ignored)
    assert isinstance(read(business(ANN, sender_business_bot=MYSELF)), Ignored)


def membership(status: str, chat: dict[str, Any]) -> dict[str, Any]:
    change = {"chat": chat, "from": ANN, "date": 1, "old_chat_member": {"status": "member", "user": MYSELF}}
    return {
        "update_id": 1,
        "my_chat_member": change | {"new_chat_member": {"status": status, "user": MYSELF, "until_date": 0}},
    }


def test_a_block_closes_the_chat_and_an_unblock_does_nothing() -> None:
    assert read(membership("kicked", PRIVATE)) == Closed("5", "The customer has blocked the bot.")
    assert read(membership("left", GROUP)) == Closed("-100", "The bot was removed from the group.")
    assert isinstance(read(membership("member", PRIVATE)), Ignored)


def reaction(new: list[str], old: list[str] = [], **more: Any) -> dict[str, Any]:  # noqa: B006
    def kinds(emoji: list[str]) -> list[dict[str, str]]:
        return [{"type": "emoji", "emoji": each} for each in emoji]

    change = {"chat": PRIVATE, "message_id": 9, "user": ANN, "date": 1, "old_reaction": kinds(old)}
    return {"update_id": 1, "message_reaction": change | {"new_reaction": kinds(new)} | more}


def test_reactions_are_thumbs_up_or_down() -> None:
    person = Person(5, "Ann Lee", "zh")
    assert read(reaction(["👍"])) == Reacted(Place(5), person, 9, 1)
    assert read(reaction(["👎"], ["👍"])) == Reacted(Place(5), person, 9, -1)
    assert read(reaction(["❤"], chat=GROUP)).place.conversation == "-100/0/5"


@pytest.mark.parametrize(
    "raw", [reaction([], ["👍"]), reaction(["👍"], ["👍"]), reaction(["👀"]), reaction(["👍"], user=None)]
)
def test_other_reactions_say_nothing(raw: object) -> None:
    assert isinstance(read(raw), Ignored)


def press(**more: Any) -> dict[str, Any]:
    query = {"id": "q1", "from": ANN, "chat_instance": "1", "data": "q:m_1:0", "message": message("?")["message"]}
    return {"update_id": 1, "callback_query": query | more}


def test_a_button_belongs_to_the_conversation_of_whoever_presses_it() -> None:
    pressed = read(press())
    assert pressed == Pressed(Place(5), Person(5, "Ann Lee", "zh"), "q1", "q:m_1:0", Origin(9))
    in_group = read(press(message=message("?", GROUP, message_thread_id=3, is_topic_message=True)["message"]))
    assert in_group.place.conversation == "-100/3/5"
    too_old = read(press(message={"message_id": 9, "date": 0, "chat": GROUP}))
    assert too_old.place.conversation == "-100/0/5"
    assert read(press(message=None)).place is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"update_id": 1, "message": 5},
        {"update_id": 1, "message": {"message_id": 1}},
        message(5),  # type: ignore[arg-type]
        message("x", chat={"id": "5", "type": "private"}),
        message("x", **{"from": ANN | {"id": True}}),
        message("x", **{"from": ANN | {"first_name": 3}}),
        message("x", GROUP, entities=[{"type": "mention", "offset": "0", "length": 3}]),
        message("x", entities=[3]),
        message(None, photo=[3]),
        press(data=5),
        press(id=5),
        reaction(["👍"], message_id="x"),
    ],
)
def test_fields_of_wrong_types_are_malformed(raw: object) -> None:
    with pytest.raises(Malformed):
        read(raw)


def test_a_message_is_read_whatever_else_is_in_it() -> None:
    """As of a newer Bot API than the library knows, or of an older server than it wants."""
    poll = {"id": "1", "question": "?"}
    answered = message("?", GROUP)["message"] | {"from": MYSELF, "poll": poll, "gift": 5}
    assert read(message("hello", GROUP, reply_to_message=answered, quote=5, checklist={"new": 1})).text == "hello"


def test_the_number_of_an_update() -> None:
    assert [update_id_of(raw) for raw in ({"update_id": 7}, {"update_id": "7"}, {"update_id": True}, {}, 3)] == [7] + [
        None
    ] * 4


@pytest.mark.parametrize(
    "place",
    [Place(5), Place(5, 3), Place(-100, None, 5), Place(-100, 3, 5), Place(5, business_connection_id="b1")],
)
def test_a_place_comes_back_from_its_conversation_and_origin(place: Place) -> None:
    origin = Origin(9, place.thread_id)
    assert Origin.parse(origin.text()) == origin
    assert parse_place(place.conversation, origin) == place


@pytest.mark.parametrize("conversation", ["", "x", "1/2", "1/2/3/4", "business/b", "business/b/x"])
def test_ids_of_other_channels_are_undeliverable(conversation: str) -> None:
    with pytest.raises(Undeliverable):
        parse_place(conversation, Origin())
