"""The work to do: workers of any process claim conversations and commit replies, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Claim, Draft, Finished, Reply, Turn
from storage.batching import Batcher
from storage.clock import Clock
from storage.database import Database
from storage.waking.signals import Notice, Signals, Subscribed
from storage.working.claiming import claim_turns, give_back, prolong
from storage.working.committing import Answer, commit_answers
from storage.working.rules import Rules


class SqlTurns:
    """bot.protocols.Turns. Stored replies are published as Finished."""

    def __init__(self, database: Database, signals: Signals, streams: Subscribed, clock: Clock, rules: Rules) -> None:
        self._database = database
        self._signals = signals
        self._streams = streams
        self._clock = clock
        self._rules = rules
        self._claims = Batcher[str, Turn | None](self._claim_all)
        self._commits = Batcher[Answer, Reply](self._commit_all)
        self._renewals = Batcher[Claim, None](self._renew_all)
        self._releases = Batcher[Claim, None](self._release_all)

    async def claim(self, owner: str) -> Turn | None:
        """Takes the conversation that is due first; None when none is."""
        return await self._claims.submit(owner)

    async def renew(self, claim: Claim) -> None:
        """Moves the end of the lease; raises LeaseLost."""
        await self._renewals.submit(claim)

    async def commit(self, turn: Turn, draft: Draft) -> Reply:
        """Stores the reply and everything that goes with it, or nothing and raises LeaseLost.

        May be called again with the same turn after a StorageError.
        """
        reply = await self._commits.submit(Answer(turn, draft))
        self._streams.publish(Finished(turn.conversation.id, reply, tuple(message.id for message in turn.messages)))
        return reply

    async def release(self, claim: Claim) -> None:
        """Makes the conversation claimable at once; does nothing when the lease is lost."""
        await self._releases.submit(claim)

    async def wait(self, timeout: float) -> None:
        """Returns when there may be work, at the latest after `timeout` seconds."""
        await self._signals.work.wait(timeout)

    async def close(self) -> None:
        """Finishes what is on its way."""
        for batcher in (self._claims, self._commits, self._renewals, self._releases):
            await batcher.close()

    async def _claim_all(self, owners: Sequence[str]) -> Sequence[Turn | Exception | None]:
        self._signals.work.looking()
        turns, next_due = await self._database.write(
            lambda connection: claim_turns(connection, owners, self._clock(), self._rules)
        )
        self._signals.work.ring_at(next_due)
        return [*turns, *[None] * (len(owners) - len(turns))]

    async def _commit_all(self, answers: Sequence[Answer]) -> Sequence[Reply | Exception]:
        committed = await self._database.write(
            lambda connection: commit_answers(connection, answers, self._clock(), self._rules, self._signals)
        )
        self._signals.ring(Notice(channels=committed.channels))
        self._signals.work.ring_at(committed.next_due)
        return committed.results

    async def _renew_all(self, claims: Sequence[Claim]) -> Sequence[Exception | None]:
        return await self._database.write(
            lambda connection: prolong(connection, claims, self._clock() + self._rules.lease)
        )

    async def _release_all(self, claims: Sequence[Claim]) -> Sequence[Exception | None]:
        await self._database.write(lambda connection: give_back(connection, claims, self._clock(), self._signals))
        self._signals.ring(Notice(work=True))
        return [None] * len(claims)
