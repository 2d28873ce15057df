"""Erases a person everywhere, and signs what was removed where."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.privacy.signing import Signer
from bot.privacy.training import remove_rows, trained_with
from bot.protocols.privacy import Forgetful, PersonalData, Removal, Report

LOG_NOTE = (
    "The database server's write-ahead log and its backups are not Parley's: they keep removed rows until they are "
    "recycled (checkpoint, WAL archive, backup rotation)."
)


class PersonEraser:
    """bot.protocols.Eraser.

    `folders` are looked through for training runs and models, `forgetful` are parts of this process that remember
    people; those of other processes hear of the report (bot.privacy.upkeep). With `rewriting` the database's files are
    written anew, which takes as long as the database is large; without, removed bytes are overwritten where they lay.
    """

    def __init__(
        self,
        data: PersonalData,
        signer: Signer,
        folders: Sequence[Path],
        *,
        forgetful: Sequence[Forgetful] = (),
        rewriting: bool,
        is_server: bool,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._data = data
        self._signer = signer
        self._folders = tuple(folders)
        self._forgetful = tuple(forgetful)
        self._rewriting = rewriting
        self._is_server = is_server
        self._clock = clock

    async def erase(self, customer_id: str, *, sparing: str | None = None) -> Report:
        """Removes everything about the person everywhere, and says what was removed where; raises NotFound.

        What cannot be undone by a second try comes last: if a folder refuses, the person is still known.
        """
        export = await self._data.places(customer_id)
        rows = await asyncio.to_thread(remove_rows, self._folders, export.conversations, export.messages)
        models = await asyncio.to_thread(trained_with, self._folders, export.conversations)
        removal = await self._data.erase(customer_id, sparing=sparing)
        for part in self._forgetful:
            await part.forget(customer_id)
        is_compact = await (self._data.compact() if self._rewriting else self._data.empty_log())
        content = self._content(customer_id, removal, is_compact)
        content |= {"training_rows": rows, "models": [asdict(model) for model in models], "spared": sparing}
        report = Report(content["report"], content, self._signer.sign(content), self._clock())
        await self._data.keep_report(report)
        return report

    def _content(self, customer_id: str, removal: Removal, is_compact: bool) -> dict[str, Any]:
        return {
            "report": f"e_{secrets.token_hex(8)}",
            "erased_at": self._clock().isoformat(timespec="seconds"),
            "customer": customer_id,
            "conversations": list(removal.conversations),
            "rows": dict(removal.rows),
            "file_contents": len(removal.contents),
            "files_rewritten": self._rewriting and is_compact,
            "log_emptied": is_compact and not self._is_server,
            "notes": [LOG_NOTE] if self._is_server else [],
            "public_key": self._signer.public_key,
        }
