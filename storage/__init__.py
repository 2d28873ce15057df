"""SQL: tables, queries and migrations. The only place that knows SQLAlchemy."""
