"""`parley conversations`: what was said."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

conversations = typer.Typer(no_args_is_help=True, help="Read and export conversations.")

ConversationId = Annotated[str, typer.Argument(metavar="ID", help="As `parley conversations list` shows it.")]


@conversations.command("list")
def list_conversations(
    bot: BotFolder = HERE,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the latest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The latest conversations."""
    from bot import app as application

    found = asyncio.run(application.list_conversations(application.load_settings(bot), limit))
    if as_json:
        print_json(found)
        return
    table = Table("id", "channel", "state", "messages", "updated")
    for row in found:
        table.add_row(row["id"], row["channel"], row["state"], str(row["messages"]), row["updated_at"])
    Console().print(table)


@conversations.command()
def show(conversation: ConversationId, bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """What was said in a conversation, and from which sources."""
    messages = _exported(conversation, bot)["messages"]
    if as_json:
        print_json(messages)
        return
    for message in messages:
        typer.echo(f"{message['created_at'][:19]}  {message['role']}: {message['text']}")
        for citation in message["citations"]:
            typer.echo(f"    [{citation['title']}] {citation['quote']}")


@conversations.command()
def export(conversation: ConversationId, bot: BotFolder = HERE) -> None:
    """Everything that is stored about a conversation, traces included, as one JSON object."""
    print_json(_exported(conversation, bot))


def _exported(conversation: str, bot: BotFolder) -> dict[str, Any]:
    from bot import app as application

    return asyncio.run(application.export_conversation(application.load_settings(bot), conversation))
