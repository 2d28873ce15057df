"""`parley playground`: Telegram and Discord on one's own machine, to try a bot without any token."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(playground)


def playground(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8090,
) -> None:
    """Runs local Telegram and Discord servers with a page on which you play the customers of both."""
    from bot import app as application

    asyncio.run(application.play(port, announce=typer.echo))
