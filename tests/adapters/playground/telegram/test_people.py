"""What people do, as python-telegram-bot reads it."""

from __future__ import annotations

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from adapters.playground.telegram import Person, TelegramServer

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d")


async def read(bot: telegram.Bot) -> list[telegram.Update]:
    """All waiting updates, confirmed."""
    updates = list(await bot.get_updates())
    await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


async def test_commands_and_mentions_are_entities(bot: telegram.Bot, ann: Person) -> None:
    ann.write("/ask@parley_bot 🙂 what does @bob say on https://example.org/a?b=c, and #why")
    [update] = await read(bot)
    assert update.message is not None
    entities = {entity.type: update.message.parse_entity(entity) for entity in update.message.entities}
    assert entities == {
        "bot_command": "/ask@parley_bot",
        "mention": "@bob",
        "url": "https://example.org/a?b=c",
        "hashtag": "#why",
    }


async def test_a_reply_carries_what_it_answers(bot: telegram.Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, "Which size?")
    ann.write("Large", reply_to=sent.message_id)
    [update] = await read(bot)
    assert update.message is not None
    assert update.message.reply_to_message is not None
    assert update.message.reply_to_message.from_user == bot.bot


async def test_an_album_is_one_update_a_picture(bot: telegram.Bot, ann: Person) -> None:
    ann.album([PNG, PNG, PNG], caption="My kitchen")
    messages = [update.message for update in await read(bot)]
    assert len({message.media_group_id for message in messages if message}) == 1
    assert [message.caption for message in messages if message] == ["My kitchen", None, None]
    assert [message.photo[-1].width for message in messages if message] == [3, 3, 3]


async def test_voice_and_files_can_be_downloaded(bot: telegram.Bot, ann: Person) -> None:
    ann.voice(b"OggS voice", duration=7)
    ann.file(b"%PDF-1.7", "bill.pdf", "application/pdf", "My bill")
    voice, document = [update.message for update in await read(bot)]
    assert voice is not None
    assert voice.voice is not None
    assert await (await bot.get_file(voice.voice.file_id)).download_as_bytearray() == b"OggS voice"
    assert document is not None
    assert document.document is not None
    assert (document.document.file_name, document.caption) == ("bill.pdf", "My bill")
    file = await bot.get_file(document.document.file_id)
    assert await file.download_as_bytearray() == b"%PDF-1.7"


async def test_an_edit_is_an_update_of_its_own(bot: telegram.Bot, ann: Person) -> None:
    sent = ann.write("How mcuh?")
    ann.edit(sent.message_id, "How much?")
    first, second = await read(bot)
    assert first.message is not None
    assert first.message.text == "How mcuh?"
    assert second.edited_message is not None
    assert (second.edited_message.text, second.edited_message.message_id) == ("How much?", sent.message_id)
    assert second.edited_message.edit_date is not None


async def test_anything_else_can_be_sent(bot: telegram.Bot, ann: Person) -> None:
    ann.video(b"film", "Look")
    ann.send({"location": {"latitude": 52.5, "longitude": 13.4}})
    video, location = [update.message for update in await read(bot)]
    assert video is not None
    assert video.video is not None
    assert await (await bot.get_file(video.video.file_id)).download_as_bytearray() == b"film"
    assert location is not None
    assert location.location is not None


async def test_a_deleted_message_cannot_be_answered(bot: telegram.Bot, ann: Person) -> None:
    sent = ann.write("Hello")
    assert ann.delete(sent.message_id) is None
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ann.id, "Hello", reply_parameters=telegram.ReplyParameters(sent.message_id))


async def test_a_business_tells_the_bot_everything(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    olga = server.person("Olga")
    business = olga.connect_business()
    asked = ann.write("Are you open?", business)
    ann.edit(asked.message_id, "Are you open today?", business)
    olga.answer_customer(ann, "Yes, until six", business)
    ann.delete(asked.message_id, business)
    olga.disconnect_business(business)
    connected, question, edited, answered, deleted, ended = await read(bot)
    assert connected.business_connection is not None
    assert connected.business_connection.is_enabled
    assert question.business_message is not None
    assert question.business_message.from_user is not None
    assert question.business_message.from_user.id == ann.id
    assert edited.edited_business_message is not None
    assert answered.business_message is not None
    assert answered.business_message.from_user is not None
    assert answered.business_message.from_user.id == olga.id
    assert deleted.deleted_business_messages is not None
    assert deleted.deleted_business_messages.message_ids == (asked.message_id,)
    assert ended.business_connection is not None
    assert not ended.business_connection.is_enabled
    with pytest.raises(BadRequest, match="Business_peer_invalid"):
        await bot.send_message(ann.id, "Hello", business_connection_id=business.id)


def test_who_has_blocked_the_bot_cannot_write_to_it(server: TelegramServer, ann: Person) -> None:
    ann.block()
    with pytest.raises(LookupError, match="must unblock it first"):
        ann.write("Hello")
    ann.unblock()
    assert ann.write("Hello").update is not None


async def test_a_button_waits_for_its_answer(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="q:1:0")]])
    sent = await bot.send_message(ann.id, "Sure?", reply_markup=keyboard)
    pressed = ann.press(sent.message_id, "Yes")
    [update] = await read(bot)
    assert update.callback_query is not None
    assert update.callback_query.data == "q:1:0"
    assert update.callback_query.message == sent
    assert ann.callback_answer(pressed) is None
    await update.callback_query.answer("Thanks")
    assert ann.callback_answer(pressed) == {"text": "Thanks", "show_alert": False, "url": ""}
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("12345")
    with pytest.raises(LookupError, match="no button 'No'"):
        ann.press(sent.message_id, "No")


async def test_privacy_mode_shows_what_is_meant_for_the_bot(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    group = server.group("Team", ann)
    answer = await bot.send_message(group.id, "Hello all")
    ann.write("Lunch?", group)
    ann.write("/help@other_bot", group)
    shown = [
        ann.write("@Parley_Bot hello", group),
        ann.write("/help@parley_bot", group),
        ann.write("/help", group),
        ann.write("Thanks", group, reply_to=answer.message_id),
    ]
    assert [update.update_id for update in await read(bot)] == [message.update_id for message in shown]


def test_administrators_and_bots_without_privacy_mode_see_everything() -> None:
    for privacy, administrator, seen in ((True, False, False), (True, True, True), (False, False, True)):
        server = TelegramServer(privacy=privacy)
        ann = server.person("Ann")
        group = server.group("Team", ann, administrator=administrator)
        assert (ann.write("Lunch?", group).update is not None) is seen


async def test_a_bot_outside_of_a_group_sees_nothing(server: TelegramServer, ann: Person) -> None:
    group = server.group("Team", ann)
    update = group.set_bot("kicked", ann)
    assert update is not None
    assert update["my_chat_member"]["old_chat_member"]["status"] == "member"
    assert ann.write("/help", group).update is None


async def test_messages_in_a_topic_refer_to_its_beginning(
    server: TelegramServer, bot: telegram.Bot, ann: Person
) -> None:
    group = server.group("Team", ann, forum=True, administrator=True)
    topic = group.add_topic("Orders", ann)
    ann.write("Hello", group, topic=topic)
    opened, said = await read(bot)
    assert opened.message is not None
    assert opened.message.forum_topic_created is not None
    assert said.message is not None
    assert (said.message.message_thread_id, said.message.is_topic_message) == (topic, True)
    assert said.message.reply_to_message is not None
    assert said.message.reply_to_message.forum_topic_created is not None


async def test_members_are_known(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    bob = server.person("Bob")
    group = server.group("Team", ann)
    assert (await bot.get_chat_member(group.id, ann.id)).status == "member"
    assert (await bot.get_chat_member(group.id, bob.id)).status == "left"
    group.add(bob)
    assert await bot.get_chat_member_count(group.id) == 3
    chat = await bot.get_chat(group.id)
    assert (chat.title, chat.type) == ("Team", "group")
    private = await bot.get_chat(ann.id)
    assert (private.first_name, private.username) == ("Ann", "ann_customer")


async def test_the_bot_can_react(server: TelegramServer, bot: telegram.Bot, ann: Person) -> None:
    sent = ann.write("Thanks!")
    await bot.set_message_reaction(ann.id, sent.message_id, "👍")
    given = server.chat_of(ann).reactions[sent.message_id]
    assert given == {bot.id: [{"type": "emoji", "emoji": "👍"}]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(ann.id, sent.message_id, "🪿")


async def test_commands_are_kept_by_scope_and_language(bot: telegram.Bot) -> None:
    await bot.set_my_commands([("help", "What I can do")])
    await bot.set_my_commands([("help", "我能做什么")], language_code="zh")
    assert [one.description for one in await bot.get_my_commands()] == ["What I can do"]
    assert [one.description for one in await bot.get_my_commands(language_code="zh")] == ["我能做什么"]
    assert await bot.get_my_commands(language_code="fr") == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Help!", "What I can do")])
