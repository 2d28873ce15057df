"""Claims in SQL: taking due conversations under a lease, prolonging it, giving them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from bot.errors import LeaseLost
from bot.messages import Claim, Message, Turn
from storage import rows
from storage.rows import AnyRow
from storage.statements import among, change
from storage.tables import Conversations, Messages
from storage.waking.signals import Notice, Signals
from storage.working.rules import Rules

DUE = (
    select(*rows.CONVERSATION_COLUMNS, Conversations.fence, Conversations.attempts)
    .where(Conversations.due_at <= bindparam("now"))
    .order_by(Conversations.due_at)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
NEXT_DUE = select(func.min(Conversations.due_at)).where(Conversations.due_at > bindparam("now"))
UNHANDLED = (
    select(*rows.MESSAGE_COLUMNS, Messages.conversation_id)
    .where(among(Messages.conversation_id, "ids"), Messages.handled_at.is_(None))
    .order_by(Messages.conversation_id, Messages.number)
)
HISTORY = (
    select(*rows.MESSAGE_COLUMNS, Messages.conversation_id)
    .join(Conversations, Conversations.id == Messages.conversation_id)
    .where(
        among(Conversations.id, "ids"),
        Messages.number > Conversations.last_number - bindparam("reach"),
        Messages.handled_at.is_not(None),
        Messages.superseded_by.is_(None),
    )
    .order_by(Messages.conversation_id, Messages.number)
)
"""The last handled messages. Numbers have no gaps, so a bound on them finds the end of a conversation,
however long it is."""
LOCK = select(Conversations).where(among(Conversations.id, "ids")).order_by(Conversations.id).with_for_update()


def claim_turns(
    connection: Connection, owners: Sequence[str], now: datetime, rules: Rules
) -> tuple[list[Turn], datetime | None]:
    """A turn for each owner as far as there are any, and if there are fewer, when the next is due."""
    taken = _due(connection, now, len(owners))
    ids = [row.id for row in taken]
    unhandled = _unhandled(connection, ids)
    history = _history(connection, ids, unhandled, rules.history)
    turns = [
        Turn(
            claim=Claim(row.id, owner, row.fence + 1),
            conversation=rows.conversation(row),
            messages=rules.together(unhandled[row.id]),
            history=tuple(history.get(row.id, ())),
            attempts=row.attempts,
        )
        for owner, row in zip(owners, (row for row in taken if row.id in unhandled), strict=False)
    ]
    change(connection, Conversations, [_lease(turn, now + rules.lease) for turn in turns])
    _rest(connection, [row.id for row in taken if row.id not in unhandled])
    return turns, _next_due(connection, now) if len(turns) < len(owners) else None


def _due(connection: Connection, now: datetime, count: int) -> Sequence[AnyRow]:
    return connection.execute(DUE, {"now": now, "count": count}).all()


def _unhandled(connection: Connection, ids: Sequence[str]) -> dict[str, list[Message]]:
    return _by_conversation(connection.execute(UNHANDLED, {"ids": ids}) if ids else ())


def _history(
    connection: Connection, ids: Sequence[str], unhandled: dict[str, list[Message]], length: int
) -> dict[str, list[Message]]:
    if not ids or not length:
        return {}
    reach = length + max(map(len, unhandled.values()), default=0)
    found = _by_conversation(connection.execute(HISTORY, {"ids": ids, "reach": reach}))
    return {key: said[-length:] for key, said in found.items()}


def _by_conversation(found: Any) -> dict[str, list[Message]]:
    messages: dict[str, list[Message]] = {}
    for row in found:
        messages.setdefault(row.conversation_id, []).append(rows.message(row))
    return messages


def _lease(turn: Turn, end: datetime) -> dict[str, Any]:
    return {
        "id": turn.claim.conversation_id,
        "fence": turn.claim.fence,
        "lease_owner": turn.claim.owner,
        "attempts": turn.attempts + 1,
        "due_at": end,
    }


def _rest(connection: Connection, ids: Sequence[str]) -> None:
    """Conversations in which nothing is left to answer."""
    idle = {"due_at": None, "waiting_since": None, "lease_owner": None, "attempts": 0, "opened": None}
    change(connection, Conversations, [{"id": each, **idle} for each in ids])


def _next_due(connection: Connection, now: datetime) -> datetime | None:
    return connection.execute(NEXT_DUE, {"now": now}).scalar_one()


def lock(connection: Connection, ids: Sequence[str]) -> dict[str, AnyRow]:
    """Locks conversations in the order of their ids."""
    return {row.id: row for row in connection.execute(LOCK, {"ids": sorted(set(ids))})}


def holds(row: AnyRow | None, claim: Claim) -> bool:
    """Whether the claim is still the last one of its conversation, and not yet at its end."""
    return row is not None and row.fence == claim.fence and row.lease_owner == claim.owner


def lease_lost(claim: Claim) -> LeaseLost:
    """The error for a claim that no longer holds."""
    return LeaseLost(f"Another worker has taken conversation {claim.conversation_id}; nothing was written.")


def prolong(connection: Connection, claims: Sequence[Claim], end: datetime) -> list[Exception | None]:
    """Moves the end of each lease that still holds."""
    locked = lock(connection, [claim.conversation_id for claim in claims])
    held = {claim.conversation_id for claim in claims if holds(locked.get(claim.conversation_id), claim)}
    change(connection, Conversations, [{"id": each, "due_at": end} for each in sorted(held)])
    return [None if holds(locked.get(claim.conversation_id), claim) else lease_lost(claim) for claim in claims]


def give_back(connection: Connection, claims: Sequence[Claim], now: datetime, signals: Signals) -> None:
    """Ends each lease that still holds, as if the claim had not been made; its fence stays used."""
    locked = lock(connection, [claim.conversation_id for claim in claims])
    held = {claim.conversation_id for claim in claims if holds(locked.get(claim.conversation_id), claim)}
    changes = [
        {"id": each, "due_at": now, "lease_owner": None, "attempts": locked[each].attempts - 1} for each in sorted(held)
    ]
    change(connection, Conversations, changes)
    signals.announce(connection, Notice(work=True))
