"""Statements over many rows at once that SQLAlchemy does not offer for both databases in one form."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Table


def change(
    connection: Connection,
    table: type[Table],
    changes: Sequence[Mapping[str, Any]],
    *,
    only: ColumnElement[bool] | None = None,
) -> None:
    """Updates rows by their `id`, those that meet the constant condition `only`; all changes name the same columns.

    One round trip; rows are locked in the order given.
    """
    if not changes:
        return
    names = tuple(name for name in changes[0] if name != "id")
    values = [{"row_id": each["id"], **{f"new_{name}": each[name] for name in names}} for each in changes]
    connection.execute(_update(table, names, only), values)


@functools.cache
def _update(table: Any, names: tuple[str, ...], only: ColumnElement[bool] | None) -> Update:
    """Building a statement costs more than running it, so each is built once."""
    statement = update(table).where(table.id == bindparam("row_id"))
    if only is not None:
        statement = statement.where(only)
    return statement.values({name: bindparam(f"new_{name}") for name in names})


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Whether the column is one of the values that are given as the parameter `name`, a list."""
    condition: ColumnElement[bool] = column.in_(bindparam(name, expanding=True))
    return condition


def upsert(connection: Connection, table: type[Table]) -> Any:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the words of the database."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
