"""SQL: tables, queries and migrations. The only place that knows SQLAlchemy."""

from storage.store import Store

__all__ = ["Store"]
