"""`parley test`: the operator's own stories, for a person and for CI."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import HERE, AsJson, BotFolder, print_json

if TYPE_CHECKING:
    from bot.stories.playing import Outcome


def register(app: typer.Typer) -> None:
    app.command("test")(play)


def play(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE…", exists=True, dir_okay=False, show_default="stories/ of the bot folder"),
    ] = None,
    bot: BotFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Plays stories (YAML: the user says, the bot must) against the bot, offline; exits 1 when one fails."""
    from bot import app as application

    settings = application.load_settings(bot)
    stories = application.find_stories(settings, files or ())

    def tell(outcome: Outcome) -> None:
        if not as_json:
            typer.echo("\n".join(outcome.lines()))

    outcomes = asyncio.run(application.play_stories(settings, stories, tell))
    failed = sum(not outcome.passed for outcome in outcomes)
    if as_json:
        print_json({"stories": len(outcomes), "failed": failed, "outcomes": [_plain(outcome) for outcome in outcomes]})
    else:
        typer.echo(f"{len(outcomes) - failed} of {len(outcomes)} stories passed.")
    raise typer.Exit(1 if failed else 0)


def _plain(outcome: Outcome) -> dict[str, Any]:
    departures = [
        {
            "line": departure.step.line,
            "user": departure.step.user,
            "reply": departure.reply.text,
            "wanted": departure.wanted,
            "got": departure.got,
        }
        for departure in outcome.departures
    ]
    return {
        "file": str(outcome.story.file),
        "story": outcome.story.name,
        "passed": outcome.passed,
        "departures": departures,
    }
