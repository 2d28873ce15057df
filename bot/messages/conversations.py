"""Messages, the conversations that they stand in, and what goes out and comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.messages.parts import Attachment, Citation, Role, Utterance

Route = Literal["answer", "chat", "image", "handoff", "decline", "command"]
ConversationState = Literal["bot", "waiting", "human", "closed"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update, as its adapter understood it.

    `external_id` is unique within the channel: the same one again is the same message. `conversation`
    and `user` are the platform's own ids, never a nickname. `history` carries the earlier turns of a
    platform that keeps them itself (OpenAI-compatible clients); it is stored when the conversation is new.

    `origin` is what the channel itself needs to answer this very message (its id in the chat, a token); the
    core hands it back in the delivery and does not look inside. `replaces` is the origin of the message whose
    edited form this is. `settle_seconds` is how long more messages of the same burst may follow (an album).
    `shared` says that others read along (a group, a server), so that nothing personal may be shown there.
    """

    channel: str
    external_id: str
    conversation: str
    user: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    user_name: str | None = None
    language: str | None = None
    history: tuple[Utterance, ...] = ()
    origin: str = ""
    replaces: str = ""
    settle_seconds: float | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored reply. `conversation_id` is the id that the channel uses for the conversation."""

    conversation_id: str
    message_id: str
    text: str
    route: Route
    confidence: float
    language: str
    citations: tuple[Citation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    quick_replies: tuple[str, ...] = ()
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message; `number` is its place in the conversation, from 1 on, without gaps.

    `origin` is what its channel needs to answer it, as it was in `Incoming`.
    """

    id: str
    number: int
    role: Role
    text: str
    created_at: datetime
    citations: tuple[Citation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    route: Route | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The inbox has the message for good. A `duplicate` carries the first one's reply if there is one.

    `for_bot` is False where a person has the conversation, so that no reply of the bot will follow. `is_behind` says
    that a reply to earlier messages is being made, and that this one may have to wait for the next.
    """

    message_id: str
    conversation_id: str
    duplicate: bool = False
    reply: Reply | None = None
    for_bot: bool = True
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as a turn sees it; `id` is ours, `external_id` the channel's.

    `language` is the one spoken last, `chosen_language` the one that the customer has asked for.
    `shared` says that others read along.
    """

    id: str
    channel: str
    external_id: str
    customer_id: str
    state: ConversationState = "bot"
    language: str | None = None
    chosen_language: str | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row that is due: `target` is the channel's conversation id, `attempts` counts earlier tries.

    `origin` is that of the last message which the reply answers, empty for an operator's words. `opened` is the
    platform's id of the message in which the reply was shown while it was made, and `parts` are the ids of the
    parts that were sent for good before the delivery was interrupted, in their order.
    """

    id: str
    channel: str
    target: str
    reply: Reply
    attempts: int = 0
    origin: str = ""
    opened: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a reply is as it is: the reply itself, and the `trace` of its draft."""

    reply: Reply
    trace: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the next reply of a conversation may be shown while it is made.

    `must_wait`: earlier replies are still on their way, and a message that is opened now would stand before them.
    `platform_id` is the message in which the reply is shown already, as by a process that was killed.
    """

    must_wait: bool = False
    platform_id: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it is remembered: who said what, in which of our conversations, at which place in it, and when.

    `route` is a reply's.
    """

    message_id: str
    conversation_id: str
    number: int
    role: Role
    text: str
    created_at: datetime
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A stretch of a conversation in short, up to the message of the number: sentences from its messages, one a line;
    those of the shop's side begin with an arrow."""

    conversation_id: str
    number: int
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delta:
    """Words of a reply that is being made; a courtesy that may be lost, the stored reply is the truth."""

    conversation_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply to `answered` (message ids) is stored."""

    conversation_id: str
    reply: Reply
    answered: tuple[str, ...]


StreamEvent = Delta | Finished
