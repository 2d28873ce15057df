"""`parley evaluate`: how good the bot is, measured on labelled data."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

app = typer.Typer(no_args_is_help=True, help="Measure answers, topic routing, the language model and recall.")

DataFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="JSON lines, also .gz.")]


@app.command()
def answers(
    file: DataFile,
    knowledge: Annotated[
        list[Path], typer.Option("--knowledge", exists=True, dir_okay=False, help="Passages or documents; repeatable.")
    ],
    bot: BotFolder = HERE,
    chart: Annotated[Path | None, typer.Option("--chart", help="Write the risk-coverage curve to this PNG.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N questions.")] = None,
    as_json: AsJson = False,
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", exists=True, help="More --knowledge.")] = None,
) -> None:
    """Retrieval and answers on labelled questions, in a temporary database."""
    from bot import app as application

    settings = application.load_settings(bot)
    show(
        asyncio.run(
            application.evaluate_answers(settings, file, [*knowledge, *(more or ())], chart=chart, limit=limit)
        ),
        as_json,
    )


@app.command()
def intents(
    file: DataFile,
    train: Annotated[Path, typer.Option("--train", exists=True, dir_okay=False, help="Labelled rows to learn from.")],
    bot: BotFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Topic routing and out-of-scope questions."""
    from bot import app as application

    show(application.evaluate_intents(application.load_settings(bot), file, train), as_json)


@app.command()
def facts(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", exists=True, dir_okay=False, help="Labelled messages; else the built-in ones."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What is known of customers: how much of what they tell is found, and how much of what is found is true."""
    from bot.evaluation.facts import evaluate_facts

    show(evaluate_facts(file), as_json)


@app.command()
def dialogue(
    file: DataFile,
    bot: BotFolder = HERE,
    model: Annotated[
        Path | None, typer.Option("--model", exists=True, file_okay=False, help="Measure this one beside the bot's.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N dialogues.")] = None,
    as_json: AsJson = False,
) -> None:
    """The language model: perplexity, choosing the true reply, variety, overlap with it, and what it rests on."""
    from bot import app as application

    show(application.evaluate_dialogue(application.load_settings(bot), file, model=model, limit=limit), as_json)


@app.command()
def memory(file: DataFile, bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """Recall of the earlier turns that a question is about, from long conversations."""
    from bot import app as application

    show(application.evaluate_memory(application.load_settings(bot), file), as_json)


def show(figures: Mapping[str, Any], as_json: bool) -> None:
    """One JSON object, or a table for people; figures under `current` stand beside the others."""
    if as_json:
        print_json(figures)
        return
    current = figures.get("current")
    table = Table("figure", "value", *(["current model"] if current else []))
    for name, value in figures.items():
        if name != "current":
            table.add_row(name, _plain(value), *([_plain(current.get(name, ""))] if current else []))
    Console().print(table)


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
