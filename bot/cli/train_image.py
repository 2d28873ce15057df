"""`parley train image`: a picture generator of one's own, from one's own pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from bot.cli.progress import bar, say

SHOWN = ("critic", "generator", "reconstruction", "KL")
"""Losses that the progress bar has room for; all of them are in OUT/run/losses.csv."""


def register(train: typer.Typer) -> None:
    train.command("image")(image)


def image(
    data: Annotated[
        Path,
        typer.Option("--data", exists=True, help="A folder of pictures (sub-folders or labels.csv), .zip or .npz."),
    ],
    size: Annotated[Literal["32", "64", "128", "256"], typer.Option("--size", help="Pixels a side.")],
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="The folder of the finished model.")],
    kind: Annotated[
        Literal["gan", "dcgan", "vae"], typer.Option("--kind", help="dcgan is the reference to compare a gan with.")
    ] = "gan",
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="End after so many steps.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.01, help="End after so long.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")] = False,
    grey: Annotated[bool | None, typer.Option("--grey/--colour", help="By default grey if all pictures are.")] = None,
    large: Annotated[
        bool | None, typer.Option("--large/--small", help="By default large networks on a GPU, small ones elsewhere.")
    ] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=2, help="Pictures of one step.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", min=1e-6, max=1.0, help="In the beginning.")
    ] = None,
    objective: Annotated[
        Literal["relativistic", "non-saturating", "minimax", "hinge"] | None,
        typer.Option(
            "--objective", help="The game of gan (relativistic) and dcgan (non-saturating: minimax as taught)."
        ),
    ] = None,
    penalty: Annotated[
        float | None, typer.Option("--penalty", min=0.0, help="Weight of R1 and R2 in the beginning.")
    ] = None,
    kl_weight: Annotated[float, typer.Option("--kl-weight", min=0.0, help="λ, of the divergence of a vae.")] = 1.0,
    augment: Annotated[
        str | None,
        typer.Option(
            "--augment", metavar="NAMES", help="For the critic: colour,translation,cutout; none; or as it fits."
        ),
    ] = None,
    mirror: Annotated[
        bool, typer.Option("--mirror/--no-mirror", help="See half of the pictures with left and right exchanged.")
    ] = True,
    colours: Annotated[
        bool, typer.Option("--colours/--no-colours", help="Make the colour of what a picture shows one of its tags.")
    ] = True,
    tag_dropout: Annotated[
        float, typer.Option("--tag-dropout", min=0.0, max=0.9, help="How often a tag is hidden.")
    ] = 0.15,
    samples_every: Annotated[int, typer.Option("--samples-every", min=1, help="Steps from grid to grid.")] = 500,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[
        Literal["auto", "bf16", "fp32"], typer.Option("--precision", help="auto: bf16 where it is fast.")
    ] = "auto",
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="CPU cores to use.")] = None,
    track: Annotated[list[str] | None, typer.Option("--track", help="tensorboard or wandb; repeatable.")] = None,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Measure the finished model, which takes some minutes.")
    ] = True,
    seed: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Trains a generator on pictures, whose sub-folders, labels and colours become the tags that it can be asked for.

    Samples, losses and the state to resume from are in OUT/run, the report is OUT/report.html; `parley models promote
    OUT` lets the bot draw with it.
    """
    from bot import app as application

    options: dict[str, Any] = {"kind": kind, "data": data, "size": int(size), "out": out, "resume": resume}
    options |= {"steps": steps, "minutes": minutes, "samples_every": samples_every, "seed": seed}
    options |= {"channels": None if grey is None else (1 if grey else 3), "large": large, "batch": batch}
    options |= {"learning_rate": learning_rate, "objective": objective, "penalty": penalty, "kl_weight": kl_weight}
    options |= {"policies": None if augment is None else tuple(name for name in augment.split(",") if name != "none")}
    options |= {"mirror": mirror, "colours": colours, "tag_dropout": tag_dropout, "trackers": tuple(track or ())}
    options |= {"device": device, "precision": precision, "threads": threads, "report": report}
    console = Console(stderr=True)
    with bar(console, "reading the pictures", _words) as progress:
        try:
            folder = application.train_image(options, progress, say(console))
        except KeyboardInterrupt:
            console.print(f"Stopped. The same command with --resume goes on; the run is kept in {out}.")
            raise
    typer.echo(folder)


def _words(progress: Any) -> str:
    losses = ", ".join(f"{name} {progress.losses[name]:.3g}" for name in SHOWN if name in progress.losses)
    return f"step {progress.step:,}: {losses}, {progress.pictures_per_second:,.0f}/s"
