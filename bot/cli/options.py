"""Options and endings that all commands share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def _choose(context: typer.Context, folder: Path | None) -> Path:
    """`--bot` may stand before or after the command; without it the bot folder is the current one."""
    return folder or context.find_root().params.get("bot") or Path()


BotFolder = Annotated[
    Path,
    typer.Option("--bot", metavar="DIR", callback=_choose, show_default="the current folder", help="The bot folder."),
]
"""Declare it as `bot: BotFolder = None`: the callback fills it in."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def print_json(value: Any) -> None:
    """One line of JSON on stdout, with other alphabets left readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
