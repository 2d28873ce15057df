"""The consent text, once for each person: put before the first reply in the transaction that stores it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.statements import among
from storage.tables import Customers

UNINFORMED = (
    select(Customers.id)
    .where(among(Customers.id, "customers"), Customers.informed_at.is_(None))
    .order_by(Customers.id)
    .with_for_update(key_share=True)
)
INFORM = update(Customers).where(among(Customers.id, "customers")).values(informed_at=bindparam("now"))


def inform(connection: Connection, customers: Sequence[str], now: datetime) -> set[str]:
    """Those of the customers who are informed by this transaction; nobody is twice."""
    if not customers:
        return set()
    found = set(connection.scalars(UNINFORMED, {"customers": sorted(set(customers))}))
    if found:
        connection.execute(INFORM, {"customers": sorted(found), "now": now})
    return found
