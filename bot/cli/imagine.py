"""`parley imagine`: pictures from words or photos, and whether a file is one of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from bot.cli.options import HERE, AsJson, BotFolder, print_json
from bot.cli.preview import half_blocks
from bot.errors import UsageError

MOST = 64


def register(app: typer.Typer) -> None:
    app.command()(imagine)


def imagine(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What to draw, such as 'red dress'.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help=".png; .gif for a blend.")] = None,
    kind: Annotated[Literal["gan", "vae"] | None, typer.Option(help="By default gan, if there is one.")] = None,
    count: Annotated[int, typer.Option(min=1, max=MOST, help="So many pictures; their files are numbered.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, max=2**62, help="Makes a picture again.")] = None,
    size: Annotated[int | None, typer.Option(min=16, max=1024, help="Pixels a side; by default at least 256.")] = None,
    photo: Annotated[
        Path | None, typer.Option("--from", metavar="IMAGE", help="Draws variations of a photo instead.")
    ] = None,
    other: Annotated[
        Path | None, typer.Option("--blend", metavar="IMAGE", help="Draws the way from that photo to this one.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Says whether this bot made FILE; the exit code is 1 if not.")
    ] = None,
    bot: BotFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Draws pictures with the bot's generators, or tells whether it made a file."""
    from bot import app as application
    from bot.app.imagining import Wanted

    settings = application.load_settings(bot)
    if verify:
        _tell_origin(verify, asyncio.run(application.verify_picture(settings, verify)), as_json)
        return
    if out is None:
        raise UsageError("Say with -o FILE where the picture goes, such as -o dress.png.")
    if other and not photo:
        raise UsageError("--blend needs a first photo beside it: --from IMAGE.")
    wanted = Wanted(out, text, kind, count, seed, size, photo, other)
    made = asyncio.run(application.imagine(settings, wanted))
    if as_json:
        print_json(made)
    else:
        _show(made)


def _show(made: list[dict[str, Any]]) -> None:
    console = Console(stderr=True, highlight=False)
    for picture in made:
        if console.is_terminal and (preview := half_blocks(Path(picture["file"]).read_bytes())):
            console.print(preview)
        typer.echo(picture["file"])
        tags = ", ".join(picture["tags"]) or "whatever comes"
        console.print(f"  {tags}; seed {picture['seed']}; {picture['model']}; AI-generated", style="dim", markup=False)
    if made[0]["unused"]:
        console.print(f"Not used: {', '.join(made[0]['unused'])}", markup=False)


def _tell_origin(file: Path, origin: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(origin)
    elif origin["made_here"]:
        tags = f", {', '.join(origin['tags'])}" if origin["tags"] else ""
        typer.echo(f"This bot made {file}: {origin['model']}, seed {origin['seed']}{tags}.")
    else:
        said = f" It says of itself: {origin['says']}." if origin["says"] else ""
        typer.echo(f"This bot did not make {file} as it is.{said}")
    if not origin["made_here"]:
        raise typer.Exit(1)
