"""`parley user`: what is stored about a person, and its end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.cli.options import HERE, AsJson, BotFolder, print_json

app = typer.Typer(no_args_is_help=True, help="Show, export and erase what is stored about a person.")

User = Annotated[
    str,
    typer.Argument(
        metavar="USER", help="CHANNEL:ID as the platform knows them, our customer id, or a conversation's id."
    ),
]


@app.command()
def show(user: User, bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """Who it is, and how much is stored."""
    from bot import app as application

    found = asyncio.run(application.show_user(application.load_settings(bot), user))
    if as_json:
        print_json(found)
        return
    typer.echo(f"customer       {found['customer']}, since {found['since'][:10]}")
    for account in found["accounts"]:
        typer.echo(f"account        {account['channel']}:{account['external_id']}  {account['name'] or ''}")
    for fact in found["facts"]:
        typer.echo(f"fact           {fact['kind']}: {fact['value']}")
    for name, count in found["rows"].items():
        typer.echo(f"{name:<14} {count}")


@app.command()
def export(
    user: User,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The archive to write.", dir_okay=False)] = None,
    bot: BotFolder = HERE,
) -> None:
    """Everything about a person as a zip archive: person.json, and the files that they sent and were sent."""
    from bot import app as application

    archive = out or Path(f"{''.join(sign if sign.isalnum() else '-' for sign in user)}.zip")
    files = asyncio.run(application.export_user(application.load_settings(bot), user, archive))
    typer.echo(f"Wrote {archive} with {files} files.")


@app.command()
def erase(
    user: User,
    bot: BotFolder = HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    runs: Annotated[
        list[Path] | None,
        typer.Option("--runs", exists=True, file_okay=False, help="More folders with training runs and models."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Removes everything about a person for good, and prints a signed report of what was removed where."""
    from bot import app as application

    settings = application.load_settings(bot)
    if not yes:
        person = asyncio.run(application.find_user(settings, user))
        accounts = ", ".join(f"{channel}:{name}" for channel, name, _ in person.accounts)
        typer.confirm(f"Erase {person.customer_id} ({accounts}) for good?", abort=True, err=True)
    report = asyncio.run(application.erase_user(settings, user, runs or ()))
    if as_json:
        print_json(report)
    else:
        typer.echo(json.dumps(report, indent=1, ensure_ascii=False))
        _advise(report["content"])


@app.command()
def verify(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", exists=True, dir_okay=False, help="As `erase` printed it.")
    ],
    bot: BotFolder = HERE,
) -> None:
    """Whether this bot has signed a report, and nobody has changed it since: exit 0 or 1."""
    from bot import app as application

    genuine = application.verify_report(application.load_settings(bot), report)
    typer.echo("This bot has signed the report." if genuine else "This bot has not signed the report as it stands.")
    raise typer.Exit(0 if genuine else 1)


def _advise(content: dict[str, Any]) -> None:
    """What the operator has to decide; on stderr, so that the report can be kept as it is."""
    console = Console(stderr=True)
    for model in content["models"]:
        console.print(f"{model['folder']} was trained with words of theirs: train it anew, or do not use it any more.")
    if not content["files_rewritten"]:
        console.print("The database was busy: its file may still hold removed bytes. Run the command `VACUUM` on it.")
