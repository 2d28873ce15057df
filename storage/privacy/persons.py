"""Whom a command means by an account, a customer's id or a conversation."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.protocols.privacy import Person
from storage.tables import Conversations, Customers, Identities, Messages


def find(connection: Connection, user: str) -> list[Person]:
    """All persons that the words may mean, by their ids."""
    channel, _, external_id = user.partition(":")
    account = (Identities.channel == channel) & (Identities.external_id == external_id)
    exact = _owners(connection, account)
    return [person(connection, each) for each in sorted(exact or _others(connection, user))]


def _others(connection: Connection, user: str) -> set[str]:
    """By our ids, a platform's id alone, or a conversation, in which several people may have written."""
    conversation = or_(Conversations.id == user, Conversations.external_id == user)
    owners = select(Conversations.customer_id).where(conversation)
    writers = (
        select(Identities.customer_id)
        .join(Messages, Messages.identity_id == Identities.id)
        .join(Conversations, Conversations.id == Messages.conversation_id)
        .where(conversation)
        .distinct()
    )
    return {
        *connection.scalars(select(Customers.id).where(Customers.id == user)),
        *_owners(connection, Identities.external_id == user),
        *connection.scalars(owners),
        *connection.scalars(writers),
    }


def _owners(connection: Connection, condition: ColumnElement[bool]) -> set[str]:
    return set(connection.scalars(select(Identities.customer_id).where(condition)))


def person(connection: Connection, customer_id: str) -> Person:
    """The accounts and conversations of a customer."""
    accounts = select(Identities.channel, Identities.external_id, Identities.name)
    conversations = select(Conversations.id).where(Conversations.customer_id == customer_id)
    found = connection.execute(accounts.where(Identities.customer_id == customer_id).order_by(Identities.id))
    return Person(
        customer_id,
        tuple((row.channel, row.external_id, row.name) for row in found),
        tuple(connection.scalars(conversations.order_by(Conversations.id))),
    )
