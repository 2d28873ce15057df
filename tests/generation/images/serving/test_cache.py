"""The cache of finished pictures stays within its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from generation.images.serving.cache import Cache


@dataclass(frozen=True)
class File:
    content: bytes


def test_what_was_used_longest_ago_makes_room() -> None:
    cache: Cache[File] = Cache(10)
    for key in "abc":
        cache.put(key, File(b"1234"))
        cache.get("a")
    assert cache.get("b") is None
    assert cache.get("a") == cache.get("c") == File(b"1234")


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=12))))
def test_its_bytes_are_bounded_and_counted_rightly(puts: list[tuple[int, bytes]]) -> None:
    cache: Cache[File] = Cache(20)
    for key, content in puts:
        cache.put(key, File(content))
        kept = [file for each in range(6) if (file := cache.get(each))]
        assert cache.bytes == sum(len(file.content) for file in kept) <= 20
