"""`parley console`: the accounts of the operators' console."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.cli.options import HERE, AsJson, BotFolder, print_json
from bot.console_password import FIRST_NAME

app = typer.Typer(no_args_is_help=True, help="The operators' console: accounts and passwords.")


@app.callback()
def _group() -> None:
    """Keeps `password` a command of its own while it is the only one."""


@app.command()
def password(
    bot: BotFolder = HERE,
    name: Annotated[str, typer.Option("--name", help="The account; it is made if it is new.")] = FIRST_NAME,
    as_json: AsJson = False,
) -> None:
    """Sets a new generated password and prints it; open sessions of the account end."""
    from bot import app as application

    new = asyncio.run(application.renew_console_password(application.load_settings(bot), name))
    if as_json:
        print_json({"name": name, "password": new})
    else:
        typer.echo(f"Console log-in: {name}, password {new}")
