"""Text that comes in pieces, shown up to a stop string."""

from __future__ import annotations

from collections.abc import Sequence


class StopText:
    """Holds back what may be the beginning of a stop string, and the white space before the first word."""

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self._begun = False
        self.stopped = False

    def push(self, piece: str) -> str:
        """The text that has become certain with this piece; empty while a stop string may go on."""
        if self.stopped:
            return ""
        self._held += piece
        found = [place for text in self._stop if (place := self._held.find(text)) >= 0]
        if found:
            self.stopped = True
            return self._release(min(found))
        return self._release(len(self._held) - self._possible_stop())

    def flush(self) -> str:
        """What was held back at the end of the reply."""
        return "" if self.stopped else self._release(len(self._held))

    def _release(self, count: int) -> str:
        text, self._held = self._held[:count], self._held[count:]
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return text

    def _possible_stop(self) -> int:
        """How many characters at the end may be the beginning of a stop string."""
        longest = max(map(len, self._stop), default=1) - 1
        for count in range(min(longest, len(self._held)), 0, -1):
            if any(text.startswith(self._held[-count:]) for text in self._stop):
                return count
        return 0
