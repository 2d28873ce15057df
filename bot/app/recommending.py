"""The recommender of the settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.errors import NotFound, SettingsError
from bot.protocols import Embedder
from bot.recommending.catalogue import Product, products, read_products, read_purchases
from bot.recommending.recommender import Recommender
from bot.settings import Settings

if TYPE_CHECKING:
    from storage import Store


async def opened_recommender(settings: Settings, store: Store, embedder: Embedder) -> Recommender | None:
    """Over the catalogue as it is now; None without one. Raises SettingsError."""
    catalogue = settings.catalogue
    if catalogue.table:
        goods = await _from_table(store, catalogue.table)
    elif catalogue.file:
        goods = await asyncio.to_thread(read_products, settings.path(catalogue.file))
    else:
        return None
    orders = settings.path(catalogue.orders_file) if catalogue.orders_file else None
    purchases = await asyncio.to_thread(read_purchases, orders) if orders else ()
    return await asyncio.to_thread(Recommender, goods, purchases, embedder)


async def _from_table(store: Store, name: str) -> tuple[Product, ...]:
    try:
        rows = await store.catalogue.rows(name, list(Product.__dataclass_fields__))
    except NotFound as error:
        raise SettingsError(f"catalogue.table: {error}") from None
    return products(rows, f"catalogue.table {name}")
