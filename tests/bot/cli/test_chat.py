"""`parley chat` and `parley ask`."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from bot.cli import run
from bot.cli.chat import Chat, printable, source_lines
from bot.messages import Citation, Reply

SECONDS = 90
CITATION = Citation("p_1", "Shipping › Costs", "shipping.md#costs", "It costs €4.95.")


def reply(text: str, **values: object) -> Reply:
    return Reply("c1", "m1", text, "answer", 0.9, "en", **values)  # type: ignore[arg-type]


class Scripted:
    """A bot that says what it is told to say, and remembers what it heard."""

    def __init__(self, *parts: str | Reply) -> None:
        self._parts = parts
        self.heard: list[tuple[str, str]] = []

    async def say(self, text: str, *, user: str, conversation: str) -> AsyncGenerator[str | Reply, None]:
        self.heard.append((text, conversation))
        for part in self._parts:
            yield part


def talked(bot: Scripted, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Runs a chat in which the customer types these lines and then ends the input."""
    typed = iter(lines)

    def read(prompt: str = "") -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    with start_blocking_portal() as portal:
        Chat(portal, bot, "ann", "c1").run("Larkfell")


def test_words_are_shown_once_with_their_sources(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Scripted("It costs ", reply("It costs €4.95.", citations=(CITATION, CITATION)))

    talked(bot, monkeypatch, "how much?")

    out = capsys.readouterr().out
    assert out.count("It costs €4.95.") == 1
    assert out.count("[1] Shipping › Costs (shipping.md#costs)") == 1
    assert "[2]" not in out
    assert bot.heard == [("how much?", "c1")]


def test_a_reply_that_differs_from_its_first_words_is_shown_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    talked(Scripted("Maybe it ", reply("I do not know that.")), monkeypatch, "how much?")

    assert "Maybe it \nI do not know that.\n" in capsys.readouterr().out


def test_quick_replies_are_numbered_and_chosen_by_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Scripted(reply("Shall I?", quick_replies=("Talk to a person", "No, thanks")))

    talked(bot, monkeypatch, "help me", "2", "7")

    assert re.search(r"1 Talk to a person\n +2 No, thanks", capsys.readouterr().out)
    assert [text for text, _ in bot.heard] == ["help me", "No, thanks", "7"]


def test_commands_of_the_chat_do_not_reach_the_bot_and_others_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Scripted(reply("Yes.", citations=(CITATION,)))

    talked(bot, monkeypatch, "/help", "/sources", "", "hi", "/sources", "/new", "/human", "/quit", "never said")

    out = capsys.readouterr().out
    assert "/quit" in out
    assert "The last reply has no sources." in out
    assert "“It costs €4.95.”" in out
    assert [text for text, _ in bot.heard] == ["hi", "/human"]
    assert bot.heard[0][1] != bot.heard[1][1]
    assert out.endswith("Goodbye.\n")


def test_markup_and_control_characters_of_a_reply_are_shown_as_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    talked(Scripted(reply("[bold]x[/] \x1b[2J\x07 end")), monkeypatch, "hi")

    assert "[bold]x[/] [2J end" in capsys.readouterr().out
    assert printable("a\tb\nc\x1b\x9bd") == "a\tb\ncd"


def test_each_place_is_named_once() -> None:
    other = Citation("p_2", "Shipping › Costs", "shipping.md#costs", "Per order.")

    assert source_lines(reply("x", citations=(CITATION, other))) == ["  [1] Shipping › Costs (shipping.md#costs)"]


def test_ask_prints_the_reply_object(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    question = ["ask", "How much does standard shipping to Germany cost?", "--user", "ann", "--conversation", "c7"]

    assert run(["--bot", str(shop), *question, "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert {"conversation_id", "message_id", "text", "route", "confidence", "language", "citations", "trace_id"} <= set(
        answer
    )
    assert (answer["conversation_id"], answer["language"], answer["route"]) == ("c7", "en", "answer")
    assert "4.95" in answer["text"]
    assert answer["citations"][0]["source"].startswith("shipping.md")


def test_ask_prints_text_and_sources(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    assert run(["--bot", str(shop), "ask", "支持支付宝吗？"]) == 0

    out = capsys.readouterr().out
    assert "支付宝" in out
    assert "[1] 付款方式" in out


@contextmanager
def chatting(shop: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real chat on a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", "chat", "--bot", str(shop)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def shown(terminal: int, until: str) -> str:
    """What is shown until a text appears or the terminal closes."""
    text = ""
    deadline = time.monotonic() + SECONDS
    while until not in text:
        assert select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0], f"only: {text}"
        try:
            text += os.read(terminal, 4096).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:
            break
    return text


@pytest.mark.parametrize("leave", [b"\x04", signal.SIGINT], ids=["Ctrl-D", "Ctrl-C"])
def test_a_real_chat_answers_and_is_left_politely(shop: Path, leave: bytes | signal.Signals) -> None:
    with chatting(shop) as (process, terminal):
        shown(terminal, "> ")
        os.write(terminal, b"When is the store open on Saturday?\n")
        answer = shown(terminal, "\n> ")
        assert "17:30" in answer
        assert "store-and-contact.md" in answer

        if isinstance(leave, signal.Signals):
            while not select.select([terminal], [], [], 1.0)[0]:  # a signal may come before readline listens for it
                process.send_signal(leave)
        else:
            os.write(terminal, leave)

        assert "Goodbye." in shown(terminal, "Goodbye.")
        assert process.wait(SECONDS) == 0
