"""All tables. Times are UTC and aware on both databases; ids come from `storage.ids`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY_CHARACTERS = 255
"""Longest id of a platform that is stored; a B-tree key has to stay small."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Table(DeclarativeBase):
    """Base of all tables; constraint names are fixed, so that a migration can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads it as a plain class attribute
        str: String(KEY_CHARACTERS),
        datetime: UtcDateTime(),
        list[Any]: JSON(),
        dict[str, Any]: JSON(),
        bytes: LargeBinary(),
    }


class Customers(Table):
    """A person, whatever channels they write on. `informed_at` is when they were shown the consent text,
    `no_recommendations_at` when they asked for no recommendations.
    """

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    informed_at: Mapped[datetime | None]
    no_recommendations_at: Mapped[datetime | None]


class Identities(Table):
    """A person as one channel knows them."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class Conversations(Table):
    """`due_at` is when a worker may claim it: set while messages are unhandled, and for as long as a
    lease lasts it is the lease's end, so that one index finds settled bursts and lost workers alike.
    `waiting_since` is when the first unhandled message came, `attempts` counts claims since the last reply.
    `language` is the one spoken last, `chosen_language` the one that the customer has asked for.
    It is not due before `settles_at`, until when more of the last burst may come. `opened` is the platform's id
    of the message in which the reply is shown while it is made; it goes on to the delivery, and there is one
    only while messages are unhandled. `unreachable_since` is when the platform said that nobody can be reached there.
    `shared` says that others read along.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index(
            "ix_conversations_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_conversations_desk",
            "state",
            "updated_at",
            sqlite_where=text("state = 'waiting' OR state = 'human'"),
            postgresql_where=text("state = 'waiting' OR state = 'human'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(35))
    chosen_language: Mapped[str | None] = mapped_column(String(35))
    last_number: Mapped[int]
    attended_number: Mapped[int] = mapped_column(server_default="0")
    fence: Mapped[int]
    attempts: Mapped[int]
    lease_owner: Mapped[str | None]
    due_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    settles_at: Mapped[datetime | None]
    opened: Mapped[str | None] = mapped_column(Text)
    unreachable_since: Mapped[datetime | None]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Messages(Table):
    """What was said. `channel` and `external_id` are the platform's key of an inbound message;
    `reply_id` is the reply that answered it. `handled_at` is empty while a reply is owed. `origin` is what the
    channel needs to answer the message, `superseded_by` the id of its edited form, if that came before the reply.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        UniqueConstraint("conversation_id", "number"),
        Index(
            "ix_messages_unhandled",
            "conversation_id",
            "number",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    identity_id: Mapped[str | None] = mapped_column(ForeignKey("identities.id", ondelete="SET NULL"))
    channel: Mapped[str | None]
    external_id: Mapped[str | None]
    origin: Mapped[str | None] = mapped_column(Text)
    superseded_by: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    reply_id: Mapped[str | None] = mapped_column(index=True)
    attachments: Mapped[list[Any]]
    citations: Mapped[list[Any]]
    quick_replies: Mapped[list[Any]]
    route: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None]
    language: Mapped[str | None] = mapped_column(String(35))


class Deliveries(Table):
    """The outbox: a reply on its way out. State is `due`, `sent` or `parked`; a row that a sender has
    taken has its `due_at` in the future, so that the row of a lost sender comes back by itself. `origin` and
    `opened` are those of `bot.messages.Delivery`, `parts_sent` is how many `Parts` there are.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index(
            "ix_deliveries_due",
            "channel",
            "due_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_deliveries_order",
            "conversation_id",
            "number",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_deliveries_parked",
            "created_at",
            sqlite_where=text("state = 'parked'"),
            postgresql_where=text("state = 'parked'"),
        ),
        Index(
            "ix_deliveries_sent_as",
            "conversation_id",
            "platform_id",
            sqlite_where=text("platform_id IS NOT NULL"),
            postgresql_where=text("platform_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    channel: Mapped[str]
    target: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    idempotency_key: Mapped[str]
    origin: Mapped[str | None] = mapped_column(Text)
    opened: Mapped[str | None] = mapped_column(Text)
    parts_sent: Mapped[int] = mapped_column(server_default="0")
    platform_id: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Parts(Table):
    """A part of a reply that was sent for good before its last one, by its place in the reply, from 0 on."""

    __tablename__ = "parts"
    __table_args__ = (Index("ix_parts_sent_as", "conversation_id", "platform_id"),)

    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    platform_id: Mapped[str]


class Traces(Table):
    """Why a reply is as it is: passages and scores, checks, model, times of the stages."""

    __tablename__ = "traces"

    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Feedback(Table):
    """Thumbs up (+1) or down (-1) of one person under one reply; the last one counts."""

    __tablename__ = "feedback"

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(Text)
    rated_at: Mapped[datetime]


class Files(Table):
    """A file that was sent in a conversation; its content lies in the bot's folder under the SHA-256 `digest`."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    mime: Mapped[str]
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class Documents(Table):
    """A file or entry of the knowledge base; `digest` changes when its content does."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(1024), unique=True)
    source: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    passages: Mapped[int]
    added_at: Mapped[datetime]


class Passages(Table):
    """A piece of a document that can be shown, at its place in the document."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("document_id", "position"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    heading: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(35))


class PassageVectors(Table):
    """A passage's vector by the embedder that made it, as little-endian float32."""

    __tablename__ = "passage_vectors"

    passage_id: Mapped[str] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str] = mapped_column(primary_key=True, index=True)
    vector: Mapped[bytes]


class Operators(Table):
    """A person who answers customers in the console; `password_hash` is argon2's own text form."""

    __tablename__ = "operators"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class Counters(Table):
    """Numbers that only grow; `knowledge` is the version of the knowledge base."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Facts(Table):
    """What is known of a customer. One that no longer holds has `ended_at`, and `ended_by`: `newer` or `customer`."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_customer_id", "customer_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(16))


class LinkCodes(Table):
    """A one-time code by which a customer links an account of another channel; only its digest is kept."""

    __tablename__ = "link_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class Summaries(Table):
    """What was said in a conversation up to a message's number, in short."""

    __tablename__ = "summaries"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Pictures(Table):
    """A picture that the bot has made, by the digest of its file. Whose it was goes when the person is erased; that
    the bot made it stays."""

    __tablename__ = "pictures"
    __table_args__ = (Index("ix_pictures_customer_id", "customer_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(index=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    url: Mapped[str]
    model: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    seed: Mapped[int] = mapped_column(BigInteger)
    tags: Mapped[list[Any]]
    sources: Mapped[list[Any]]
    created_at: Mapped[datetime]


class Withheld(Table):
    """Words that moderation has stopped, for an operator's review: a customer's (`in`) or the bot's own (`out`)."""

    __tablename__ = "withheld"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    direction: Mapped[str] = mapped_column(String(3))
    text: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(index=True)
    reviewed_at: Mapped[datetime | None]


class Erasures(Table):
    """That a person was erased: a signed report of what was removed, without a word of theirs."""

    __tablename__ = "erasures"

    id: Mapped[str] = mapped_column(primary_key=True)
    report: Mapped[dict[str, Any]]
    signature: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
