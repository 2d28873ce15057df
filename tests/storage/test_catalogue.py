"""A table of products that is the operator's own."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from bot.errors import NotFound
from storage import Store


def make_table(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE goods (id INTEGER, name TEXT, price NUMERIC, stock INTEGER)"))
    connection.execute(text("INSERT INTO goods VALUES (1, 'Tent', 300, 4)"))
    connection.execute(text("CREATE VIEW on_sale AS SELECT name AS id, name FROM goods"))


async def test_the_columns_that_it_has_are_read(store: Store) -> None:
    await store.database.write(make_table)
    (row,) = await store.catalogue.rows("goods", ["id", "name", "description", "price"])
    assert {name: str(value) for name, value in row.items()} == {"id": "1", "name": "Tent", "price": "300"}
    assert [dict(row) for row in await store.catalogue.rows("on_sale", ["id", "name"])] == [
        {"id": "Tent", "name": "Tent"}
    ]


@pytest.mark.parametrize("name", ["nowhere", "goods; DROP TABLE messages", "customers"])
async def test_a_table_that_is_not_there_or_has_no_products_is_named(store: Store, name: str) -> None:
    with pytest.raises(NotFound, match=name.split(";")[0]):
        await store.catalogue.rows(name, ["title"])
