"""What exists on the server: people, guilds, channels, messages."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

Json = dict[str, Any]

KEPT_TYPING = 100


class ChannelType(IntEnum):
    TEXT = 0
    DIRECT = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12

    @property
    def is_thread(self) -> bool:
        return self in (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


class MessageType(IntEnum):
    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND = 20
    THREAD_STARTER = 21


class MessageFlag(IntFlag):
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class Permission(IntFlag):
    """Those that the server checks."""

    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


NO_PERMISSIONS = Permission(0)
NO_FLAGS = MessageFlag(0)


@dataclass
class User:
    id: str
    name: str
    bot: bool = False
    language: str = "en-US"
    accepts_direct_messages: bool = True


@dataclass
class Guild:
    id: str
    name: str
    owner: User
    members: dict[str, User] = field(default_factory=dict)
    joined_at: float = 0.0


@dataclass
class Channel:
    """A guild's text channel, a thread, or a direct message between the bot and one user."""

    id: str
    type: ChannelType
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    recipient: User | None = None
    owner: User | None = None
    denied: Permission = NO_PERMISSIONS
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    changed_at: float = 0.0
    messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)
    typing: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=KEPT_TYPING))
    """Who began to type and when (seconds since 1970), the latest last."""

    @property
    def last_message(self) -> Message | None:
        """The latest that is there still."""
        return next(reversed(self.messages.values()), None)

    def after(self, message_id: str) -> list[Message]:
        """Messages newer than an id, oldest first."""
        newer = []
        for message in reversed(self.messages.values()):
            if int(message.id) <= int(message_id):
                break
            newer.append(message)
        return newer[::-1]


@dataclass(frozen=True)
class Upload:
    """A file on its way to the server."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"
    description: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file of a message, kept as long as the message."""

    id: str
    channel_id: str
    upload: Upload


@dataclass
class Message:
    id: str
    channel: Channel
    author: User
    sent_at: float
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    edited_at: float | None = None
    flags: MessageFlag = NO_FLAGS
    nonce: str | int | None = None
    mentions: list[User] = field(default_factory=list)
    mentions_everyone: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Emoji to the ids of those who chose it."""
    reference: Json | None = None
    answers: Message | None = None
    """The message that this one replies to, while it exists."""
    interaction: Interaction | None = None
    thread: Channel | None = None
    history: list[str] = field(default_factory=list)
    """Contents before the latest edits, oldest first."""

    @property
    def is_ephemeral(self) -> bool:
        """Seen by the one who used the command or the button only."""
        return MessageFlag.EPHEMERAL in self.flags

    @property
    def is_loading(self) -> bool:
        """A deferred answer that says "is thinking"."""
        return MessageFlag.LOADING in self.flags

    @property
    def buttons(self) -> list[Json]:
        """Its buttons, in their order."""
        rows = (row.get("components", []) for row in self.components)
        return [component for row in rows for component in row if component.get("type") == 2]


class InteractionType(IntEnum):
    COMMAND = 2
    COMPONENT = 3


@dataclass
class Interaction:
    """A command or a pressed button, which the application answers with its token."""

    id: str
    token: str
    type: InteractionType
    user: User
    channel: Channel
    data: Json
    created_at: float
    source: Message | None = None
    """The message of the pressed button."""
    acknowledged_by: int | None = None
    """The type of the first answer, None before it."""
    original: Message | None = None
    """The first answer's message, or for a button that changes its message that one."""
    followups: list[Message] = field(default_factory=list)
