"""Updates: kept until the bot confirms them, given by long poll or by webhook, and again if a test wants it."""

from __future__ import annotations

import asyncio
import copy
import random
from collections import OrderedDict, deque
from collections.abc import Sequence

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.errors import OTHER_POLLER, JsonObject, conflict

KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
    }
)
_ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
_LONGEST_POLL = 50
_REMEMBERED = 10_000


class Updates:
    """The queue of updates. At most `kept` wait (the oldest go); the latest 10,000 can be given again."""

    def __init__(self, changes: Changes, first_id: int, kept: int) -> None:
        self._changes = changes
        self._next_id = first_id
        self._kept = kept
        self.pending: OrderedDict[int, JsonObject] = OrderedDict()
        self._history: OrderedDict[int, JsonObject] = OrderedDict()
        self._again: deque[JsonObject] = deque(maxlen=kept)
        self.allowed: list[str] = []
        self.dropped = 0
        """Updates that were lost because too many waited."""
        self._poll: asyncio.Future[None] | None = None
        self._repeat_share = 0.0
        self._random = random.Random()
        self.available = asyncio.Event()
        """Set whenever there may be something new to deliver."""

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Sets which kinds are made from now on; None leaves it as it is, an empty list means the default."""
        if kinds is not None:
            self.allowed = [kind for kind in kinds if kind in KINDS]

    def is_allowed(self, kind: str) -> bool:
        """Whether updates of this kind are made."""
        return kind in self.allowed if self.allowed else kind not in _ONLY_IF_ASKED

    def push(self, kind: str, payload: JsonObject) -> JsonObject | None:
        """Makes an update; None if the bot does not want that kind."""
        if not self.is_allowed(kind):
            return None
        return self.inject({kind: copy.deepcopy(payload)})

    def inject(self, update: JsonObject) -> JsonObject:
        """Queues a raw update as it is, however wrong; it gets an `update_id` if it has none."""
        update = update if "update_id" in update else {"update_id": self._next_id, **update}
        update_id = update["update_id"]
        key = update_id if type(update_id) is int else self._next_id
        self._next_id = max(self._next_id, key) + 1
        self.pending[key] = self._history[key] = update
        if len(self.pending) > self._kept:
            self.pending.popitem(last=False)
            self.dropped += 1
        if len(self._history) > _REMEMBERED:
            self._history.popitem(last=False)
        self._wake()
        return update

    def redeliver(self, update_id: int) -> None:
        """Gives an update once more, whether it was confirmed or not. Raises KeyError if it is not known any more."""
        self._again.append(self._history[update_id])
        self._wake()

    def repeat(self, share: float, seed: int = 0) -> None:
        """From now on a random share (0 to 1) of the updates is given twice."""
        self._repeat_share = share
        self._random = random.Random(seed)

    def confirm(self, update_id: int) -> None:
        """The bot has this update: it is not given any more."""
        if self.pending.pop(update_id, None) is None:
            return
        if self._random.random() < self._repeat_share and update_id in self._history:
            self.redeliver(update_id)
        self._changes.announce()

    def take_again(self) -> JsonObject | None:
        """The next update that is to be given once more."""
        return self._again.popleft() if self._again else None

    def drop_pending(self) -> None:
        """Forgets all that wait."""
        self.pending.clear()
        self._again.clear()

    @property
    def is_polled(self) -> bool:
        """Whether a long poll waits now."""
        return self._poll is not None

    @property
    def is_empty(self) -> bool:
        """Whether everything was confirmed."""
        return not self.pending and not self._again

    async def poll(self, offset: int, limit: int, timeout: float) -> list[JsonObject]:
        """What `getUpdates` answers: waits up to `timeout` seconds for the first update.

        Raises ApiError 409 when another poll, or a webhook, takes its place.
        """
        self.end_poll(OTHER_POLLER)
        self._confirm_before(offset)
        if batch := self._batch(offset, limit):
            return batch
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = waiting
        self._changes.announce()
        try:
            async with asyncio.timeout(min(timeout, _LONGEST_POLL)):
                await waiting
        except TimeoutError:
            pass
        finally:
            if self._poll is waiting:
                self._poll = None
        return self._batch(offset, limit)

    def end_poll(self, reason: str) -> None:
        """Ends the poll that waits, if one does, with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(conflict(reason))
        self._poll = None

    def _confirm_before(self, offset: int) -> None:
        confirmed = [update_id for update_id in self.pending if update_id < offset]
        if offset < 0:
            confirmed = list(self.pending)[:offset]
        for update_id in confirmed:
            self.confirm(update_id)

    def _batch(self, offset: int, limit: int) -> list[JsonObject]:
        batch: list[JsonObject] = []
        while len(batch) < limit and (update := self.take_again()):
            batch.append(update)
        waiting = (update for update_id, update in self.pending.items() if offset <= 0 or update_id >= offset)
        for update, _ in zip(waiting, range(limit - len(batch)), strict=False):
            batch.append(update)
        return batch

    def _wake(self) -> None:
        self.available.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self._changes.announce()
