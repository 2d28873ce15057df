"""Catalogue and orders as an operator writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot.sample
from bot.errors import SettingsError
from bot.recommending.catalogue import Product, Purchase, read_products, read_purchases


def written(folder: Path, text: str) -> Path:
    file = folder / "file.csv"
    file.write_text(text, "utf-8")
    return file


def test_columns_may_be_left_out_and_may_be_more(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeffname,id,stock,price\nTent,t1,4,€300\n")
    assert read_products(file) == (Product("t1", "Tent", price="€300"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,name\nt1,Tent\nt2,\n", "product 2: the columns id and name"),
        ("sku,title\nt1,Tent\n", "product 1: the columns id and name"),
        ("id,name\nt1,Tent\nt1,Boots\n", "product 2: the id 't1' is there twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        read_products(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"catalogue\.file: .*goods\.csv cannot be read"):
        read_products(tmp_path / "goods.csv")


def test_orders_are_read_and_blank_ones_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, "customer,product,time\n48213,t1,2026-05-01\n,t2,\n")
    assert read_purchases(file) == (Purchase("48213", "t1", "2026-05-01"),)
    with pytest.raises(SettingsError, match="needs the columns customer and product"):
        read_purchases(written(tmp_path, "who,what\nanna,t1\n"))


def test_the_sample_shop_has_a_catalogue() -> None:
    folder = Path(bot.sample.__file__).parent
    goods, orders = read_products(folder / "catalogue.csv"), read_purchases(folder / "orders.csv")
    assert len(goods) >= 20
    assert all(product.price and product.category and product.url for product in goods)
    assert {order.product for order in orders} <= {product.id for product in goods}
