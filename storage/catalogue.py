"""A table or view of the database that the operator fills with products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnClause, Connection, column, inspect, select, table

from bot.errors import NotFound
from storage.database import Database


class SqlCatalogue:
    """Reads a table that is not ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, name: str, columns: Sequence[str]) -> Sequence[Mapping[str, object]]:
        """All rows of a table or view, with those of the columns that it has; raises NotFound."""

        def read(connection: Connection) -> list[Mapping[str, object]]:
            found = inspect(connection)
            if name not in (*found.get_table_names(), *found.get_view_names()):
                raise NotFound(f"The database has no table or view {name!r}.")
            has = {each["name"] for each in found.get_columns(name)}
            chosen: list[ColumnClause[Any]] = [column(each) for each in columns if each in has]
            if not chosen:
                raise NotFound(f"The table {name!r} has none of the columns {', '.join(columns)}.")
            return [dict(row) for row in connection.execute(select(*chosen).select_from(table(name))).mappings()]

        return await self._database.read(read)
