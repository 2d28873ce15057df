"""Statements over many rows at once that SQLAlchemy does not offer for both databases in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Table


def change(
    connection: Connection,
    table: Any,
    changes: Sequence[Mapping[str, Any]],
    *,
    only: ColumnElement[bool] | None = None,
) -> None:
    """Updates rows by their `id`, those that meet `only`; all changes name the same columns.

    One round trip; rows are locked in the order given.
    """
    if not changes:
        return
    names = [name for name in changes[0] if name != "id"]
    statement = (
        update(table).where(table.id == bindparam("row_id")).values({name: bindparam(f"new_{name}") for name in names})
    )
    values = [{"row_id": each["id"], **{f"new_{name}": each[name] for name in names}} for each in changes]
    connection.execute(statement if only is None else statement.where(only), values)


def upsert(connection: Connection, table: type[Table]) -> Any:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the words of the database."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
