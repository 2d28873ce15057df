"""Options and endings that all commands share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def _choose(context: typer.Context, parameter: typer.CallbackParam, folder: Path) -> Path:
    """`--bot` may stand before or after the command; without it the bot folder is the current one."""
    given = context.get_parameter_source(parameter.name or "")
    if given is None or given.name == "DEFAULT":
        before: Path = context.find_root().params.get("bot", folder)
        return before
    return folder


BotFolder = Annotated[
    Path,
    typer.Option("--bot", metavar="DIR", callback=_choose, show_default="the current folder", help="The bot folder."),
]
"""Declare it as `bot: BotFolder = HERE`."""

HERE = Path()

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def print_json(value: Any) -> None:
    """One line of JSON on stdout, with other alphabets left readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
