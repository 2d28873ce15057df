"""`parley chat` and `parley ask`: the bot in the terminal, through the same way as every other channel."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
import unicodedata
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console

from bot.cli.options import HERE, AsJson, BotFolder, print_json
from bot.cli.preview import half_blocks
from bot.messages import Reply

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from bot.settings import Settings


class Terminal(Protocol):
    """The bot's end of the talk: words of the reply while they are made, then the reply."""

    def say(self, text: str, *, user: str, conversation: str) -> AsyncGenerator[str | Reply, None]: ...


COMMANDS = {
    "/help": "this list",
    "/sources": "the sentences that the last answer rests on",
    "/new": "begin a new conversation",
    "/image": "have a picture made, such as /image red dress",
    "/human": "ask for a person",
    "/quit": "leave (or Ctrl-D)",
}


def register(app: typer.Typer) -> None:
    app.command()(chat)
    app.command()(ask)


User = Annotated[str | None, typer.Option("--user", metavar="ID", help="Who is asking; by default the system's user.")]
Conversation = Annotated[
    str | None, typer.Option("--conversation", metavar="ID", help="Goes on with this conversation; else a new one.")
]


def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="One message.")],
    bot: BotFolder = HERE,
    user: User = None,
    conversation: Conversation = None,
    as_json: AsJson = False,
) -> None:
    """Sends one message through the whole bot and prints the reply."""
    from bot import app as application

    settings = application.load_settings(bot)
    reply = asyncio.run(_ask(settings, text, user or _user(), conversation or _new_conversation()))
    if as_json:
        print_json(asdict(reply))
    else:
        typer.echo(printable(reply.text))
        for choice in reply.quick_replies:
            typer.echo(printable(f"- {choice}"))
        for line in (*source_lines(reply), *file_lines(reply)):
            typer.echo(line)


def chat(bot: BotFolder = HERE, user: User = None, conversation: Conversation = None) -> None:
    """Talks in the terminal; /help shows what can be done."""
    from anyio.from_thread import start_blocking_portal

    from bot import app as application
    from bot.app.terminal import open_terminal

    settings = application.load_settings(bot)
    with suppress(ImportError):
        import readline  # noqa: F401 -- gives input() its editing and history
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_terminal(settings)) as terminal,
    ):
        talk = Chat(portal, terminal, user or _user(), conversation or _new_conversation())
        talk.run(settings.bot.name)


async def _ask(settings: Settings, text: str, user: str, conversation: str) -> Reply:
    from bot.app.terminal import open_terminal

    async with open_terminal(settings) as terminal:
        async for part in terminal.say(text, user=user, conversation=conversation):
            if isinstance(part, Reply):
                return part
    raise AssertionError("a reply always comes last")


class Chat:
    """Reads lines on this thread, so that Ctrl-C and line editing work as ever; the bot runs on another."""

    def __init__(self, portal: BlockingPortal, terminal: Terminal, user: str, conversation: str) -> None:
        self._portal = portal
        self._terminal = terminal
        self._user = user
        self._conversation = conversation
        self._console = Console(highlight=False, soft_wrap=True)
        self._last: Reply | None = None

    def run(self, name: str) -> None:
        """Until /quit, Ctrl-C or the end of the input."""
        self._console.print(f"You are talking to [bold]{name}[/]. /help shows the commands.", style="dim")
        with suppress(KeyboardInterrupt, EOFError):
            while (text := self._read()) != "/quit":
                if text:
                    self._handle(text)
        self._console.print("Goodbye.", style="dim")

    def _read(self) -> str:
        text = input("\n> " if sys.stdin.isatty() else "").strip()
        choices = self._last.quick_replies if self._last else ()
        if text.isdecimal() and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1]
        return text

    def _handle(self, text: str) -> None:
        if text == "/help":
            for command, meaning in COMMANDS.items():
                self._console.print(f"  [bold]{command:<10}[/]{meaning}")
        elif text == "/sources":
            self._show_sources()
        elif text == "/new":
            self._conversation, self._last = _new_conversation(), None
            self._console.print("A new conversation.", style="dim")
        else:
            self._last = self._show(self._say(text))

    def _say(self, text: str) -> Iterator[str | Reply]:
        parts = self._terminal.say(text, user=self._user, conversation=self._conversation)
        with suppress(StopAsyncIteration):
            while True:
                yield self._portal.call(anext, parts)

    def _show(self, parts: Iterator[str | Reply]) -> Reply:
        """Words as they come; what was shown ends as the reply, whatever the words were."""
        shown = ""
        for part in parts:
            if isinstance(part, Reply):
                rest = part.text.removeprefix(shown)
                self._print(rest if part.text.startswith(shown) else f"\n{part.text}", end="\n")
                self._show_endings(part)
                return part
            shown += part
            self._print(part)
        raise AssertionError("a reply always comes last")

    def _show_endings(self, reply: Reply) -> None:
        for attachment in reply.attachments:
            self._show_picture(Path(attachment.url))
        for line in source_lines(reply):
            self._console.print(line, style="dim", markup=False)
        for number, choice in enumerate(reply.quick_replies, 1):
            self._console.print(f"  [bold]{number}[/] ", end="")
            self._print(choice, end="\n")

    def _show_picture(self, path: Path) -> None:
        if self._console.is_terminal and path.is_file() and (preview := half_blocks(path.read_bytes())):
            self._console.print(preview)
        self._console.print(f"  {path}", style="dim", markup=False)

    def _show_sources(self) -> None:
        citations = self._last.citations if self._last else ()
        if not citations:
            self._console.print("The last reply has no sources.", style="dim")
        for number, citation in enumerate(citations, 1):
            self._console.print(f"[{number}] {printable(citation.title)} ({citation.source})", markup=False)
            self._console.print(f"    “{printable(citation.quote)}”", style="dim", markup=False)

    def _print(self, text: str, end: str = "") -> None:
        self._console.print(printable(text), end=end, markup=False)


def source_lines(reply: Reply) -> list[str]:
    """One line for each place that the reply rests on."""
    places = dict.fromkeys((printable(citation.title), citation.source) for citation in reply.citations)
    return [f"  [{number}] {title} ({source})" for number, (title, source) in enumerate(places, 1)]


def file_lines(reply: Reply) -> list[str]:
    """One line for each file of the reply."""
    return [f"  {printable(attachment.url)}" for attachment in reply.attachments]


def printable(text: str) -> str:
    """Without control characters, with which a text could take over a terminal."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _user() -> str:
    with suppress(KeyError, OSError, ImportError):
        return getpass.getuser()
    return "terminal"


def _new_conversation() -> str:
    return f"terminal-{secrets.token_urlsafe(9)}"
