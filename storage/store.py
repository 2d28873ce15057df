"""All storage in one object, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from storage.catalogue import SqlCatalogue
from storage.clock import Clock, utc_now
from storage.database import Database
from storage.files import SqlFiles
from storage.incoming.inbox import SqlInbox
from storage.knowledge import SqlKnowledge
from storage.operators import SqlOperators
from storage.outgoing.outbox import SqlOutbox
from storage.outgoing.places import SqlPlaces
from storage.outgoing.progress import SqlProgress
from storage.people.facts import SqlFacts
from storage.people.people import SqlPeople
from storage.pictures import SqlPictures
from storage.privacy.personal_data import SqlPersonalData
from storage.reading.desk import SqlDesk
from storage.reading.history import SqlHistory
from storage.reading.records import SqlRecords
from storage.reading.said import SqlMemories
from storage.waking.listener import Listener
from storage.waking.signals import Signals, Subscribed
from storage.working.rules import Rules
from storage.working.turns import SqlTurns


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; make one with `Store.open` and end it with `close`."""

    database: Database
    inbox: SqlInbox
    turns: SqlTurns
    outbox: SqlOutbox
    progress: SqlProgress
    places: SqlPlaces
    history: SqlHistory
    records: SqlRecords
    memories: SqlMemories
    knowledge: SqlKnowledge
    operators: SqlOperators
    desk: SqlDesk
    files: SqlFiles
    personal_data: SqlPersonalData
    pictures: SqlPictures
    facts: SqlFacts
    people: SqlPeople
    catalogue: SqlCatalogue
    signals: Signals
    listener: Listener | None

    @classmethod
    async def open(
        cls,
        url: str,
        streams: Subscribed,
        *,
        lease_seconds: float = 30,
        coalesce_seconds: float = 0.3,
        immediate_channels: frozenset[str] = frozenset(),
        queue_limit: int = 1000,
        history_turns: int = 10,
        delivery_lease_seconds: float = 60,
        delivery_max_age_seconds: float = 24 * 3600,
        patience_seconds: float = 20,
        files: Path | None = None,
        redact: Callable[[str], str] = str,
        clock: Clock = utc_now,
    ) -> Store:
        """Opens a migrated database (see storage.migrations). Replies are published to `streams`.

        `patience_seconds` is how long calls wait for a database that is locked or gone before they raise
        StorageError; a claim or delivery whose process died is found again when its lease has ended. `files` is the
        folder for the contents of files, `redact` is applied to what customers write before it is stored.
        """
        database = await Database.open(url, patience=patience_seconds)
        stored_files = SqlFiles(database, files, clock)
        signals = Signals(clock)
        rules = Rules(
            lease=timedelta(seconds=lease_seconds),
            window=timedelta(seconds=coalesce_seconds),
            immediate_channels=immediate_channels,
            queue_limit=queue_limit,
            history=history_turns,
        )
        return cls(
            database=database,
            inbox=SqlInbox(database, signals, clock, rules, redact),
            turns=SqlTurns(database, signals, streams, clock, rules),
            outbox=SqlOutbox(
                database,
                signals,
                clock,
                lease=timedelta(seconds=delivery_lease_seconds),
                max_age=timedelta(seconds=delivery_max_age_seconds),
            ),
            progress=SqlProgress(database),
            places=SqlPlaces(database, signals, clock),
            history=SqlHistory(database, clock),
            records=SqlRecords(database),
            memories=SqlMemories(database, clock),
            knowledge=SqlKnowledge(database),
            operators=SqlOperators(database, clock),
            desk=SqlDesk(database, signals, streams, clock),
            files=stored_files,
            personal_data=SqlPersonalData(database, stored_files, clock),
            pictures=SqlPictures(database, clock),
            facts=SqlFacts(database),
            people=SqlPeople(database, clock),
            catalogue=SqlCatalogue(database),
            signals=signals,
            listener=None if database.is_sqlite else Listener(url, database, signals, streams),
        )

    async def ping(self) -> None:
        """Raises StorageError when the database cannot be used right now."""
        await self.database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar_one(), patience=0)

    async def close(self) -> None:
        """Finishes what is on its way, then closes every connection."""
        if self.listener:
            await self.listener.close()
        for part in (self.inbox, self.turns, self.outbox):
            await part.close()
        self.signals.silence()
        await self.database.close()
