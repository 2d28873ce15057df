"""Buttons under messages: a letter, a reply's id and a number in at most 64 bytes; what they mean is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.messages import Reply
from bot.protocols import Texts

Action = Literal["q", "s", "o"]
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Button:
    """`q` says a quick reply, `s` lists the sources, `o` sends an original picture; `index` counts from 0."""

    action: Action
    message_id: str
    index: int = 0

    def data(self) -> str:
        return f"s:{self.message_id}" if self.action == "s" else f"{self.action}:{self.message_id}:{self.index}"


def parse(data: str) -> Button | None:
    """The button of the data that `Button.data` gave; None for any other text."""
    action, _, rest = data.partition(":")
    if action == "s" and rest:
        return Button("s", rest)
    message_id, _, index = rest.rpartition(":")
    if action in ("q", "o") and message_id and index.isascii() and index.isdigit() and len(index) < 4:
        return Button("q" if action == "q" else "o", message_id, int(index))
    return None


def under_text(reply: Reply, texts: Texts) -> InlineKeyboardMarkup | None:
    """Quick replies one below the other, then the sources; None where a reply has neither."""
    rows = [[_button(label, Button("q", reply.message_id, index))] for index, label in enumerate(reply.quick_replies)]
    if reply.citations:
        rows.append([_button(texts.text("sources_button", reply.language), Button("s", reply.message_id))])
    return InlineKeyboardMarkup(rows) if rows else None


def under_picture(reply: Reply, index: int, texts: Texts) -> InlineKeyboardMarkup:
    """The way to the picture as it was made: Telegram shows it compressed."""
    label = texts.text("original_button", reply.language)
    return InlineKeyboardMarkup([[_button(label, Button("o", reply.message_id, index))]])


def _button(label: str, button: Button) -> InlineKeyboardButton:
    shown = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
    return InlineKeyboardButton(shown, callback_data=button.data())
