"""`parley init`, `parley serve` and `parley doctor`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bot.cli.options import HERE, AsJson, BotFolder, print_json


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(serve)
    app.command()(doctor)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the bot folder will be.")],
    name: Annotated[str | None, typer.Option("--name", help="What the bot is called.")] = None,
) -> None:
    """Writes a bot folder: settings, persona and the knowledge of a sample shop."""
    from bot.sample import write_bot_folder

    files = write_bot_folder(folder, name)
    typer.echo(f"Wrote {len(files)} files to {folder}. Run it with: parley serve --bot {folder}")


def serve(
    bot: BotFolder = HERE,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
) -> None:
    """Runs every enabled channel, the web server and the workers until Ctrl-C or SIGTERM."""
    from bot import app as application

    given = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    flags: dict[str, dict[str, Any]] = {"web": given} if given else {}
    asyncio.run(application.serve(application.load_settings(bot, flags), announce=typer.echo))


def doctor(bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """Checks settings, database, models, knowledge and disk, and says what is wrong and what to do."""
    from bot import app as application

    findings = asyncio.run(application.examine(application.load_settings(bot)))
    if as_json:
        print_json([{"what": what.name, "ok": what.ok, "detail": what.detail} for what in findings])
    else:
        console = Console()
        for what in findings:
            sign = "[green]ok   [/]" if what.ok else "[red]wrong[/]"
            console.print(f"{sign}  [bold]{what.name:<10}[/]", escape(what.detail), soft_wrap=True)
    raise typer.Exit(0 if all(what.ok for what in findings) else 1)
