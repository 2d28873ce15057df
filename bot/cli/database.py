"""`parley db`: migrations."""

from __future__ import annotations

import asyncio

import typer

from bot.cli.options import HERE, BotFolder

app = typer.Typer(no_args_is_help=True, help="Bring the database to this version, or check it.")


@app.command()
def upgrade(bot: BotFolder = HERE) -> None:
    """Creates the tables or brings them to this version."""
    from bot import app as application

    revision = asyncio.run(application.upgrade_database(application.load_settings(bot)))
    typer.echo(f"The database is at revision {revision}.")


@app.command()
def check(bot: BotFolder = HERE) -> None:
    """Fails when the database is not at this version."""
    from bot import app as application

    revision = asyncio.run(application.check_database(application.load_settings(bot)))
    typer.echo(f"The database is at revision {revision}, as this version wants it.")
