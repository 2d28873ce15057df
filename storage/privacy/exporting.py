"""Everything that is stored about a person, as JSON values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from bot.errors import NotFound
from storage.reading.history import export_conversation, plain
from storage.tables import Conversations, Customers, Facts, Feedback, Identities, LinkCodes, Messages, Pictures


def export(connection: Connection, customer_id: str) -> dict[str, Any]:
    """The person with accounts, facts, pictures, and conversations with all that belongs to them. Raises NotFound."""
    customer = connection.execute(select(Customers).where(Customers.id == customer_id)).first()
    if customer is None:
        raise NotFound("There is no such person.")
    conversations = connection.scalars(
        select(Conversations.id).where(Conversations.customer_id == customer_id).order_by(Conversations.created_at)
    ).all()
    identities = select(Identities.id).where(Identities.customer_id == customer_id)
    elsewhere = select(Messages).where(
        Messages.identity_id.in_(identities), Messages.conversation_id.not_in(conversations)
    )
    return {
        "customer": plain(customer),
        "accounts": _all(connection, select(Identities).where(Identities.customer_id == customer_id)),
        "facts": _all(connection, select(Facts).where(Facts.customer_id == customer_id).order_by(Facts.created_at)),
        "pictures": _all(connection, select(Pictures).where(Pictures.customer_id == customer_id)),
        "link_codes": _all(connection, select(LinkCodes.expires_at).where(LinkCodes.customer_id == customer_id)),
        "feedback": _all(connection, select(Feedback).where(Feedback.identity_id.in_(identities))),
        "conversations": [export_conversation(connection, each) for each in conversations],
        "messages_elsewhere": _all(connection, elsewhere.order_by(Messages.created_at)),
    }


def _all(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [plain(row) for row in connection.execute(query)]
