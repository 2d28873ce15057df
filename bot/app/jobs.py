"""What commands do that end by themselves: migrations, checks, training, evaluation."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import console_password
from bot.app import engines, parts
from bot.errors import StorageError, UsageError
from bot.knowledge.fixed import FixedKnowledge
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.library import Library
from bot.messages import Passage
from bot.protocols import Embedder
from bot.settings import Settings
from bot.streams import LocalStreams

DATABASE_NAME = "evaluation.db"


async def upgrade_database(settings: Settings) -> str:
    """Migrates to this version; returns the revision."""
    from storage.migrations import upgrade

    await upgrade(settings.database_url)
    return await check_database(settings)


async def check_database(settings: Settings) -> str:
    """Returns the revision; raises StorageError when it is not this version's."""
    from storage.migrations import check

    version = await check(settings.database_url)
    if not version.is_current:
        raise StorageError(
            f"The database is at revision {version.current}, this version wants {version.newest}. "
            "Run `parley db upgrade`."
        )
    return version.newest


async def list_conversations(settings: Settings, limit: int) -> list[dict[str, Any]]:
    """The latest conversations, as JSON values."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        found = await store.history.conversations(limit=limit)
    return [
        {
            "id": summary.conversation.id,
            "channel": summary.conversation.channel,
            "external_id": summary.conversation.external_id,
            "state": summary.conversation.state,
            "messages": summary.messages,
            "updated_at": summary.updated_at.isoformat(timespec="seconds"),
        }
        for summary in found
    ]


async def export_conversation(settings: Settings, conversation: str) -> dict[str, Any]:
    """Everything stored about a conversation; raises NotFound."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        return await store.history.export(conversation)


async def renew_console_password(settings: Settings, name: str) -> str:
    """A new password for an operator's account, which is made if need be."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        return await console_password.renew_password(store.operators, name)


async def train_gate(settings: Settings, data: Path, out: Path, *, wanted_error: float, scale: float) -> dict[str, Any]:
    """Fits the answer/decline threshold on labelled questions, writes it to `out`, and returns its figures."""
    from bot.evaluation import gate

    embedder = await asyncio.to_thread(parts.load_embedder, settings)

    async def index(passages: Sequence[Passage]) -> KnowledgeIndex:
        return KnowledgeIndex(FixedKnowledge(passages), embedder)

    fitted, report = await gate.train_gate(data, index, embedder, wanted_error=wanted_error, scale=scale)
    await asyncio.to_thread(fitted.save, out)
    return report


async def evaluate_answers(
    settings: Settings, file: Path, knowledge: Sequence[Path], *, chart: Path | None, limit: int | None
) -> dict[str, Any]:
    """The figures of labelled questions against these documents alone, in a database that is thrown away."""
    from bot.evaluation import answers, questions

    labelled = questions.read_questions(file)[:limit]
    embedder = await asyncio.to_thread(parts.load_embedder, settings)
    async with (
        engines.opened_engine(settings) as engine,
        _temporary_knowledge(settings, knowledge, embedder) as retriever,
    ):
        answerer = parts.build_answerer(settings, engine, retriever, embedder, persona="")
        return await answers.evaluate_answers(labelled, answerer, curve=chart)


def evaluate_intents(settings: Settings, file: Path, train: Path) -> dict[str, Any]:
    """Topic routing and out-of-scope, learned from `train` and measured on `file`."""
    from bot.evaluation import intents

    return intents.evaluate_intents(
        intents.read_intents(file), intents.read_intents(train), parts.load_embedder(settings)
    )


def evaluate_memory(settings: Settings, file: Path) -> dict[str, Any]:
    """How well earlier turns are found again, on long conversations with questions about them."""
    from bot.evaluation import memory

    return memory.evaluate_memory(memory.read_histories(file), parts.load_embedder(settings))


@asynccontextmanager
async def _temporary_knowledge(
    settings: Settings, files: Sequence[Path], embedder: Embedder
) -> AsyncIterator[KnowledgeIndex]:
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/{DATABASE_NAME}"
        temporary = settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
        async with parts.opened_store(temporary, LocalStreams()) as store:
            report = await Library(store.knowledge).add(files)
            if report.skipped:
                raise UsageError(f"{report.skipped[0].path}: {report.skipped[0].reason}")
            retriever = KnowledgeIndex(store.knowledge, embedder)
            await retriever.refresh()
            yield retriever
            await retriever.close()
