from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from storage.database import Database
from storage.migrations import check, upgrade
from storage.tables import Table


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Table.metadata))


async def test_an_empty_database_becomes_what_the_models_say(empty_url: str) -> None:
    before = await upgrade(empty_url)
    assert before.current is None
    assert (await check(empty_url)).is_current
    database = await Database.open(empty_url)
    assert await database.read(differences) == []
    await database.close()
