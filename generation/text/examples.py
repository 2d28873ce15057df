"""From cleaned dialogues to token rows: voices that fill the slots, windows that fit, packing to full context."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from generation.text.dialogues import Dialogue, Turn
from generation.text.layout import Layout, Tokens
from generation.text.voices import Voice, Voices

OVERLAP = 2  # turns of an earlier window that a later one sees again
PERSONA_ROOM = 64  # tokens
PASSAGE_CHARACTERS = 600
PASSAGES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A stretch of conversation in the shape of a prompt; turns before `learn_from` are context only."""

    persona: str
    profile: tuple[str, ...]
    passages: tuple[str, ...]
    turns: tuple[Turn, ...]
    learn_from: int = 0


def windows(dialogues: Iterable[Dialogue], layout: Layout) -> list[Example]:
    """Cuts dialogues into examples that fit the context together with the passages their replies need."""
    return [example for dialogue in dialogues for example in _windows(dialogue, layout)]


def _windows(dialogue: Dialogue, layout: Layout) -> Iterator[Example]:
    room = layout.context - PERSONA_ROOM - sum(len(layout.encode(fact)) + 1 for fact in dialogue.profile)
    window = Example(dialogue.persona, dialogue.profile, (), ())
    used = 0
    for turn in dialogue.turns:
        passages = _new_passages(turn, window.passages)
        cost = len(layout.encode(turn.text)) + 2 + sum(len(layout.encode(text)) + 1 for text in passages)
        if used + cost > room and len(window.turns) > window.learn_from:
            yield window
            kept = window.turns[-OVERLAP:]
            window = replace(window, turns=kept, passages=(), learn_from=len(kept))
            passages = _new_passages(turn, ())
            used = sum(len(layout.encode(earlier.text)) + 2 for earlier in kept)
            cost = len(layout.encode(turn.text)) + 2 + sum(len(layout.encode(text)) + 1 for text in passages)
        used += cost
        window = replace(window, turns=(*window.turns, turn), passages=window.passages + passages)
    if len(window.turns) > window.learn_from:
        yield window


def _new_passages(turn: Turn, known: Sequence[str]) -> tuple[str, ...]:
    texts = [text[:PASSAGE_CHARACTERS] for text in turn.passages[:PASSAGES_AT_ONCE]]
    return tuple(text for text in dict.fromkeys(texts) if text not in known)


def tokens(
    examples: Iterable[Example], layout: Layout, user_weight: float, rng: random.Random, voice: Voice | None = None
) -> Iterator[Tokens]:
    """Each example as ids and loss weights, cut to the context; without `voice` each is told by one of its own."""
    voices = Voices()
    for example in examples:
        told = tell(example, voice or voices.draw(rng), rng)
        made = layout.example(told, told.learn_from, user_weight)
        yield Tokens(made.ids[: layout.context + 1], made.weights[: layout.context + 1])


def tell(example: Example, speaker: Voice, rng: random.Random) -> Example:
    """The example with its slots filled; passages come in any order, as retrieval does not know the right one."""
    passages = list(example.passages)
    rng.shuffle(passages)
    return replace(
        example,
        persona=example.persona or speaker.persona,
        passages=tuple(passages),
        turns=tuple(replace(turn, text=speaker.fill(turn.text)) for turn in example.turns),
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Token ids and loss weights, [N, length + 1]: each row holds the inputs and, one later, the targets."""

    ids: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.ids)


def pack(examples: Sequence[Tokens], length: int, filler: int, rng: random.Random) -> Rows:
    """Whole examples side by side in rows, longest first into the fullest row with room (best-fit decreasing)."""
    order = sorted(range(len(examples)), key=lambda number: (-len(examples[number].ids), rng.random()))
    rows: list[list[int]] = []
    with_room: list[list[int]] = [[] for _ in range(length + 2)]  # row numbers by room left
    for number in order:
        size = len(examples[number].ids)
        room = next((room for room in range(size, length + 2) if with_room[room]), None)
        row = with_room[room].pop() if room is not None else len(rows)
        if room is None:
            rows.append([])
            room = length + 1
        rows[row].append(number)
        with_room[room - size].append(row)
    rng.shuffle(rows)
    ids = torch.full((len(rows), length + 1), filler, dtype=torch.long)
    weights = torch.zeros(len(rows), length + 1)
    for row, members in enumerate(rows):
        rng.shuffle(members)
        start = 0
        for number in members:
            end = start + len(examples[number].ids)
            ids[row, start:end] = torch.tensor(examples[number].ids)
            weights[row, start:end] = torch.tensor(examples[number].weights)
            start = end
    return Rows(ids, weights)
