"""What a language model may learn from stored conversations: a conversation's export as rows of training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.privacy.redaction import redact

LEARNT_ROUTES = frozenset({"answer", "chat"})
"""Replies of other routes are fixed texts, or say that the bot does not know."""


def rows(export: Mapping[str, Any], customer: str | None) -> Iterator[dict[str, Any]]:
    """The passages of a conversation's answers, then the conversation itself, if there is a reply to learn from.

    Operators' replies are learnt, and the bot's own answers and small talk unless a customer rated them down.
    `customer` is the name to be taken out of the words. Personal values are redacted in what customers and operators
    wrote; what the bot has said and quoted comes from documents that everybody may read.
    """
    disliked = {rating["message_id"] for rating in export["feedback"] if rating["score"] < 0}
    turns: list[dict[str, Any]] = []
    passages: dict[str, str] = {}
    for message in export["messages"]:
        if message["role"] == "user":
            turns.append({"role": "user", "text": redact(message["text"])})
        elif _is_learnt(message) and message["id"] not in disliked:
            quotes = {f"{message['id']}:{place}": cited["quote"] for place, cited in enumerate(message["citations"])}
            passages |= quotes
            words = redact(message["text"]) if message["role"] == "operator" else message["text"]
            turns.append({"role": "assistant", "text": words, "knowledge": list(quotes)})
    if any(turn["role"] == "assistant" for turn in turns):
        yield from ({"id": name, "text": text} for name, text in passages.items())
        yield {"id": export["conversation"]["id"], "source": "history", "customers": [customer or ""], "turns": turns}


def _is_learnt(message: Mapping[str, Any]) -> bool:
    return message["role"] == "operator" or message["route"] in LEARNT_ROUTES
