"""From an update to what it means: no network, no clock, no state but the albums that are under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
    User,
)

from adapters.telegram.addressing import Me, Spoken, read_words
from adapters.telegram.checked import Malformed, whole, words, words_or_none
from adapters.telegram.events import Closed, Event, Ignored, Moved, Person, Pressed, Reacted, Said
from adapters.telegram.options import GroupMode
from adapters.telegram.place import NO_MESSAGE, Origin, Place
from adapters.telegram.pruning import pruned
from adapters.telegram.recent import Recent
from adapters.telegram.remote_files import files_of

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "business_connection",
    "business_message",
    "edited_business_message",
)
"""What is asked for; reactions come only to a bot that asks."""

LIKES = frozenset("👍❤🔥🥰👏🎉🤩🙏👌😍🕊💯⚡🏆🤗😘🫡🆒💘❤️😇🤝") | {"❤‍🔥"}
DISLIKES = frozenset("👎💩🤮😡🤬🖕💔🥱😢🤡😨🤦🤨😐🥴")
ALBUMS_REMEMBERED = 1000


def update_id_of(update: object) -> int | None:
    """The update's number, None when it has none that can be confirmed. Numbers of the Bot API have 53 bits at most."""
    number = update.get("update_id") if isinstance(update, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number < 1 << 53 else None


class Reader:
    """Understands updates that came for one bot."""

    def __init__(self, me: Me, groups: GroupMode) -> None:
        self._me = me
        self._groups = groups
        self._albums = Recent[tuple[int, str], bool](ALBUMS_REMEMBERED)

    def read(self, raw: object) -> Event:
        """What the update means; raises Malformed."""
        if not isinstance(raw, dict):
            raise Malformed("it is not an object")
        try:
            return self._understand(Update.de_json(pruned(raw), None), raw)
        except Malformed:
            raise
        except Exception as error:  # the library's own objects fail in many ways at fields of wrong types
            raise Malformed(f"{type(error).__name__}: {error}") from error

    def _understand(self, update: Update, raw: Mapping[str, Any]) -> Event:
        if message := update.message or update.edited_message:
            return self._message(message, is_edit=update.message is None)
        if message := update.business_message or update.edited_business_message:
            return self._business(message, is_edit=update.business_message is None)
        if update.callback_query:
            return _pressed(update.callback_query)
        if update.message_reaction:
            return _reacted(update.message_reaction)
        if update.my_chat_member:
            return _membership(update.my_chat_member)
        kinds = [str(key)[:40] for key in raw if key != "update_id"]
        return Ignored(f"updates of the kind {kinds[0]}" if kinds else "an update without content")

    def _message(self, message: Message, *, is_edit: bool) -> Event:
        if moved := _moved(message):
            return moved
        if reason := _unanswerable(message):
            return Ignored(reason)
        if message.chat.type == Chat.PRIVATE:
            return _said(message, _private(message), read_words(message, self._me), is_edit=is_edit)
        return self._group_message(message, is_edit=is_edit)

    def _group_message(self, message: Message, *, is_edit: bool) -> Event:
        spoken = read_words(message, self._me)
        if self._groups == "off" or spoken.to_another:
            return Ignored("a message in a group for somebody else")
        if self._groups == "mention" and not self._is_for_me(message, spoken):
            return Ignored("a message in a group that does not name the bot")
        return _said(message, _in_group(message, message.from_user), spoken, is_edit=is_edit)

    def _is_for_me(self, message: Message, spoken: Spoken) -> bool:
        """Of an album, the picture with the caption names the bot for those that follow it."""
        if message.media_group_id is None:
            return spoken.to_me
        key = (message.chat.id, str(message.media_group_id))
        if spoken.to_me:
            self._albums.put(key, True)
        return spoken.to_me or key in self._albums

    def _business(self, message: Message, *, is_edit: bool) -> Event:
        """In a private chat the customer's id is the chat's; the other one is the owner of the account."""
        if reason := _unanswerable(message):
            return Ignored(reason)
        connection = words(message.business_connection_id, "business_connection_id")
        if message.sender_business_bot or _person(message.from_user).id != message.chat.id:
            return Ignored("the owner's own message in a business chat")
        place = Place(whole(message.chat.id, "chat.id"), business_connection_id=connection)
        return _said(message, place, read_words(message, self._me), is_edit=is_edit)


def _unanswerable(message: Message) -> str | None:
    """Why nobody could be answered, if so."""
    if message.chat.type == Chat.CHANNEL:
        return "a post in a channel"
    if message.from_user is None or message.sender_chat is not None or message.is_automatic_forward:
        return "a message in the name of a chat"
    if message.from_user.is_bot:
        return "another bot's message"
    return None


def _said(message: Message, place: Place, spoken: Spoken, *, is_edit: bool) -> Event:
    files = files_of(message)
    text = spoken.text or (message.sticker.emoji if message.sticker else None) or ""
    if not files and message.text is None and message.caption is None:
        return Ignored("a service message, or a kind of message that has no words")
    return Said(
        place=place,
        person=_person(message.from_user),
        origin=Origin(whole(message.message_id, "message_id"), place.thread_id),
        text=words(text, "the text"),
        files=files,
        album=words_or_none(message.media_group_id, "media_group_id"),
        is_edit=is_edit,
    )


def _person(user: User | None) -> Person:
    if user is None:
        raise Malformed("there is nobody who did it")
    language = words_or_none(user.language_code, "language_code")
    names = [words(name, "the name") for name in (user.first_name, user.last_name) if name]
    return Person(whole(user.id, "from.id"), " ".join(names), language.split("-")[0].lower() if language else None)


def _private(message: Message) -> Place:
    return Place(whole(message.chat.id, "chat.id"), _thread(message))


def _in_group(message: Message, user: User | None) -> Place:
    return Place(whole(message.chat.id, "chat.id"), _thread(message), _person(user).id)


def _thread(message: Message) -> int | None:
    """The topic; outside of topics a thread id only says that messages reply to each other."""
    return whole(message.message_thread_id, "message_thread_id") if message.is_topic_message else None


def _moved(message: Message) -> Moved | None:
    here = whole(message.chat.id, "chat.id")
    if message.migrate_to_chat_id:
        return Moved(here, whole(message.migrate_to_chat_id, "migrate_to_chat_id"))
    if message.migrate_from_chat_id:
        return Moved(whole(message.migrate_from_chat_id, "migrate_from_chat_id"), here)
    return None


def _pressed(query: CallbackQuery) -> Pressed:
    return Pressed(
        place=_place_of_button(query),
        person=_person(query.from_user),
        query_id=words(query.id, "callback_query.id"),
        data=words(query.data or "", "callback_query.data"),
        origin=_origin_of_button(query),
    )


def _place_of_button(query: CallbackQuery) -> Place | None:
    """The presser's own conversation. Of an old message only chat and id are told, not its topic."""
    message = query.message
    if message is None:
        return None
    if isinstance(message, Message) and message.business_connection_id:
        connection = words(message.business_connection_id, "business_connection_id")
        return Place(whole(message.chat.id, "chat.id"), business_connection_id=connection)
    thread = _thread(message) if isinstance(message, Message) else None
    in_group = message.chat.type != Chat.PRIVATE
    return Place(whole(message.chat.id, "chat.id"), thread, _person(query.from_user).id if in_group else None)


def _origin_of_button(query: CallbackQuery) -> Origin:
    if query.message is None:
        return NO_MESSAGE
    thread = _thread(query.message) if isinstance(query.message, Message) else None
    return Origin(whole(query.message.message_id, "message_id"), thread)


def _reacted(reaction: MessageReactionUpdated) -> Event:
    if reaction.user is None:
        return Ignored("a reaction in the name of a chat")
    before = {each.emoji for each in reaction.old_reaction if isinstance(each, ReactionTypeEmoji)}
    now = [each.emoji for each in reaction.new_reaction if isinstance(each, ReactionTypeEmoji)]
    fresh = [emoji for emoji in now if emoji not in before]
    score = 1 if any(emoji in LIKES for emoji in fresh) else -1 if any(emoji in DISLIKES for emoji in fresh) else 0
    if not score:
        return Ignored("a reaction that says neither good nor bad")
    person = _person(reaction.user)
    in_group = reaction.chat.type != Chat.PRIVATE
    place = Place(whole(reaction.chat.id, "chat.id"), None, person.id if in_group else None)
    return Reacted(place, person, whole(reaction.message_id, "message_id"), score)


def _membership(change: ChatMemberUpdated) -> Event:
    status, chat = change.new_chat_member.status, str(whole(change.chat.id, "chat.id"))
    if status not in (ChatMember.BANNED, ChatMember.LEFT):
        return Ignored("the bot was let in or unblocked")
    private = change.chat.type == Chat.PRIVATE
    return Closed(chat, "The customer has blocked the bot." if private else "The bot was removed from the group.")
