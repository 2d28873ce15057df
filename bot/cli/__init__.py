"""The command line. Commands are thin: each hands over to what `bot.app` builds."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import HERE, BotFolder
from bot.errors import ParleyError, SettingsError, UsageError
from bot.privacy.redaction import redact

CRASH_FILE = "parley-error.log"


def build() -> typer.Typer:
    """The `parley` command with all of its sub-commands."""
    from bot import logs
    from bot.cli import (
        chat,
        console,
        database,
        evaluate,
        evaluate_images,
        gate,
        imagine,
        knowledge,
        models,
        people,
        playground,
        serve,
        stories,
        train,
        train_image,
        user,
    )

    app = typer.Typer(
        name="parley",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="A self-hosted bot that answers from your own documents and fetches a person when it should.",
    )

    @app.callback()
    def _common(
        context: typer.Context,
        bot: BotFolder = HERE,
        verbose: Annotated[bool, typer.Option("--verbose", help="Log more, for finding faults.")] = False,
    ) -> None:
        logs.configure(serving=context.invoked_subcommand == "serve", verbose=verbose)

    serve.register(app)
    playground.register(app)
    chat.register(app)
    imagine.register(app)
    app.add_typer(knowledge.app, name="knowledge")
    app.add_typer(train.app, name="train")
    gate.register(train.app)
    train_image.register(train.app)
    evaluate_images.register(evaluate.app)
    app.add_typer(evaluate.app, name="evaluate")
    app.add_typer(models.app, name="models")
    stories.register(app)
    app.add_typer(people.conversations, name="conversations")
    app.add_typer(user.app, name="user")
    app.add_typer(database.app, name="db")
    app.add_typer(console.app, name="console")
    return app


def main() -> None:
    """Runs a command; exits 0 on success, 2 on bad use or settings, 1 on failure."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command and returns its exit code; errors are one plain line on stderr."""
    try:
        result = build()(args=arguments, standalone_mode=False)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        return _say(error.format_message(), 2)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except (SettingsError, UsageError) as error:
        return _say(error, 2)
    except ParleyError as error:
        return _say(error, 1)
    except BrokenPipeError:
        return 1
    except Exception as error:
        Path(CRASH_FILE).write_text(redact(traceback.format_exc()), "utf-8")
        return _say(f"Something went wrong inside Parley ({type(error).__name__}); details are in {CRASH_FILE}.", 1)
    return result if isinstance(result, int) else 0


def _say(error: object, code: int) -> int:
    """Help that was shown for want of a command comes as an error without words."""
    if str(error):
        typer.echo(f"parley: {error}", err=True)
    return code
