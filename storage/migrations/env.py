"""Run by Alembic; the connection and its transaction come from `storage.migrations`."""

from typing import Any, Literal

from alembic import context

from storage.tables import Table, UtcDateTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Writes our column types in SQLAlchemy's own words: a revision must not change with our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    render_item=render,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
