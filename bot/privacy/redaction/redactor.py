"""Puts `[card]`, `[email]`, `[iban]`, `[national_id]` and `[phone]` in place of personal values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from bot.privacy.redaction.finding import KINDS, find

if TYPE_CHECKING:
    from bot.settings import RedactionKind


def redact(text: str, kinds: Collection[RedactionKind] = KINDS) -> str:
    """The text with what is personal replaced."""
    for each in reversed(find(text, kinds)):
        text = f"{text[: each.start]}[{each.kind}]{text[each.end :]}"
    return text


def redact_all(value: Any) -> Any:
    """The same JSON value with all of its texts redacted; keys stay."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redact_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(item) for item in value]
    return value


class Redactor:
    """Redacts some kinds only, as the settings say for stored messages."""

    def __init__(self, kinds: Collection[RedactionKind]) -> None:
        self._kinds = frozenset(kinds)

    def __call__(self, text: str) -> str:
        return redact(text, self._kinds) if self._kinds else text
