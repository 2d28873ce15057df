"""Words on their way to a reader, a sentence at a time."""

from __future__ import annotations

from collections.abc import Callable

import regex

from bot.protocols import Publish

END = regex.compile(r"[.!?…。！？\n]\s*$")


class SentenceGate:
    """Publishes a sentence when it is whole and nothing stops it; after one that is stopped nothing more."""

    def __init__(self, publish: Publish, stops: Callable[[str], bool]) -> None:
        self._publish = publish
        self._stops = stops
        self._pending: list[str] = []
        self._is_open = True

    def __call__(self, words: str, /) -> None:
        self._pending.append(words)
        if END.search(words):
            self.flush()

    def flush(self) -> None:
        """Lets go what is left, as at the end of a reply."""
        pending, self._pending = self._pending, []
        self._is_open = self._is_open and not self._stops("".join(pending))
        for words in pending if self._is_open else ():
            self._publish(words)
