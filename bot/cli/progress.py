"""How long work shows where it is: a bar with the time that is left, and lines beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def say(console: Console) -> Callable[[str], None]:
    """Prints lines as they are, whatever they have in them."""
    return lambda line: console.print(line, markup=False, highlight=False)


@contextmanager
def bar(console: Console, first: str, describe: Callable[[Any], str]) -> Iterator[Callable[[Any], None]]:
    """A bar that is moved by what it is told of each step: `share` is how much is done, `describe` says the rest.

    `first` stands there until the first step.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(first, total=1.0)
        yield lambda step: progress.update(task, completed=step.share, description=describe(step))
