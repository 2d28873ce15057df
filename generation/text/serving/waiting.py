"""The requests that wait for a place: a bounded queue in which conversations take turns."""

from __future__ import annotations

from collections import OrderedDict, deque

from generation.errors import EngineBusy
from generation.text.serving.requests import Active


class Waiting:
    """At most `limit` requests. Whoever asks a lot at once waits behind those who ask once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._turns: OrderedDict[str, deque[Active]] = OrderedDict()

    def __len__(self) -> int:
        return self._size

    def add(self, active: Active) -> None:
        """Raises EngineBusy when the queue is full."""
        if self._size >= self._limit:
            raise EngineBusy("The language model has too many requests waiting.", retry_after=2.0)
        self._turns.setdefault(active.request.conversation, deque()).append(active)
        self._size += 1

    def again(self, active: Active) -> None:
        """Puts a request that lost its place before all others, even into a full queue."""
        self._turns.setdefault(active.request.conversation, deque()).appendleft(active)
        self._turns.move_to_end(active.request.conversation, last=False)
        self._size += 1

    def next(self) -> Active:
        """The oldest request of the conversation whose turn it is; there must be one."""
        conversation, requests = next(iter(self._turns.items()))
        active = requests.popleft()
        del self._turns[conversation]
        if requests:
            self._turns[conversation] = requests  # behind the others
        self._size -= 1
        return active

    def drop_ended(self) -> list[Active]:
        """Takes out those that were cancelled or are too late."""
        ended = [active for requests in self._turns.values() for active in requests if active.reason_to_end()]
        for active in ended:
            requests = self._turns[active.request.conversation]
            requests.remove(active)
            if not requests:
                del self._turns[active.request.conversation]
        self._size -= len(ended)
        return ended

    def clear(self) -> list[Active]:
        """Takes out all of them."""
        everyone = [active for requests in self._turns.values() for active in requests]
        self._turns.clear()
        self._size = 0
        return everyone
