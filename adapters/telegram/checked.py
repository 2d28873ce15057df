"""Values of updates whose types the client library takes on trust."""

from __future__ import annotations

from typing import Any


class Malformed(ValueError):
    """An update is not what the Bot API describes."""


def whole(value: Any, what: str) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{what} is not a whole number")
    return value


def positive(value: Any) -> int | None:
    """A size or length, None where there is none that makes sense."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def words(value: Any, what: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Malformed(f"{what} is not a text")
    return value


def words_or_none(value: Any, what: str) -> str | None:
    """A text, or nothing."""
    return None if value is None else words(value, what)
