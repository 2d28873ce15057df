"""`parley train gate`: when to answer and when to decline."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.evaluate import show
from bot.cli.options import HERE, AsJson, BotFolder


def register(train: typer.Typer) -> None:
    train.command("gate")(gate)


def gate(
    data: Annotated[
        Path, typer.Option("--data", exists=True, file_okay=False, help="A folder of labelled sets, one folder a set.")
    ],
    bot: BotFolder = HERE,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; the bot folder's gate.json.")] = None,
    wanted_error: Annotated[
        float, typer.Option("--wanted-error", min=0.001, max=0.5, help="Share of wrong answers among those given.")
    ] = 0.23,
    scale: Annotated[float, typer.Option("--scale", min=0.01, help="Multiplies the number of questions.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Fits the answer/decline threshold on labelled questions; the bot uses it from its next start on."""
    from bot import app as application

    settings = application.load_settings(bot)
    path = out or settings.path(application.GATE_FILE)
    report = asyncio.run(application.train_gate(settings, data, path, wanted_error=wanted_error, scale=scale))
    show(report, as_json)
    typer.echo(f"Wrote {path}.", err=True)
