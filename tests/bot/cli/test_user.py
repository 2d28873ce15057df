"""`parley user`: a person is shown, exported and erased; no byte of theirs is left in the bot folder."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.app import load_settings
from bot.app.parts import opened_store
from bot.cli import run
from bot.messages import Attachment, Draft, Incoming, NewFact
from bot.streams import LocalStreams

SECRET = "Xanthippe Quuxington"


def talk(shop: Path, user: str, words: str) -> str:
    """One message with a file, answered; returns our conversation's id."""

    async def run_bot() -> str:
        async with opened_store(load_settings(shop), LocalStreams()) as store:
            url = await store.files.save(f"letter of {words}".encode(), mime="text/plain", name="letter.txt")
            await store.inbox.accept(
                Incoming("api", f"x-{user}", f"{user}-1", user, words, (Attachment("file", url, "text/plain"),), words)
            )
            turn = await store.turns.claim("worker")
            assert turn
            learned = (NewFact("name", words, turn.messages[0].id, words),)
            await store.turns.commit(turn, Draft(f"Hi {words}", "answer", 1, "en", learned=learned))
            return turn.conversation.id

    return asyncio.run(run_bot())


def model(folder: Path, conversations: Sequence[str], base: str = "") -> Path:
    """A model's folder that tells what it was trained with."""
    (folder / "run").mkdir(parents=True)
    lineage = {"base": base, "base_digest": "", "training": list(conversations), "validation": []}
    (folder / "run" / "lineage.json").write_text(json.dumps(lineage))
    return folder


def erased(shop: Path, user: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """Erases and returns the report."""
    capsys.readouterr()
    assert run(["user", "erase", user, "--bot", str(shop), "--yes", "--json", *more]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_a_person_is_shown_with_what_is_stored(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conversation = talk(shop, "anna", SECRET)
    for user in ("api:anna", conversation):
        assert run(["user", "show", user, "--bot", str(shop), "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown["rows"] == {
            **{"conversations": 1, "messages": 2, "traces": 1},
            **{"facts": 1, "pictures": 0, "files": 1},
        }


def test_an_export_is_an_archive_with_words_and_files(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(shop, "anna", SECRET)
    assert run(["user", "export", "api:anna", "--bot", str(shop), "-o", str(tmp_path / "anna.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "anna.zip") as archive:
        (file,) = (name for name in archive.namelist() if name.startswith("files/"))
        assert archive.read(file) == f"letter of {SECRET}".encode()
        person = json.loads(archive.read("person.json"))
    assert [message["text"] for message in person["conversations"][0]["messages"]] == [SECRET, f"Hi {SECRET}"]


def test_after_an_erasure_no_file_of_the_bot_folder_has_a_byte_of_the_person(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conversation = talk(shop, "anna", SECRET)
    other = talk(shop, "ben", "Benedict")
    trained = model(shop / "trained", [conversation, other])
    model(shop / "tuned-further", [other], base=str(trained))
    untouched = model(shop / "untouched", [other])
    rows = shop / "unfinished" / "run" / "history.jsonl"
    rows.parent.mkdir(parents=True)
    rows.write_text(
        "".join(json.dumps({"id": each, "text": text}) + "\n" for each, text in ((conversation, SECRET), (other, "b")))
    )
    content = erased(shop, "api:anna", capsys)["content"]
    assert content["rows"]["messages"] == 2
    assert content["files_rewritten"]
    assert content["training_rows"] == {str(rows): 1}
    models = {each["folder"]: (each["conversations"], each["through"]) for each in content["models"]}
    assert models == {str(trained): ([conversation], ""), str(shop / "tuned-further"): ([], str(trained))}
    assert str(untouched) not in models
    contents = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert b"Quuxington" not in contents
    assert b"Benedict" in contents


def test_a_report_is_signed_and_nobody_can_change_it(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(shop, "anna", SECRET)
    report = erased(shop, "api:anna", capsys)
    assert SECRET not in json.dumps(report)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    assert run(["user", "verify", str(file), "--bot", str(shop)]) == 0
    report["content"]["rows"]["messages"] = 0
    file.write_text(json.dumps(report))
    assert run(["user", "verify", str(file), "--bot", str(shop)]) == 1
    with sqlite3.connect(shop / "parley.db") as database:
        assert database.execute("SELECT count(*) FROM erasures").fetchone() == (1,)


def test_who_is_meant_has_to_be_clear(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk(shop, "anna", SECRET)

    async def join() -> None:
        async with opened_store(load_settings(shop), LocalStreams()) as store:
            await store.inbox.accept(Incoming("api", "y", "anna-1", "ben", "hi"))

    asyncio.run(join())
    assert run(["user", "erase", "anna-1", "--bot", str(shop), "--yes"]) == 2
    assert "api:anna" in capsys.readouterr().err
    assert run(["user", "erase", "nobody", "--bot", str(shop), "--yes"]) == 1
    assert "Nobody is known" in capsys.readouterr().err


def test_ten_thousand_messages_are_erased_within_five_seconds(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conversation = talk(shop, "anna", SECRET)
    talk(shop, "ben", "Benedict")
    with sqlite3.connect(shop / "parley.db") as database:
        _multiply(database, conversation, 5000)
    started = time.perf_counter()
    content = erased(shop, "api:anna", capsys)["content"]
    assert time.perf_counter() - started < 5
    assert content["rows"]["messages"] >= 10_000
    assert b"Quuxington" not in (shop / "parley.db").read_bytes()


def _multiply(database: sqlite3.Connection, conversation: str, times: int) -> None:
    """Copies the two messages of a conversation, with the trace and the delivery of the second."""
    columns = "conversation_id, role, text, created_at, channel, handled_at, attachments, citations, quick_replies"
    database.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) "
        f"INSERT INTO messages (id, number, external_id, {columns}) SELECT 'm' || number || '-' || i, number + 2 * i, "
        f"'x' || number || '-' || i, {columns} FROM messages, n WHERE conversation_id = ?",
        (conversation,),
    )
    for table, name in (("traces", "message_id"), ("deliveries", "message_id")):
        others = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in ("id", name)]
        keys = "idempotency_key"
        values = ", ".join(f"m.id || '{table}'" if other == keys else f"t.{other}" for other in others)
        database.execute(
            f"INSERT INTO {table} (id, {name}, {', '.join(others)}) SELECT '{table}' || m.id, m.id, {values} "
            f"FROM messages m, {table} t WHERE m.id LIKE 'm2-%' AND t.{name} IN "
            "(SELECT id FROM messages WHERE conversation_id = ?)",
            (conversation,),
        )
