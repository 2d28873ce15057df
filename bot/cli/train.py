"""`parley train`: models of one's own, from one's own conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

app = typer.Typer(no_args_is_help=True, help="Train the models that the bot uses.")

Data = typer.Option("--data", exists=True, dir_okay=False, help="JSON lines, also .gz; repeatable.")


@app.command()
def text(
    data: Annotated[list[Path], Data],
    base: Annotated[str, typer.Option("--base", help="A hub name, a folder, or scratch:SIZE.")],
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="The folder of the finished model.")],
    valid: Annotated[list[Path] | None, typer.Option("--valid", help="Dialogues to validate on.")] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="End after so many steps.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.01, help="End after so long.")] = None,
    lora: Annotated[bool, typer.Option("--lora", help="Train small adapters only (needs peft).")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")] = False,
    learning_rate: Annotated[float, typer.Option("--learning-rate", min=1e-6, help="At its height.")] = 2e-3,
    small_talk: Annotated[int, typer.Option("--small-talk", min=0, help="Chats of our own mixed in a pass.")] = 200,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", exists=True, help="More --data files.")] = None,
) -> None:
    """Trains a GPT-2 on dialogues, with the passages that they refer to given beside as further --data files."""
    from bot import app as application

    console = Console(stderr=True)
    options = {"data": (*data, *(more or ())), "base": base, "out": out, "valid": tuple(valid or ()), "steps": steps}
    options |= {"minutes": minutes, "lora": lora, "resume": resume, "seed": seed}
    options |= {"learning_rate": learning_rate, "small_talk": small_talk}
    with _bar(console) as bar:
        task = bar.add_task("preparing", total=1.0)

        def report(progress: Any) -> None:
            validation = f", validation {progress.validation:.3f}" if progress.validation is not None else ""
            words = f"step {progress.step:,}: loss {progress.loss:.3f}{validation}, {progress.tokens_per_second:,.0f}/s"
            bar.update(task, completed=progress.share, description=words)

        try:
            folder = application.train_text(options, report, console.print)
        except KeyboardInterrupt:
            console.print(f"Stopped. The same command with --resume goes on; the run is kept in {out}.")
            raise
    typer.echo(folder)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)
