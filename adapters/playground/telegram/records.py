"""Every request that the bot has made, in order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.parameters import Parameters


@dataclass
class Request:
    """One request and what became of it; `status` is None while it is under way, 0 if the connection was cut."""

    number: int
    time: float
    """Arrival, by the server's monotonic clock, in seconds."""
    method: str
    parameters: dict[str, Any] = field(default_factory=dict)
    """As they came; JSON inside of forms is text."""
    uploads: dict[str, int] = field(default_factory=dict)
    """Bytes by field name."""
    status: int | None = None
    description: str = ""
    """The refusal in words; empty if it was done."""
    result: Any = None
    fault: str = ""
    """The fault that was injected, in words; empty if none was."""
    done: bool = False
    """Whether it took effect, also if the answer was lost."""

    def take(self, parameters: Parameters) -> None:
        """Notes what the request says, once it was read."""
        self.parameters = parameters.values
        self.uploads = {name: len(upload.data) for name, upload in parameters.uploads.items()}

    @property
    def chat_id(self) -> str:
        """The chat that it names, as text; empty if none."""
        return str(self.parameters.get("chat_id", ""))

    @property
    def subject(self) -> str:
        """What a 429 closes: the chat, pressed button or file that it names; empty if none."""
        named = (self.parameters.get(name) for name in ("chat_id", "callback_query_id", "file_id"))
        return str(next((one for one in named if one), ""))


class Requests:
    """The latest requests, and how many there have been of each method and outcome."""

    def __init__(self, changes: Changes, kept: int) -> None:
        self._changes = changes
        self._latest: deque[Request] = deque(maxlen=kept)
        self.counts: Counter[tuple[str, int]] = Counter()
        """By method and HTTP status, since the start."""
        self.total = 0

    def __iter__(self) -> Iterator[Request]:
        return iter(list(self._latest))

    def __len__(self) -> int:
        return len(self._latest)

    def begin(self, time: float, method: str) -> Request:
        """Records the arrival of a request."""
        self.total += 1
        request = Request(self.total, time, method)
        self._latest.append(request)
        self._changes.announce()
        return request

    def end(self, request: Request, status: int, description: str = "") -> None:
        """Records the outcome of a request."""
        request.status, request.description = status, description
        self.counts[request.method, status] += 1
        self._changes.announce()

    def of(self, *methods: str, done: bool | None = None) -> list[Request]:
        """The kept requests of these methods; with `done`, only those that took effect or only the others."""
        return [one for one in self if one.method in methods and (done is None or one.done is done)]

    def clear(self) -> None:
        """Forgets the requests; the counts stay."""
        self._latest.clear()
