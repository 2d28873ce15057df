"""`parley models`: which language model serves, and changing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.options import HERE, AsJson, BotFolder, print_json

if TYPE_CHECKING:
    from bot.promotion.comparison import Verdict

app = typer.Typer(no_args_is_help=True, help="Which language model serves, where it comes from, how good it is.")

SHOWN = ("reply_perplexity", "response_r1", "groundedness")


@app.command("list")
def list_models(bot: BotFolder = HERE, as_json: AsJson = False) -> None:
    """The model of the settings and those that were promoted, with their lineage and scores."""
    from bot import app as application

    models = application.list_models(application.load_settings(bot))
    if as_json:
        print_json(models)
        return
    table = Table("", "model", "promoted", "from", "learnt from", *SHOWN, "stories")
    for model in models:
        scores = model.get("scores", {})
        table.add_row(
            "serves" if model["serving"] else "",
            model["id"],
            model.get("promoted_at", "")[:16],
            model.get("base", ""),
            f"{model['conversations']:,} conversations" if "conversations" in model else "",
            *(f"{scores[name]:.3g}" if name in scores else "" for name in SHOWN),
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
    on a story (stories/). A running `parley serve` changes over by itself."""
    from bot import app as application

    console = Console(stderr=True)

    def tell(verdict: Verdict) -> None:
        table = Table("score", "new", "current", "must be", "")
        for row in verdict.rows:
            sign = "≥" if row.higher_is_better else "≤"
            outcome = "[green]ok[/]" if row.holds else "[red]worse[/]"
            table.add_row(row.score, f"{row.new:.4g}", f"{row.current:.4g}", f"{sign} {row.limit:.4g}", outcome)
        console.print(table)

    promoted = application.promote(application.load_settings(bot), folder, tell, say=console.print)
    if as_json:
        print_json({"id": promoted.id, "scores": promoted.scores, "stories": promoted.stories, "base": promoted.base})
    else:
        typer.echo(f"{promoted.id} serves from now on; `parley models rollback` goes back.")


@app.command()
def rollback(bot: BotFolder = HERE) -> None:
    """Goes back to the model that served before."""
    from bot import app as application

    typer.echo(f"{application.rollback(application.load_settings(bot))} serves again.")
