"""`parley train`: models of one's own, from one's own conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.cli.options import HERE, BotFolder
from bot.cli.progress import bar, say
from bot.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Train the models that the bot uses.")

Data = Annotated[
    list[Path] | None,
    typer.Option("--data", exists=True, dir_okay=False, help="JSON lines, CSV pairs, or exported chats; repeatable."),
]
More = Annotated[list[Path] | None, typer.Argument(metavar="FILE…", exists=True, help="More --data files.")]


@app.command()
def text(
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="The folder of the finished model.")],
    data: Data = None,
    base: Annotated[str, typer.Option("--base", help="builtin, a folder, a hub name, or scratch:SIZE.")] = "builtin",
    bot: BotFolder = HERE,
    from_history: Annotated[
        bool, typer.Option("--from-history", help="Learn from stored conversations (privacy.training_consent).")
    ] = False,
    valid: Annotated[list[Path] | None, typer.Option("--valid", help="Dialogues to validate on.")] = None,
    assistant: Annotated[
        list[str] | None, typer.Option("--assistant", metavar="NAME", help="Who speaks for the shop in exported chats.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help="Keep only this language; repeatable.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="End after so many steps.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.01, help="End after so long.")] = None,
    patience: Annotated[
        int, typer.Option("--patience", min=0, help="End after so many validations without progress; 0: never.")
    ] = 5,
    lora: Annotated[bool, typer.Option("--lora", help="Train small adapters only (needs peft).")] = False,
    rank: Annotated[int, typer.Option("--rank", min=1, help="Of the adapters.")] = 8,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")] = False,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", min=1e-6, help="At its height; by default it fits the base.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="Rows of full context that are computed at once.")
    ] = None,
    accumulate: Annotated[int, typer.Option("--accumulate", min=1, help="Batches that make one step.")] = 1,
    checkpointing: Annotated[
        bool, typer.Option("--checkpointing", help="Less memory, more time: compute the blocks twice.")
    ] = False,
    user_weight: Annotated[
        float, typer.Option("--user-weight", min=0, max=1, help="How much the customers' words are learnt.")
    ] = 0.0,
    small_talk: Annotated[
        int | None, typer.Option("--small-talk", min=0, help="Chats of our own mixed in a pass.")
    ] = None,
    questions: Annotated[
        int, typer.Option("--questions", min=0, help="Chats made of the data's passages that are mixed in a pass.")
    ] = 0,
    contrast: Annotated[
        bool, typer.Option("--contrast", help="Learn to tell as well which reply belongs to which conversation.")
    ] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    track: Annotated[list[str] | None, typer.Option("--track", help="tensorboard or wandb; repeatable.")] = None,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    more: More = None,
) -> None:
    """Trains a GPT-2 on dialogues (JSON lines, with the passages that they refer to), question-answer pairs (a CSV file
    with the columns question and answer), Telegram and Discord exports (JSON, or DiscordChatExporter's CSV), or stored
    conversations.

    Details of the cleaning and the course are in OUT/run; `parley models promote OUT` lets the bot speak with it.
    """
    from bot import app as application

    files = (*(data or ()), *(more or ()))
    if not files and not from_history:
        raise UsageError("There is nothing to learn from: give --data FILE or --from-history.")
    options = {"data": files, "base": base, "out": out, "valid": tuple(valid or ()), "resume": resume, "seed": seed}
    options |= {"assistants": tuple(assistant or ()), "languages": tuple(language or ()), "small_talk": small_talk}
    options |= {"steps": steps, "minutes": minutes, "patience": patience, "learning_rate": learning_rate}
    options |= {"lora": lora, "rank": rank, "batch": batch, "accumulate": accumulate, "checkpointing": checkpointing}
    options |= {"questions": questions, "contrast": contrast}
    options |= {"user_weight": user_weight, "device": device, "trackers": tuple(track or ())}
    console = Console(stderr=True)
    settings = application.load_settings(bot)
    with bar(console, "preparing", _words) as report:
        try:
            folder = application.train_text(settings, options, report, say(console), from_history=from_history)
        except KeyboardInterrupt:
            console.print(f"Stopped. The same command with --resume goes on; the run is kept in {out}.")
            raise
    typer.echo(folder)


def _words(progress: Any) -> str:
    validation = f", validation {progress.validation:.3f}" if progress.validation is not None else ""
    return f"step {progress.step:,}: loss {progress.loss:.3f}{validation}, {progress.tokens_per_second:,.0f}/s"
