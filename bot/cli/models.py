"""`parley models`: which language model and which generators of pictures serve, and changing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

if TYPE_CHECKING:
    from bot.promotion.comparison import Verdict

app = typer.Typer(no_args_is_help=True, help="Which models serve, where they come from, how good they are.")

SHOWN = ("reply_perplexity", "response_r1", "groundedness", "fid", "coverage", "tag_accuracy", "psnr")


@app.command("list")
def list_models(bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """The models of the settings and those that were promoted, with their lineage and scores."""
    from bot import app as application

    models = application.list_models(application.load_settings(bot))
    if as_json:
        print_json(models)
        return
    table = Table("", "kind", "model", "promoted", "from", "learnt from", "scores", "stories")
    for model in models:
        scores = model.get("scores", {})
        table.add_row(
            "serves" if model["serving"] else "",
            model["kind"],
            model["id"] or "off",
            model.get("promoted_at", "")[:16],
            model.get("base", ""),
            f"{model['conversations']:,} conversations" if "conversations" in model else "",
            ", ".join(f"{name} {scores[name]:.3g}" for name in SHOWN if name in scores),
            model.get("stories", ""),
        )
    Console().print(table)


@app.command()
def promote(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="A trained model.")],
    bot: BotFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Makes the bot speak with a model, unless it is worse than the current one on the frozen test set (evaluation/) or
    on a story (stories/); or draw with a generator, unless its figures are worse. A running `parley serve` changes over
    by itself."""
    from bot import app as application

    console = Console(stderr=True)

    def tell(verdict: Verdict) -> None:
        table = Table("score", "new", "current", "must be", "")
        for row in verdict.rows:
            sign = "≥" if row.higher_is_better else "≤"
            outcome = "[green]ok[/]" if row.holds else "[red]worse[/]"
            table.add_row(row.score, f"{row.new:.4g}", f"{row.current:.4g}", f"{sign} {row.limit:.4g}", outcome)
        if verdict.rows:
            console.print(table)

    promoted = application.promote(application.load_settings(bot), folder, tell, say=console.print)
    if as_json:
        print_json({"id": promoted.id, "scores": promoted.scores, "stories": promoted.stories, "base": promoted.base})
    else:
        typer.echo(f"{promoted.id} serves from now on; `parley models rollback` goes back.")


@app.command()
def rollback(
    bot: BotFolder = HERE,
    kind: Annotated[
        Literal["text", "gan", "vae"] | None, typer.Option(help="By default the kind that was promoted last.")
    ] = None,
) -> None:
    """Goes back to the model that served before."""
    from bot import app as application

    typer.echo(f"{application.rollback(application.load_settings(bot), kind)} serves again.")
