"""What a test or the page does with the platform: makes people and groups, and looks at what the bot has done."""

from __future__ import annotations

import time
from typing import TypeVar

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.chats import Business, Chat, Draft, User
from adapters.playground.telegram.errors import JsonObject
from adapters.playground.telegram.people import Group, Person
from adapters.playground.telegram.records import Request, Requests
from adapters.playground.telegram.world import World

_DRAFT_SECONDS = 30.0
_FIRST_USER_ID = 500_000_000
T = TypeVar("T")


class Population:
    """The people of a server and their chats."""

    changes: Changes
    requests: Requests

    def __init__(self, world: World) -> None:
        self.world = world
        self.people: dict[int, Person] = {}
        self.groups: list[Group] = []

    def person(
        self, first_name: str = "Ann", *, username: str = "", language_code: str = "en", last_name: str = ""
    ) -> Person:
        """A new user, who has not written to the bot yet."""
        user_id = _FIRST_USER_ID + self.world.next_id()
        user = User(user_id, first_name, last_name, username, language_code)
        self.world.users[user_id] = user
        self.world.private_chat(user)
        self.people[user_id] = person = Person(self.world, user)
        return person

    def group(
        self,
        title: str,
        *people: Person,
        supergroup: bool = False,
        forum: bool = False,
        username: str = "",
        administrator: bool = False,
    ) -> Group:
        """A new group of these people with the bot; forums (groups with topics) are always supergroups."""
        kind = "supergroup" if supergroup or forum or username else "group"
        number = self.world.next_id()
        chat_id = -1_002_000_000_000 - number if kind == "supergroup" else -4_000_000_000 - number
        status = "administrator" if administrator else "member"
        chat = Chat(chat_id, kind, title, username, is_forum=forum, bot_status=status)
        chat.members = {person.id: person.user for person in people}
        group = Group(self.world, self.world.new_chat(chat))
        self.groups.append(group)
        return group

    def chat_of(self, where: Person | Group | Chat) -> Chat:
        """The chat of a person with the bot, or that of a group."""
        if isinstance(where, Person):
            return where.chat()
        return where.chat if isinstance(where, Group) else where

    def messages(self, where: Person | Group | Chat) -> list[JsonObject]:
        """All messages of a chat in their present state, oldest first."""
        return list(self.chat_of(where).messages.values())

    def bot_messages(self, where: Person | Group | Chat) -> list[JsonObject]:
        """The bot's messages of a chat in their present state, oldest first."""
        return self.world.bot_messages(self.chat_of(where))

    def drafts(self, where: Person | Group | Chat) -> list[Draft]:
        """The previews that are shown now: a message ends them, and so do 30 seconds."""
        oldest = time.monotonic() - _DRAFT_SECONDS
        return [draft for draft in self.chat_of(where).drafts.values() if draft.time > oldest]

    async def until_messages(
        self, where: Person | Group | Chat, count: int = 1, timeout: float = 10.0
    ) -> list[JsonObject]:
        """The bot's messages of a chat once there are `count`. Raises TimeoutError."""
        return await self.changes.until(lambda: _enough(self.bot_messages(where), count), timeout)

    async def until_text(self, where: Person | Group | Chat, text: str, timeout: float = 10.0) -> JsonObject:
        """The bot's message that contains a text (or has it as caption) once it is there. Raises TimeoutError."""

        def found() -> JsonObject | None:
            for message in self.bot_messages(where):
                if text in (message.get("text") or message.get("caption") or ""):
                    return message
            return None

        message = await self.changes.until(found, timeout)
        assert message is not None
        return message

    async def until_requests(self, method: str, count: int = 1, timeout: float = 10.0) -> list[Request]:
        """The finished requests of a method once there are `count` (of those that are kept). Raises TimeoutError."""

        def finished() -> list[Request]:
            return _enough([one for one in self.requests.of(method) if one.status is not None], count)

        return await self.changes.until(finished, timeout)

    async def until_confirmed(self, timeout: float = 10.0) -> None:
        """Waits until the bot has confirmed every update. Raises TimeoutError."""
        await self.changes.until(lambda: self.world.updates.is_empty, timeout)

    async def until_polled(self, timeout: float = 10.0) -> None:
        """Waits until the bot waits for updates. Raises TimeoutError."""
        await self.changes.until(lambda: self.world.updates.is_polled, timeout)

    def business_chat(self, business: Business, customer: Person) -> Chat:
        """A customer's chat with a business."""
        return customer.chat(business)


def _enough(found: list[T], count: int) -> list[T]:
    return found if len(found) >= count else []
