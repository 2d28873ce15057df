"""A turn: the messages that are to be answered, and what the pipeline makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.messages.conversations import Conversation, ConversationState, Message, Route
from bot.messages.parts import Attachment, Citation, Utterance
from bot.messages.people import NewFact


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture that the bot has made: `digest` is the SHA-256 of its file, `url` where `Files` keeps it.

    `model` names the generator and its weights, `tags` what was asked for, `sources` the urls of the photos it was
    made from.
    """

    digest: str
    url: str
    model: str
    kind: str
    seed: int
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewWithheld:
    """Words that moderation has stopped: a customer's (`in`, with their message) or the bot's own (`out`).

    `label` is `word` for a listed word, otherwise what the classifier takes it for, with the probability `score`.
    """

    direction: Literal["in", "out"]
    text: str
    label: str
    score: float
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the pipeline decided to say, before it is stored.

    `confidence` is a calibrated probability that the reply is right. `quick_replies` are texts that the
    customer may send with one tap. `state` is the conversation's next state, None to leave it.
    `chosen_language` is the one that the customer asked for, empty for the one that they write, None to leave it.
    `learned` are new facts of the customer, `ended` the ids of those that no longer hold, `drawn` the pictures made:
    they are stored together with the reply, and so is what was `withheld`.
    `consent` is put before the text if nothing was put there for this person yet.
    `trace` says why (plain JSON values): passages and scores, checks, model, times of the stages.
    """

    text: str
    route: Route
    confidence: float
    language: str
    citations: tuple[Citation, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    quick_replies: tuple[str, ...] = ()
    state: ConversationState | None = None
    chosen_language: str | None = None
    learned: tuple[NewFact, ...] = ()
    ended: tuple[str, ...] = ()
    drawn: tuple[NewPicture, ...] = ()
    withheld: tuple[NewWithheld, ...] = ()
    consent: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one reply: valid while no later claim has raised the conversation's fence."""

    conversation_id: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The unhandled messages of a claimed conversation, oldest first, and the history before them.

    `attempts` counts earlier claims that ended without a reply, as when a process was killed at it.
    """

    claim: Claim
    conversation: Conversation
    messages: tuple[Message, ...]
    history: tuple[Message, ...] = ()
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A turn as a skill sees it: what is wanted, in which language, after which conversation.

    `text` is the turn's messages joined by line breaks and cleaned; `kind` is the intent's finer name
    (`greeting`, or a command's name) and `argument` what follows a command. `learned` is what the turn itself tells
    of the customer; what was known before is in `Facts`.
    """

    turn: Turn
    text: str
    language: str
    history: tuple[Utterance, ...] = ()
    kind: str = ""
    argument: str = ""
    learned: tuple[NewFact, ...] = ()
