"""What can be shown, what is looked for, and what a language model is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.messages.parts import Utterance


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be shown; `heading` is the path of headings above it.

    `source` is what a person can open or find: a link, or the file's name. `position` is the passage's
    place in its document, from 0 on. `title` names it (document and heading, or the question of an entry).
    """

    id: str
    title: str
    text: str
    source: str
    document_id: str = ""
    heading: tuple[str, ...] = ()
    position: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file or entry of the knowledge base; `digest` changes when its content does."""

    id: str
    name: str
    source: str
    digest: str
    passages: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked up: the last words of the customer and the conversation before them, oldest first.

    `conversation` is its id, empty for questions that belong to none.
    """

    text: str
    history: tuple[Utterance, ...] = ()
    language: str | None = None
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a query, best first; `features` are the scores that made its `score`."""

    passage: Passage
    score: float
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is given, part by part; how the parts become tokens is the model's own layout.

    `profile` is what is known of the customer, and what was said earlier, beyond the turns. `turns` are oldest first
    and end with the customer's words that are to be answered.
    """

    persona: str = ""
    profile: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    turns: tuple[Utterance, ...] = ()
