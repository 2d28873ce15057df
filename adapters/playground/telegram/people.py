"""People and groups, played by a test or by whoever sits at the page: what they do becomes updates for the bot."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.playground.telegram.chats import Business, Chat, User
from adapters.playground.telegram.entities import detected
from adapters.playground.telegram.errors import JsonObject
from adapters.playground.telegram.files import StoredFile
from adapters.playground.telegram.members import change_bot
from adapters.playground.telegram.privacy import sees
from adapters.playground.telegram.world import World


@dataclass(frozen=True)
class Sent:
    """A message that somebody has sent, and the update that the bot gets; None where the bot is not to see it."""

    message: JsonObject
    update: JsonObject | None

    @property
    def message_id(self) -> int:
        """The message's number in its chat."""
        return int(self.message["message_id"])

    @property
    def update_id(self) -> int:
        """The update's number. Raises LookupError if the bot gets none."""
        if self.update is None:
            raise LookupError("The bot gets no update for this message.")
        return int(self.update["update_id"])


class Group:
    """A group with the bot in it; `id` is its chat's, which changes when it becomes a supergroup."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    def add(self, *people: Person) -> None:
        """Lets people into the group."""
        for person in people:
            self.chat.members[person.id] = person.user
            content = {"new_chat_members": [person.user.shape()]}
            message = self._world.new_message(self.chat, person.user, content)
            self._world.updates.push("message", message)

    def set_bot(self, status: str, by: Person) -> JsonObject | None:
        """Makes the bot `member`, `administrator` or `kicked`; the update of it."""
        update = change_bot(self._world, self.chat, by.user, status)
        self._world.changes.announce()
        return update

    def add_topic(self, name: str, by: Person) -> int:
        """Opens a topic in a forum; its message_thread_id."""
        content = {"forum_topic_created": {"name": name, "icon_color": 7322096}, "is_topic_message": True}
        message = self._world.new_message(self.chat, by.user, content)
        topic = int(message["message_id"])
        message["message_thread_id"] = topic
        self.chat.topics[topic] = name
        self._world.updates.push("message", message)
        return topic

    def migrate(self, by: Person) -> list[JsonObject]:
        """Turns a basic group into a supergroup with a new id; the two updates of it. The object is the new group."""
        old = self.chat
        new_id = -1_000_000_000_000 - abs(old.id)
        new = Chat(new_id, "supergroup", old.title, bot_status=old.bot_status, members=dict(old.members))
        self.chat = self._world.new_chat(new)
        leaving = self._world.new_message(old, by.user, {"migrate_to_chat_id": new_id})
        arriving = self._world.new_message(new, by.user, {"migrate_from_chat_id": old.id})
        old.migrated_to = new_id
        updates = [self._world.updates.push("message", message) for message in (leaving, arriving)]
        return [update for update in updates if update is not None]


Place = Group | Business | None
"""Where a person acts: a group, a business's chat, or (None) the private chat with the bot."""


class Person:
    """One user of the platform."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user

    @property
    def id(self) -> int:
        """The user's id, and that of the private chat."""
        return self.user.id

    def chat(self, place: Place = None) -> Chat:
        """The chat in which the person acts."""
        if isinstance(place, Group):
            return place.chat
        if isinstance(place, Business):
            found = place.chats.get(self.id)
            new = Chat(self.id, "private", user=self.user, business_connection_id=place.id)
            new.kept = self._world.messages_kept
            return found or place.chats.setdefault(self.id, new)
        return self._world.private_chat(self.user)

    def write(
        self,
        text: str,
        place: Place = None,
        *,
        reply_to: int = 0,
        topic: int = 0,
        entities: Sequence[JsonObject] | None = None,
    ) -> Sent:
        """Sends a text; its entities are those that the platform would find unless they are given."""
        found = detected(text) if entities is None else entities
        return self.send(_with_text(text, found), place, reply_to=reply_to, topic=topic)

    def photo(
        self, data: bytes, caption: str = "", place: Place = None, *, reply_to: int = 0, topic: int = 0, group: str = ""
    ) -> Sent:
        """Sends a picture; `group` is the media_group_id of an album."""
        file = self._world.files.add("photo", "photo.jpg", "image/jpeg", data)
        album = {"media_group_id": group} if group else {}
        return self.send(_with_caption(file, caption) | album, place, reply_to=reply_to, topic=topic)

    def album(self, pictures: Sequence[bytes], caption: str = "", place: Place = None, *, topic: int = 0) -> list[Sent]:
        """Sends pictures as one album: one message and update for each, the caption on the first."""
        group = str(13 * 10**15 + self._world.next_id())
        captions = [caption] + [""] * len(pictures)
        pairs = zip(pictures, captions, strict=False)
        return [self.photo(data, text, place, topic=topic, group=group) for data, text in pairs]

    def voice(self, data: bytes, duration: int = 1, place: Place = None, *, topic: int = 0) -> Sent:
        """Sends a voice message of so many seconds."""
        file = self._world.files.add("voice", "", "audio/ogg", data)
        return self.send(file.content(duration), place, topic=topic)

    def file(
        self,
        data: bytes,
        name: str,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        place: Place = None,
        *,
        topic: int = 0,
    ) -> Sent:
        """Sends a file."""
        file = self._world.files.add("document", name, mime_type, data)
        return self.send(_with_caption(file, caption), place, topic=topic)

    def video(self, data: bytes, caption: str = "", place: Place = None, *, topic: int = 0) -> Sent:
        """Sends a video."""
        file = self._world.files.add("video", "video.mp4", "video/mp4", data)
        return self.send(_with_caption(file, caption), place, topic=topic)

    def send(self, content: JsonObject, place: Place = None, *, reply_to: int = 0, topic: int = 0) -> Sent:
        """Sends a message of any content: the fields of Message that make it up, such as `location` or `sticker`."""
        chat = self.chat(place)
        if chat.migrated_to is not None:
            raise LookupError("The group has become a supergroup; write there.")
        if self.user.blocked and chat is self.chat():
            raise LookupError(f"{self.user.first_name} has blocked the bot and must unblock it first.")
        fields = self._world.place(chat, topic, reply_to)
        message = self._world.new_message(chat, self.user, fields | content)
        if chat.kind == "private" and not chat.business_connection_id:
            self.user.started = True
        return self._seen(chat, message, _kind(chat, "message"))

    def edit(self, message_id: int, text: str, place: Place = None) -> Sent:
        """Changes the text, or the caption, of one of their messages."""
        chat = self.chat(place)
        message = chat.messages[message_id]
        field, marks = ("text", "entities") if "text" in message else ("caption", "caption_entities")
        message |= {field: text, marks: detected(text), "edit_date": int(time.time())}
        if not message[marks]:
            del message[marks]
        return self._seen(chat, message, _kind(chat, "edited_message"))

    def delete(self, message_id: int, place: Place = None) -> JsonObject | None:
        """Deletes one of their messages; the bot is told only about those of a business."""
        chat = self.chat(place)
        del chat.messages[message_id]
        self._world.changes.announce()
        if not chat.business_connection_id:
            return None
        gone = {
            "business_connection_id": chat.business_connection_id,
            "chat": chat.shape(),
            "message_ids": [message_id],
        }
        return self._world.updates.push("deleted_business_messages", gone)

    def press(self, message_id: int, button: str, place: Place = None) -> Sent:
        """Presses a button under a message by its words (or its callback data). Raises LookupError if it has none."""
        chat = self.chat(place)
        message = chat.messages[message_id]
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        found = [one for row in rows for one in row if button in (one["text"], one.get("callback_data"))]
        if not found or "callback_data" not in found[0]:
            raise LookupError(f"Message {message_id} has no button {button!r} with callback data.")
        query = {
            "id": str(self.id * 10**9 + self._world.next_id()),
            "from": self.user.shape(),
            "message": message,
            "chat_instance": str(abs(chat.id)),
            "data": found[0]["callback_data"],
        }
        self._world.press(query["id"])
        return Sent(message, self._world.updates.push("callback_query", query))

    def callback_answer(self, pressed: Sent) -> JsonObject | None:
        """What the bot has answered to a pressed button; None if it has not."""
        query: JsonObject = (pressed.update or {}).get("callback_query", {})
        return self._world.callbacks.get(query.get("id", ""))

    def react(self, message_id: int, *emoji: str, place: Place = None) -> Sent:
        """Sets the person's reactions to a message; none takes them away."""
        chat = self.chat(place)
        given = chat.reactions.setdefault(message_id, {})
        old, new = given.get(self.id, []), [{"type": "emoji", "emoji": one} for one in emoji]
        given[self.id] = new
        change = {
            "chat": chat.shape(),
            "message_id": message_id,
            "user": self.user.shape(),
            "date": int(time.time()),
            "old_reaction": old,
            "new_reaction": new,
        }
        seen = not chat.is_group or chat.bot_status == "administrator"
        update = self._world.updates.push("message_reaction", change) if seen else None
        self._world.changes.announce()
        return Sent(chat.messages[message_id], update)

    def block(self) -> JsonObject | None:
        """Blocks the bot; the update of it."""
        return change_bot(self._world, self.chat(), self.user, "kicked")

    def unblock(self) -> JsonObject | None:
        """Ends the block; the update of it."""
        return change_bot(self._world, self.chat(), self.user, "member")

    def connect_business(self) -> Business:
        """Connects the bot to the person's business account, whose customers it then answers."""
        world = self._world
        business = Business(f"business-{world.next_id()}", self.user, int(time.time()))
        world.businesses[business.id] = business
        world.updates.push("business_connection", business.shape())
        return business

    def disconnect_business(self, business: Business) -> JsonObject | None:
        """Ends a connection; the update of it."""
        business.is_enabled = False
        return self._world.updates.push("business_connection", business.shape())

    def answer_customer(self, customer: Person, text: str, business: Business) -> Sent:
        """Writes to a customer of the person's business with their own hands, which the bot sees too."""
        chat = customer.chat(business)
        message = self._world.new_message(chat, self.user, _with_text(text, detected(text)))
        return self._seen(chat, message, "business_message")

    def _seen(self, chat: Chat, message: JsonObject, kind: str) -> Sent:
        """The update of a message, if the bot is there and privacy mode lets it see this one."""
        seen = chat.bot_status in ("member", "administrator") and sees(self._world, chat, message)
        update = self._world.updates.push(kind, message) if seen else None
        self._world.changes.announce()
        return Sent(message, update)


def _kind(chat: Chat, kind: str) -> str:
    """The kind of an update about a message, which has names of its own for businesses."""
    return kind.replace("message", "business_message") if chat.business_connection_id else kind


def _with_text(text: str, entities: Sequence[JsonObject]) -> JsonObject:
    return {"text": text} | ({"entities": list(entities)} if entities else {})


def _with_caption(file: StoredFile, caption: str) -> JsonObject:
    content = file.content()
    if caption:
        content["caption"] = caption
        if found := detected(caption):
            content["caption_entities"] = found
    return content
