"""The catalogue and the orders, as the operator gives them: rows of a CSV file, or of a table of the database."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Product:
    """What can be bought; `price` is as it is to be shown."""

    id: str
    name: str
    description: str = ""
    category: str = ""
    price: str = ""
    url: str = ""

    @property
    def text(self) -> str:
        """All that describes it."""
        return ". ".join(filter(None, (self.name, self.category, self.description)))


@dataclass(frozen=True, slots=True)
class Purchase:
    """Somebody bought a product; `customer` is an order number, or the user id of an API client."""

    customer: str
    product: str
    time: str = ""


def read_products(path: Path) -> tuple[Product, ...]:
    """From a CSV with the columns id and name, and optionally description, category, price, url. SettingsError."""
    return products(_rows(path, "catalogue.file"), str(path))


def products(rows: Iterable[Row], where: str) -> tuple[Product, ...]:
    """Products from rows; raises SettingsError for one without id or name, or with another one's id."""
    found: dict[str, Product] = {}
    for number, row in enumerate(rows, 1):
        values = {name: _text(row.get(name)) for name in Product.__dataclass_fields__}
        if not values["id"] or not values["name"]:
            raise SettingsError(f"{where}, product {number}: the columns id and name must not be empty.")
        if values["id"] in found:
            raise SettingsError(f"{where}, product {number}: the id {values['id']!r} is there twice.")
        found[values["id"]] = Product(**values)
    return tuple(found.values())


def read_purchases(path: Path) -> tuple[Purchase, ...]:
    """From a CSV with the columns customer and product, and optionally time. Raises SettingsError."""
    rows = _rows(path, "catalogue.orders_file")
    if rows and not {"customer", "product"} <= rows[0].keys():
        raise SettingsError(f"catalogue.orders_file: {path} needs the columns customer and product.")
    purchases = (Purchase(*(_text(row.get(name)) for name in ("customer", "product", "time"))) for row in rows)
    return tuple(purchase for purchase in purchases if purchase.customer and purchase.product)


def _rows(path: Path, setting: str) -> Sequence[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{setting}: {path} cannot be read ({error}).") from None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
