"""The domain's types: frozen data without behaviour, shared by every layer.

Words: an *update* is what a platform sends, a *message* is what is stored, a *turn* is the unhandled
messages of one conversation together with their reply, a *delivery* is one reply on its way out.
All times are UTC and aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Role = Literal["user", "assistant", "operator"]
Route = Literal["answer", "chat", "image", "handoff", "decline", "command"]
ConversationState = Literal["bot", "waiting", "human", "closed"]
FactKind = Literal["name", "language", "email", "phone", "address", "order", "product", "preference", "problem"]
"""What can be known of a customer: an order by its number, a product that they own, a problem that is still open."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a message; `url` is where the channel may fetch it, `file:ID` for one that `Files` keeps.

    `kind` is `image`, `voice`, `video` or `file`; width and height are pixels, `size` is bytes.
    """

    kind: str
    url: str
    mime: str
    width: int | None = None
    height: int | None = None
    name: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a customer or the bot has sent."""

    content: bytes
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """Who said what: all that a context or a query needs to know of a message."""

    role: Role
    text: str


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
class Citation:
    """`quote` occurs letter for letter in the text of the passage."""

    passage_id: str
    title: str
    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class NewFact:
    """Something that a customer has told of themselves: `quote` is what supports it, letter for letter, in the message.

    `replaces_kind` says that an earlier fact of the kind no longer holds (a name, a language).
    """

    kind: FactKind
    value: str
    message_id: str
    quote: str
    replaces_kind: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a customer, from which message. One that no longer holds has `ended_at`.

    `shared`: it was said where others read along.
    """

    id: str
    kind: FactKind
    value: str
    quote: str
    created_at: datetime
    message_id: str | None = None
    shared: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one channel knows them; `name` is a nickname, which proves nothing."""

    channel: str
    external_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture that the bot has made: `digest` is the SHA-256 of its file, `url` where `Files` keeps it.

    `model` names the generator and its weights, `tags` what was asked for, `sources` the urls of the photos it was
    made from.
    """

    digest: str
    url: str
    model: str
    kind: str
    seed: int
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewWithheld:
    """Words that moderation has stopped: a customer's (`in`, with their message) or the bot's own (`out`).

    `label` is `word` for a listed word, otherwise what the classifier takes it for, with the probability `score`.
    """

    direction: Literal["in", "out"]
    text: str
    label: str
    score: float
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the pipeline decided to say, before it is stored.

    `confidence` is a calibrated probability that the reply is right. `quick_replies` are texts that the
    customer may send with one tap. `state` is the conversation's next state, None to leave it.
    `chosen_language` is the one that the customer asked for, empty for the one that they write, None to leave it.
    `learned` are new facts of the customer, `ended` the ids of those that no longer hold, `drawn` the pictures made:
    they are stored together with the reply, and so is what was `withheld`.
    `consent` is put before the text if nothing was put there for this person yet.
    `trace` says why (plain JSON values): passages and scores, checks, model, times of the stages.
    """

    text: str
    route: Route
    confidence: float
    language: str
    citations: tuple[Citation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    quick_replies: tuple[str, ...] = ()
    state: ConversationState | None = None
    chosen_language: str | None = None
    learned: tuple[NewFact, ...] = ()
    ended: tuple[str, ...] = ()
    drawn: tuple[NewPicture, ...] = ()
    withheld: tuple[NewWithheld, ...] = ()
    consent: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)


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
class Claim:
    """The right to write one reply: valid while no later claim has raised the conversation's fence."""

    conversation_id: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The unhandled messages of a claimed conversation, oldest first, and the history before them.

    `attempts` counts earlier claims that ended without a reply, as when a process was killed at it.
    """

    claim: Claim
    conversation: Conversation
    messages: tuple[Message, ...]
    history: tuple[Message, ...] = ()
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A turn as a skill sees it: what is wanted, in which language, after which conversation.

    `text` is the turn's messages joined by line breaks and cleaned; `kind` is the intent's finer name
    (`greeting`, or a command's name) and `argument` what follows a command. `learned` is what the turn itself tells
    of the customer; what was known before is in `Facts`.
    """

    turn: Turn
    text: str
    language: str
    history: tuple[Utterance, ...] = ()
    kind: str = ""
    argument: str = ""
    learned: tuple[NewFact, ...] = ()


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
class Profile:
    """What is stored about a customer: the name that their channel told, and what they sent since when."""

    name: str | None
    messages: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the next reply of a conversation may be shown while it is made.

    `must_wait`: earlier replies are still on their way, and a message that is opened now would stand before them.
    `platform_id` is the message in which the reply is shown already, as by a process that was killed.
    """

    must_wait: bool = False
    platform_id: str | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who answers customers; `password_hash` is argon2's own text form."""

    id: str
    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A conversation as a line of the operators' inbox; `customer` is the name that the channel told, if any,
    and `last` the latest words of the customer or an operator.

    `waiting_since` is when the customer began to wait for a person, None when nobody is owed a word;
    `unread` counts the customer's messages since then. `unreachable_since` is when the platform said that
    nothing can be sent there, as when the customer has blocked the bot; None while the customer can be reached.
    """

    conversation: Conversation
    customer: str | None
    updated_at: datetime
    last: Message | None = None
    waiting_since: datetime | None = None
    unread: int = 0
    unreachable_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as an operator reads it: its newest messages, oldest first."""

    overview: Overview
    messages: tuple[Message, ...]
    has_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be shown; `heading` is the path of headings above it.

    `source` is what a person can open or find: a link, or the file's name. `position` is the passage's
    place in its document, from 0 on. `title` names it (document and heading, or the question of an entry).
    """

    id: str
    title: str
    text: str
    source: str
    document_id: str = ""
    heading: tuple[str, ...] = ()
    position: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file or entry of the knowledge base; `digest` changes when its content does."""

    id: str
    name: str
    source: str
    digest: str
    passages: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked up: the last words of the customer and the conversation before them, oldest first.

    `conversation` is its id, empty for questions that belong to none.
    """

    text: str
    history: tuple[Utterance, ...] = ()
    language: str | None = None
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a query, best first; `features` are the scores that made its `score`."""

    passage: Passage
    score: float
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is given, part by part; how the parts become tokens is the model's own layout.

    `profile` is what is known of the customer, and what was said earlier, beyond the turns. `turns` are oldest first
    and end with the customer's words that are to be answered.
    """

    persona: str = ""
    profile: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    turns: tuple[Utterance, ...] = ()


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
