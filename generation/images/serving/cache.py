"""Finished pictures, kept until room is needed for newer ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Something whose content has a size in bytes."""

    @property
    def content(self) -> bytes: ...


Kept = TypeVar("Kept", bound=Sized)


class Cache(Generic[Kept]):
    """The pictures that were used last, at most `most_bytes` of them together. For one thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self.bytes = 0

    def get(self, key: Hashable) -> Kept | None:
        """None when it is not there (any more)."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Hashable, picture: Kept) -> None:
        """Keeps it, and drops those that were not used for longest."""
        if before := self._kept.pop(key, None):
            self.bytes -= len(before.content)
        self._kept[key] = picture
        self.bytes += len(picture.content)
        while self.bytes > self._most_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= len(dropped.content)
