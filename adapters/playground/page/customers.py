"""The customers whom one may play: each has an account on every platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.playground.page.shapes import Platform

FIRST = ("Ann", "Ben")
MOST_CUSTOMERS = 100


@dataclass(frozen=True)
class Customer:
    """`people` are the ids of the accounts by the platform's name."""

    id: str
    name: str
    people: dict[str, str]


class Customers:
    """Two to begin with."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms
        self.all: list[Customer] = []
        for name in FIRST:
            self.add(name)

    def add(self, name: str) -> Customer:
        """Raises ValueError without a name, or when there are too many."""
        if not name.strip() or len(self.all) >= MOST_CUSTOMERS:
            raise ValueError(f"a customer needs a name, and there may be {MOST_CUSTOMERS}")
        people = {key: platform.add_person(name.strip()[:40]) for key, platform in self._platforms.items()}
        customer = Customer(str(len(self.all) + 1), name.strip()[:40], people)
        self.all.append(customer)
        return customer

    def find(self, customer_id: str) -> Customer:
        """The first one instead of one that is not there."""
        return next((each for each in self.all if each.id == customer_id), self.all[0])
