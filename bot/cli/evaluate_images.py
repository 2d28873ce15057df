"""`parley evaluate images`: how good the generators of pictures are, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

HASHES = {"classifier"}


def register(evaluate: typer.Typer) -> None:
    evaluate.command("images")(images)


def images(
    data: Annotated[
        Path, typer.Option("--data", exists=True, help="The pictures that were learnt from: a folder, .zip or .npz.")
    ],
    kind: Annotated[
        Literal["gan", "vae"] | None, typer.Option("--kind", help="The generator of this kind that serves.")
    ] = None,
    model: Annotated[
        list[Path] | None,
        typer.Option("--model", exists=True, file_okay=False, help="A trained model instead; repeatable."),
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=10, help="How many pictures are drawn.")] = 1000,
    bot: BotFolder = HERE,
    as_json: AsJson = False,
    more: Annotated[list[Path] | None, typer.Argument(metavar="DIR…", exists=True, help="More --model.")] = None,
) -> None:
    """Distances (FID, KID) in the space of a classifier of the same pictures, with that of held-out real ones; density
    and coverage, copies of training pictures, tag accuracy; for a vae how well it draws a picture again.

    Figures can only be compared within one run, or where `classifier` is the same.
    """
    from bot import app as application

    settings = application.load_settings(bot)
    folders = [*(model or ()), *(more or ())]
    with _bar(Console(stderr=True)) as report:
        found = application.evaluate_images(settings, kind, data, folders, samples, report)
    if as_json:
        first = next(iter(found.values()))
        print_json({**first, "models": found} if len(found) > 1 else first)
    else:
        Console().print(_table(found))


def _table(found: Mapping[str, Mapping[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for figures in found.values() for name in figures if name not in HASHES))
    table = Table("figure", *(Path(name).name for name in found))
    for name in names:
        table.add_row(name, *(_plain(figures.get(name, "")) for figures in found.values()))
    return table


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[str, float], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda words, share: bar.update(task, completed=share, description=words)
