"""Conversations to learn from and to measure with, and their split by conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """`passages` are the texts that an assistant's turn is based on."""

    role: Role
    text: str
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`persona` and `profile` are facts of the assistant and of the user where the data names them.

    `language` is empty where the data does not say. `customers` and `agents` are the names of the people who wrote,
    `published` says that the assistant's words were written for everybody (a FAQ), with the shop's own addresses.
    """

    id: str
    source: str
    language: str
    turns: tuple[Turn, ...]
    persona: str = ""
    profile: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    published: bool = False


def split(dialogues: Iterable[Dialogue], share: float) -> tuple[list[Dialogue], list[Dialogue]]:
    """Training and validation dialogues; which one goes where depends on its id alone.

    Where that would leave none of several for validation, the one whose place is lowest goes there.
    """
    known = list(dialogues)
    places = [_place(dialogue.id) for dialogue in known]
    if len(known) > 1:
        share = max(share, min(places) + 2**-32)
    training = [dialogue for place, dialogue in zip(places, known, strict=True) if place >= share]
    validation = [dialogue for place, dialogue in zip(places, known, strict=True) if place < share]
    return training, validation


def _place(dialogue_id: str) -> float:
    """A number from 0 to 1 that only the id decides."""
    return int.from_bytes(hashlib.sha256(dialogue_id.encode()).digest()[:4], "big") / 2**32
