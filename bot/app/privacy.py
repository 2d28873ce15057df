"""What is stored about people: shown, exported, erased, and looked after while the bot runs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import secret
from bot.app import parts
from bot.errors import NotFound, UsageError
from bot.privacy.eraser import PersonEraser
from bot.privacy.signing import Signer
from bot.privacy.upkeep import Upkeep
from bot.promotion.registry import Registry
from bot.protocols.privacy import Forgetful, Person
from bot.settings import Settings
from bot.streams import LocalStreams

if TYPE_CHECKING:
    from storage import Store

CONTENT, SIGNATURE = "content", "signature"


async def find_user(settings: Settings, user: str) -> Person:
    """Who is meant. Raises NotFound, and UsageError when it is unclear."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        return await _one(store, user)


async def show_user(settings: Settings, user: str) -> dict[str, Any]:
    """Who is meant, what is known of them, and how many rows of each kind are stored. Raises as `find_user`."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        person = await _one(store, user)
        export = await store.personal_data.export(person.customer_id)
    conversations = export["conversations"]
    return {
        "customer": person.customer_id,
        "since": export["customer"]["created_at"],
        "accounts": export["accounts"],
        "facts": [fact for fact in export["facts"] if not fact["ended_at"]],
        "conversations": list(person.conversations),
        "rows": {
            "conversations": len(conversations),
            "messages": sum(len(each["messages"]) for each in conversations),
            "traces": sum(len(each["traces"]) for each in conversations),
            "facts": len(export["facts"]),
            "pictures": len(export["pictures"]),
            "files": len(_urls(export)),
        },
    }


async def export_user(settings: Settings, user: str, archive: Path) -> int:
    """Writes everything about a person into a zip archive; returns the number of files in it."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        export = await store.personal_data.export((await _one(store, user)).customer_id)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
            content.writestr("person.json", json.dumps(export, indent=1, ensure_ascii=False, default=str))
            urls = _urls(export)
            for url in urls:
                try:
                    file = await store.files.load(url)
                except NotFound:
                    continue
                name = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in file.name)[-80:]
                content.writestr(f"files/{url.removeprefix('file:')}-{name}", file.content)
            return sum(name.startswith("files/") for name in content.namelist())


async def erase_user(settings: Settings, user: str, runs: Sequence[Path]) -> dict[str, Any]:
    """Removes a person everywhere; returns the signed report."""
    async with parts.opened_store(settings, LocalStreams()) as store:
        person = await _one(store, user)
        report = await build_eraser(settings, store, rewriting=True, runs=runs).erase(person.customer_id)
    return {CONTENT: dict(report.content), SIGNATURE: report.signature}


def verify_report(settings: Settings, file: Path) -> bool:
    """Whether this bot has signed the report in a file. Raises UsageError when it is no report."""
    try:
        report = json.loads(file.read_text("utf-8"))
        content, signature = report[CONTENT], str(report[SIGNATURE])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file} is no report as `parley user erase` prints it.") from None
    return Signer(secret.load_or_make(settings.folder)).holds(content, signature)


def build_eraser(
    settings: Settings,
    store: Store,
    *,
    rewriting: bool,
    runs: Sequence[Path] = (),
    forgetful: Sequence[Forgetful] = (),
) -> PersonEraser:
    """Looks through the bot folder, the folders that models were promoted from, and `runs`."""
    sources = [Path(model.source) for model in Registry(settings.folder).read().models]
    return PersonEraser(
        store.personal_data,
        Signer(secret.load_or_make(settings.folder)),
        [settings.folder, *sources, *runs],
        forgetful=forgetful,
        rewriting=rewriting,
        is_server=not store.database.is_sqlite,
    )


def forgetful(*parts: object) -> list[Forgetful]:
    """Those parts of a running bot that remember something of people."""
    return [part for part in parts if isinstance(part, Forgetful)]


def build_upkeep(settings: Settings, store: Store, forgetful: Sequence[Forgetful]) -> Upkeep:
    """As long as the settings say."""
    days = settings.privacy.retention_days
    return Upkeep(store.personal_data, retention=timedelta(days=days) if days else None, forgetful=forgetful)


async def _one(store: Store, user: str) -> Person:
    found = await store.personal_data.find(user)
    if not found:
        raise NotFound(f"Nobody is known as {user!r}. `parley conversations list` shows conversations with their ids.")
    if len(found) > 1:
        choices = "\n  ".join(
            f"{person.customer_id}  ({', '.join(f'{channel}:{name}' for channel, name, _ in person.accounts)})"
            for person in found
        )
        raise UsageError(f"{user!r} may be any of these people; say which by the first word of a line:\n  {choices}")
    return found[0]


def _urls(export: dict[str, Any]) -> list[str]:
    messages = [message for each in export["conversations"] for message in each["messages"]]
    named = {
        attachment["url"]
        for message in [*messages, *export["messages_elsewhere"]]
        for attachment in message["attachments"]
    }
    named.update(url for picture in export["pictures"] for url in (picture["url"], *picture["sources"]))
    return sorted(url for url in named if url.startswith("file:"))
