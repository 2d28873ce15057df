"""`parley knowledge`: what the bot can answer from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

if TYPE_CHECKING:
    from bot.knowledge.library import AddReport
    from bot.knowledge.library import Progress as Told
    from bot.messages import Document
    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Documents that the bot answers from.")


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    bot: BotFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Adds documents: .md .txt .html .pdf .docx .csv (question, answer) .jsonl; a changed file takes its old place."""
    from bot import app as application

    with _progress() as told:
        report = asyncio.run(_add(application.load_settings(bot), paths, told))
    if as_json:
        print_json(asdict(report))
    else:
        _say(report)
    if report.skipped:
        raise typer.Exit(1)


@app.command("list")
def list_documents(bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """All documents, with the ids that `remove` takes."""
    from bot import app as application

    documents = asyncio.run(_list(application.load_settings(bot)))
    if as_json:
        print_json([asdict(document) for document in documents])
        return
    table = Table("id", Column("document", overflow="fold"), "passages", "added")
    for document in documents:
        table.add_row(
            document.id, document.name, str(document.passages), document.added_at.isoformat(" ", "minutes")[:16]
        )
    Console().print(table)


@app.command()
def remove(
    document: Annotated[str, typer.Argument(metavar="ID", help="As `parley knowledge list` shows it.")],
    bot: BotFolder = HERE,
) -> None:
    """Removes a document and its passages."""
    from bot import app as application

    removed = asyncio.run(_remove(application.load_settings(bot), document))
    typer.echo(f"Removed {removed.name} ({removed.passages} passages).")


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A question or some words.")],
    bot: BotFolder = HERE,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    as_json: AsJson = False,
) -> None:
    """The passages that fit a question best, as the bot would look them up."""
    from bot import app as application
    from bot.app.knowledge import search_knowledge

    found = asyncio.run(search_knowledge(application.load_settings(bot), text, k))
    if as_json:
        print_json([{"score": evidence.score, **asdict(evidence.passage)} for evidence in found])
        return
    if not found:
        typer.echo("Nothing fits.")
    for number, evidence in enumerate(found, 1):
        typer.secho(f"{number}. {evidence.passage.title}  ({evidence.passage.source})", bold=True)
        typer.echo(f"{evidence.passage.text}\n")


async def _add(settings: Settings, paths: list[Path], told: Told) -> AddReport:
    from bot.app.knowledge import open_library

    async with open_library(settings) as library:
        return await library.add(paths, told)


async def _list(settings: Settings) -> list[Document]:
    from bot.app.knowledge import open_library

    async with open_library(settings) as library:
        await library.sync()
        return [*await library.list()]


async def _remove(settings: Settings, document_id: str) -> Document:
    from bot.app.knowledge import open_library

    async with open_library(settings) as library:
        return await library.remove(document_id)


@contextmanager
def _progress() -> Iterator[Told]:
    """A bar on stderr, where there is a terminal to show it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def _say(report: AddReport) -> None:
    for verb, names in (("Added", report.added), ("Replaced", report.replaced), ("Unchanged", report.unchanged)):
        if names:
            typer.echo(f"{verb}: {', '.join(names) if len(names) <= 10 else f'{len(names)} documents'}")
    for problem in report.skipped:
        typer.echo(f"Skipped {problem.path}: {problem.reason}.", err=True)
