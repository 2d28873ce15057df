"""Commits in SQL: reply, trace, handled marks, outbox row and conversation, for many turns in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bot.messages import Draft, Message, NewWithheld, Reply, Turn
from storage import rows
from storage.ids import new_id, trace_id
from storage.people.facts import Told, store_facts
from storage.pictures import new_picture
from storage.rows import AnyRow
from storage.statements import among, change
from storage.tables import Conversations, Deliveries, Messages, Pictures, Traces, Withheld
from storage.waking.signals import Notice, Signals
from storage.working.claiming import holds, lease_lost, lock
from storage.working.informing import inform
from storage.working.rules import Rules

STILL_UNHANDLED = (
    select(
        Messages.conversation_id,
        func.min(Messages.created_at).label("first"),
        func.max(Messages.created_at).label("latest"),
    )
    .where(among(Messages.conversation_id, "ids"), Messages.handled_at.is_(None))
    .group_by(Messages.conversation_id)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn and what to say."""

    turn: Turn
    draft: Draft


@dataclass(frozen=True, slots=True)
class Committed:
    """One result an answer, the channels with new deliveries, and when the next turn of these conversations is due."""

    results: list[Reply | Exception]
    channels: tuple[str, ...]
    next_due: datetime | None


def commit_answers(
    connection: Connection, answers: Sequence[Answer], now: datetime, rules: Rules, signals: Signals
) -> Committed:
    """Commits the answers whose claims still hold; the others get LeaseLost and leave no trace."""
    locked = lock(connection, [answer.turn.claim.conversation_id for answer in answers])
    asking = [
        row.customer_id
        for answer in answers
        if answer.draft.consent
        and (row := locked.get(answer.turn.claim.conversation_id))
        and holds(row, answer.turn.claim)
    ]
    writing = _Writing(now, inform(connection, asking, now))
    results = [
        writing.write(answer, locked[answer.turn.claim.conversation_id])
        if holds(locked.get(answer.turn.claim.conversation_id), answer.turn.claim) and writing.is_first(answer)
        else _earlier(connection, answer, locked.get(answer.turn.claim.conversation_id))
        for answer in answers
    ]
    if not writing.ended:
        return Committed(results, (), None)
    next_due = writing.store(connection, rules)
    channels = tuple(sorted({row["channel"] for row in writing.deliveries}))
    replies = tuple((row["conversation_id"], row["message_id"]) for row in writing.deliveries)
    signals.announce(connection, Notice(next_due is not None, channels, replies))
    return Committed(results, channels, next_due)


def _earlier(connection: Connection, answer: Answer, row: AnyRow | None) -> Reply | Exception:
    """The reply that this very claim has stored: the connection may have been lost while it committed."""
    claim = answer.turn.claim
    stored = None
    if row is not None and row.fence == claim.fence:
        stored = rows.reply_to(connection, answer.turn.messages[0].id)
    return stored or lease_lost(claim)


class _Writing:
    """Collects the rows of all replies, so that each table is written once."""

    def __init__(self, now: datetime, to_inform: set[str]) -> None:
        """`to_inform` are the customers who have not read the consent text yet."""
        self._now = now
        self._to_inform = to_inform
        self._withheld: list[dict[str, Any]] = []
        self._messages: list[dict[str, Any]] = []
        self._traces: list[dict[str, Any]] = []
        self._handled: list[dict[str, Any]] = []
        self._pictures: list[dict[str, Any]] = []
        self._told: list[Told] = []
        self.deliveries: list[dict[str, Any]] = []
        self.ended: dict[str, dict[str, Any]] = {}

    def is_first(self, answer: Answer) -> bool:
        return answer.turn.claim.conversation_id not in self.ended

    def write(self, answer: Answer, row: AnyRow) -> Reply:
        turn, draft = answer.turn, answer.draft
        message = self._message(draft, row)
        self._messages.append(message)
        self._traces.append(
            {
                "id": trace_id(message["id"]),
                "message_id": message["id"],
                "content": rows.storable(draft.trace),
                "created_at": self._now,
            }
        )
        self._pictures += [new_picture(each, self._now, row.customer_id, message["id"]) for each in draft.drawn]
        if draft.learned or draft.ended:
            self._told.append(Told(row.customer_id, row.shared, draft.learned, draft.ended))
        self._withheld += [self._stopped(each, row.id, message["id"]) for each in draft.withheld]
        self._handled += [{"id": each.id, "handled_at": self._now, "reply_id": message["id"]} for each in turn.messages]
        origin = _addressed(turn).origin or None
        self.deliveries.append(rows.new_delivery(row, message, self._now, origin=origin, opened=row.opened))
        self.ended[row.id] = self._end(draft, row)
        return Reply(
            conversation_id=row.external_id,
            message_id=message["id"],
            text=message["text"],
            route=draft.route,
            confidence=draft.confidence,
            language=message["language"],
            citations=draft.citations,
            attachments=draft.attachments,
            quick_replies=tuple(message["quick_replies"]),
            trace_id=trace_id(message["id"]),
        )

    def store(self, connection: Connection, rules: Rules) -> datetime | None:
        """Writes everything; returns when the next turn of these conversations is due."""
        connection.execute(insert(Messages), self._messages)
        connection.execute(insert(Traces), self._traces)
        connection.execute(insert(Deliveries), self.deliveries)
        if self._pictures:
            connection.execute(insert(Pictures), self._pictures)
        store_facts(connection, self._told, self._now)
        if self._withheld:
            connection.execute(insert(Withheld), self._withheld)
        change(connection, Messages, self._handled)
        self._schedule(connection, rules)
        change(connection, Conversations, [self.ended[key] for key in sorted(self.ended)])
        return min((end["due_at"] for end in self.ended.values() if end["due_at"]), default=None)

    def _stopped(self, withheld: NewWithheld, conversation_id: str, reply_id: str) -> dict[str, Any]:
        return {
            "id": new_id("w"),
            "conversation_id": conversation_id,
            "message_id": withheld.message_id or reply_id,
            "direction": withheld.direction,
            "text": rows.storable(withheld.text),
            "label": withheld.label,
            "score": withheld.score,
            "created_at": self._now,
        }

    def _text(self, draft: Draft, customer_id: str) -> str:
        if not draft.consent or customer_id not in self._to_inform:
            return draft.text
        self._to_inform.remove(customer_id)
        return f"{draft.consent}\n\n{draft.text}"

    def _message(self, draft: Draft, row: AnyRow) -> dict[str, Any]:
        return rows.new_message(
            row.id,
            row.last_number + 1,
            "assistant",
            rows.storable(self._text(draft, row.customer_id)),
            self._now,
            handled_at=self._now,
            attachments=rows.plain(draft.attachments),
            citations=rows.plain(draft.citations),
            quick_replies=rows.storable(draft.quick_replies),
            route=draft.route,
            confidence=draft.confidence,
            language=draft.language[:35],
        )

    def _end(self, draft: Draft, row: AnyRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "channel": row.channel,
            "state": draft.state or row.state,
            "language": draft.language[:35] or row.language,
            "chosen_language": _chosen(draft, row),
            "last_number": row.last_number + 1,
            "lease_owner": None,
            "attempts": 0,
            "due_at": None,
            "waiting_since": None,
            "settles_at": row.settles_at,
            "opened": None,
            "updated_at": self._now,
        }

    def _schedule(self, connection: Connection, rules: Rules) -> None:
        """Messages that came while their conversation was at work make its next turn, unless a person took over."""
        for row in connection.execute(STILL_UNHANDLED, {"ids": list(self.ended)}):
            end = self.ended[row.conversation_id]
            end["waiting_since"] = row.first
            end["due_at"] = rules.settled(end["channel"], row.first, row.latest, end["settles_at"])


def _addressed(turn: Turn) -> Message:
    """The message that a platform shows the reply to: the last one with words, such as a command before its photos."""
    return next((message for message in reversed(turn.messages) if message.text.strip()), turn.messages[-1])


def _chosen(draft: Draft, row: AnyRow) -> str | None:
    chosen = row.chosen_language if draft.chosen_language is None else draft.chosen_language[:35]
    return chosen or None
