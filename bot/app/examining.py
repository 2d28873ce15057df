"""What `parley doctor` looks at. It changes nothing."""

from __future__ import annotations

import asyncio

from bot import doctor
from bot.app import channels, engines, parts, pictures
from bot.app.jobs import check_database
from bot.errors import ParleyError
from bot.knowledge.files import find
from bot.settings import Settings
from bot.streams import LocalStreams

PARKED_SHOWN = 20


async def examine(settings: Settings) -> list[doctor.Finding]:
    """One finding for each thing that the bot stands on, whatever becomes of the others."""
    examination = _Examination(settings, await _is_made(settings))
    checks = {
        "persona": examination.persona,
        "database": examination.database,
        "knowledge": examination.knowledge,
        "model": examination.model,
        "embedder": examination.embedder,
        "pictures": lambda: pictures.examine_images(settings),
        "deliveries": examination.deliveries,
        "disk": lambda: doctor.disk(settings.folder),
    }
    return await doctor.examine({**checks, **channels.checks(settings)})


async def _is_made(settings: Settings) -> bool:
    """Whether the database has tables; one that cannot be reached has, as far as can be told."""
    from storage.migrations import check

    try:
        return (await check(settings.database_url)).current is not None
    except ParleyError:
        return True


class _Examination:
    """Each check says what is there; it raises ParleyError with what is wrong and what to do."""

    def __init__(self, settings: Settings, is_made: bool) -> None:
        self._settings = settings
        self._is_made = is_made

    async def persona(self) -> str:
        settings = self._settings
        return f"{len(parts.read_persona(settings)):,} characters in {settings.path(settings.bot.persona)}"

    async def database(self) -> str:
        kind = self._settings.database.url.split("://")[0]
        if not self._is_made:
            return f"{kind}, empty; the first start makes its tables"
        return f"{kind} at revision {await check_database(self._settings)}"

    async def knowledge(self) -> str:
        files = await asyncio.to_thread(self._files)
        if not self._is_made:
            return self._expected(files)
        async with parts.opened_store(self._settings, LocalStreams()) as store:
            documents = await store.knowledge.documents()
        if not documents:
            return self._expected(files)
        return f"{len(documents)} documents, {sum(document.passages for document in documents)} passages"

    def _files(self) -> int:
        folders = [self._settings.path(folder) for folder in self._settings.knowledge.folders]
        found, _ = find([folder for folder in folders if folder.is_dir()], folders)
        return len(found)

    def _expected(self, files: int) -> str:
        if not files:
            raise ParleyError("There are no documents: put some into the knowledge folder, or `parley knowledge add`.")
        return f"{files} files, which the next start reads"

    async def model(self) -> str:
        return await engines.examine_engine(self._settings)

    async def embedder(self) -> str:
        loaded = await asyncio.to_thread(parts.load_embedder, self._settings)
        return f"{loaded.name}, {loaded.dimensions} dimensions, for {', '.join(sorted(loaded.languages))}"

    async def deliveries(self) -> str:
        if not self._is_made:
            return "none yet"
        async with parts.opened_store(self._settings, LocalStreams()) as store:
            parked = await store.history.parked(limit=PARKED_SHOWN)
        if parked:
            lines = "; ".join(f"{row.message_id} to {row.channel}: {row.reason}" for row in parked)
            raise ParleyError(f"{len(parked)} replies could not be delivered: {lines}")
        return "none is parked"
