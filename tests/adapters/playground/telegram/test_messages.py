"""Sending, editing and deleting, as python-telegram-bot does it."""

from __future__ import annotations

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, EndPointNotFound, Forbidden, InvalidToken

from adapters.playground.telegram import Person, TelegramServer
from tests.adapters.playground.telegram.conftest import bot_of


async def test_a_message_arrives_as_it_was_sent(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    bold = MessageEntity("bold", 0, 5)
    sent = await bot.send_message(ann.id, "Hello, @ann_customer", entities=[bold])
    [kept] = server.bot_messages(ann)
    assert kept["text"] == "Hello, @ann_customer"
    assert sent.message_id == kept["message_id"]
    assert [entity.type for entity in sent.entities] == ["bold", "mention"]
    assert sent.from_user is not None
    assert sent.from_user.is_bot


async def test_a_wrong_token_is_unauthorized(server: TelegramServer) -> None:
    with pytest.raises(InvalidToken, match="rejected by the server"):
        async with bot_of(server, "42:wrong"):
            pass


async def test_an_unknown_method_is_not_found(bot: telegram.Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendSecrets")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "Message text is empty"),
        (" \n ", "Message text is empty"),
        ("a" * 4097, "Message is too long"),
        ("🙂" * 2049, "Message is too long"),
    ],
)
async def test_texts_out_of_bounds_are_refused(bot: telegram.Bot, ann: Person, text: str, refusal: str) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_message(ann.id, text)


async def test_the_longest_text_is_taken(bot: telegram.Bot, ann: Person) -> None:
    assert (await bot.send_message(ann.id, "🙂" * 2048)).text == "🙂" * 2048


async def test_length_is_counted_after_the_markup(bot: telegram.Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    assert len(sent.text or "") == 4096


async def test_chats_that_are_not_there_are_refused(server: TelegramServer, bot: telegram.Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(12345, "Hello")
    with pytest.raises(BadRequest, match="Chat_id is empty"):
        await bot.send_message("", "Hello")
    stranger = server.person("Bob")
    with pytest.raises(Forbidden, match="initiate conversation"):
        await bot.send_message(stranger.id, "Hello")


async def test_nothing_goes_to_who_has_blocked_the_bot(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    update = ann.block()
    assert update is not None
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ann.id, "Hello")
    ann.unblock()
    assert await bot.send_message(ann.id, "Hello again")


async def test_a_group_that_has_moved_says_where(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    group = server.group("Team", ann)
    old = group.id
    leaving, arriving = group.migrate(ann)
    assert leaving["message"]["migrate_to_chat_id"] == group.id
    assert arriving["message"]["migrate_from_chat_id"] == old
    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(old, "Hello")
    assert refusal.value.new_chat_id == group.id
    assert await bot.send_message(group.id, "Hello")


async def test_a_bot_thrown_out_of_a_group_may_not_write(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    group = server.group("Team", ann)
    group.set_bot("kicked", ann)
    with pytest.raises(Forbidden, match="kicked from the group chat"):
        await bot.send_message(group.id, "Hello")


async def test_replies_need_their_message(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    asked = ann.write("How much?")
    sent = await bot.send_message(ann.id, "5 €", reply_parameters=ReplyParameters(asked.message_id))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "How much?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ann.id, "5 €", reply_parameters=ReplyParameters(999_999))
    lenient = ReplyParameters(999_999, allow_sending_without_reply=True)
    assert (await bot.send_message(ann.id, "5 €", reply_parameters=lenient)).reply_to_message is None


async def test_callback_data_has_64_bytes_at_most(bot: telegram.Bot, ann: Person) -> None:
    def keyboard(data: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data=data)]])

    assert await bot.send_message(ann.id, "Sure?", reply_markup=keyboard("é" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ann.id, "Sure?", reply_markup=keyboard("é" * 33))


async def test_an_edit_replaces_text_and_keyboard(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="1")]])
    sent = await bot.send_message(ann.id, "Sure?", reply_markup=keyboard)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Sure?", ann.id, sent.message_id, reply_markup=keyboard)
    await bot.edit_message_text("Surely?", ann.id, sent.message_id)
    [kept] = server.bot_messages(ann)
    assert kept["text"] == "Surely?"
    assert "reply_markup" not in kept
    await bot.edit_message_reply_markup(ann.id, sent.message_id, reply_markup=keyboard)
    assert server.bot_messages(ann)[0]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Yes"


async def test_only_the_bots_own_messages_can_be_edited(bot: telegram.Bot, ann: Person) -> None:
    theirs = ann.write("Hello")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Bye", ann.id, theirs.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Bye", ann.id, 999_999)


async def test_deleted_messages_are_gone(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    sent = [await bot.send_message(ann.id, text) for text in ("one", "two", "three")]
    assert await bot.delete_message(ann.id, sent[0].message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ann.id, sent[0].message_id)
    assert await bot.delete_messages(ann.id, [message.message_id for message in sent])
    assert server.bot_messages(ann) == []


async def test_drafts_are_shown_until_the_message_comes(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    for text in ("", "Hel", "Hello"):
        assert await bot.send_message_draft(ann.id, 7, text)
    assert [draft.text for draft in server.drafts(ann)] == ["Hello"]
    await bot.send_message(ann.id, "Hello, Ann")
    assert server.drafts(ann) == []


async def test_the_bot_types_until_its_message_comes(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    await bot.send_chat_action(ann.id, "typing")
    assert server.chat_of(ann).action == "typing"
    await bot.send_message(ann.id, "Hello")
    assert server.chat_of(ann).action == ""
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        await bot.send_chat_action(ann.id, "thinking")


async def test_drafts_need_a_number_and_a_private_chat(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    group = server.group("Team", ann)
    with pytest.raises(BadRequest, match="non-zero"):
        await bot.send_message_draft(ann.id, 0, "Hel")
    with pytest.raises(BadRequest, match="Textdraft_peer_invalid"):
        await bot.send_message_draft(group.id, 1, "Hel")


async def test_topics_keep_their_messages_apart(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    group = server.group("Team", ann, forum=True)
    topic = group.add_topic("Orders", ann)
    sent = await bot.send_message(group.id, "Hello", message_thread_id=topic)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic, True)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "Hello", message_thread_id=topic + 100)


async def test_a_message_for_a_business_goes_out_in_its_name(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    owner = server.person("Olga")
    business = owner.connect_business()
    asked = ann.write("Are you open?", business)
    assert asked.update is not None
    assert asked.update["business_message"]["business_connection_id"] == business.id
    sent = await bot.send_message(ann.id, "Until six", business_connection_id=business.id)
    assert sent.from_user is not None
    assert sent.from_user.id == owner.id
    assert [message["text"] for message in server.bot_messages(server.business_chat(business, ann))] == ["Until six"]
    assert server.bot_messages(ann) == []
    connection = await bot.get_business_connection(business.id)
    assert connection.user.id == owner.id
    with pytest.raises(BadRequest, match="Business_peer_invalid"):
        await bot.send_message(owner.id, "Hello", business_connection_id=business.id)
