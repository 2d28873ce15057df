"""What a run learns from and what it is examined on, as batches of token rows."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from generation.text.dialogues import Dialogue
from generation.text.examples import Rows, pack, tokens, windows
from generation.text.layout import Layout
from generation.text.model import GPT2
from generation.text.quotes import ask, read_quotes
from generation.text.small_talk import read_topics, small_talk
from generation.text.voices import Voice

EXAMINED = 60  # dialogues of each set
ROWS = 8  # examined at once


def batch_loss(model: nn.Module, ids: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum of losses (nats) on rows [B, T + 1]; logits are computed only where a word counts."""
    counts = weights[:, 1:] > 0
    with torch.autocast(ids.device.type, torch.bfloat16):
        hidden = model(ids[:, :-1])
        logits = model.logits(hidden[counts])  # type: ignore[operator]
        losses = F.cross_entropy(logits.float(), ids[:, 1:][counts], reduction="none")
    return (losses * weights[:, 1:][counts]).sum()


class Lesson:
    """The batches of a run: which rows step n sees depends on the seed and n alone.

    Each pass mixes in `talks` conversations of small talk and `questions` conversations about the passages. With
    `voice` the dialogues are told by this persona, else each by one of its own; `user_weight` is how much the
    customer's words count beside 1 for the assistant's.
    """

    def __init__(
        self,
        dialogues: Sequence[Dialogue],
        layout: Layout,
        *,
        rows: int,
        talks: int,
        user_weight: float,
        seed: int,
        voice: Voice | None = None,
        passages: Sequence[str] = (),
        questions: int = 0,
    ) -> None:
        self._layout = layout
        self._batch = rows
        self._talks = talks
        self._user_weight = user_weight
        self._seed = seed
        self._voice = voice
        self._examples = windows(dialogues, layout)
        self._topics = read_topics()
        self._passages = passages
        self._quotes = read_quotes(passages) if questions else []
        self._questions = questions
        self._pass = -1
        self._rows: Rows
        self._first_step = 0
        self._steps = 0
        self._turn_page(0)

    def steps_per_pass(self) -> int:
        return self._steps

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Ids and weights, [rows, T + 1]."""
        while step < self._first_step:
            self._pass, self._first_step = -1, 0
            self._turn_page(0)
        while step >= self._first_step + self._steps:
            self._first_step += self._steps
            self._turn_page(self._pass + 1)
        start = (step - self._first_step) * self._batch
        rows = slice(start, start + self._batch)
        return self._rows.ids[rows], self._rows.weights[rows]

    def _turn_page(self, number: int) -> None:
        rng = random.Random(f"{self._seed}:{number}")
        talk = small_talk(self._topics, self._talks, rng)
        talk += ask(self._quotes, self._passages, self._topics, self._questions, rng)
        made = list(tokens(self._examples, self._layout, self._user_weight, rng, self._voice))
        made += tokens(windows(talk, self._layout), self._layout, self._user_weight, rng)
        self._rows = pack(made, self._layout.context, self._layout.end_id, rng)
        self._steps = -(-len(self._rows) // self._batch)
        self._pass = number


class Exam:
    """Validation on dialogues that training never sees: on the assistant's words, or on `everybody`'s."""

    def __init__(
        self, dialogues: Sequence[Dialogue], layout: Layout, *, everybody: bool = False, voice: Voice | None = None
    ) -> None:
        self._layout = layout
        self._by_source: dict[str, Rows] = {}
        self._words: dict[str, int] = {}
        for source in sorted({dialogue.source for dialogue in dialogues}):
            chosen = [dialogue for dialogue in dialogues if dialogue.source == source][:EXAMINED]
            rng = random.Random(source)
            made = list(tokens(windows(chosen, layout), layout, float(everybody), rng, voice))
            self._by_source[source] = pack(made, layout.context, layout.end_id, rng)
            counted = [turn for dialogue in chosen for turn in dialogue.turns if everybody or turn.role != "user"]
            self._words[source] = sum(len(turn.text.split()) for turn in counted)

    def loss(self, model: nn.Module) -> float:
        """Nats per token, the mean over the sets."""
        losses = [total / count for total, count in (_total(model, rows) for rows in self._by_source.values()) if count]
        return sum(losses) / max(len(losses), 1)

    def perplexities(self, model: GPT2) -> dict[str, tuple[float, float]]:
        """By set, perplexity per token and per word (words by white space)."""
        found: dict[str, tuple[float, float]] = {}
        for source, rows in self._by_source.items():
            total, count = _total(model, rows)
            if count:
                found[source] = math.exp(total / count), math.exp(total / max(self._words[source], 1))
        return found


@torch.no_grad()
def _total(model: nn.Module, rows: Rows) -> tuple[float, float]:
    device = next(model.parameters()).device
    total = count = 0.0
    for start in range(0, len(rows), ROWS):
        ids, weights = (part[start : start + ROWS].to(device) for part in (rows.ids, rows.weights))
        total += float(batch_loss(model, ids, weights))
        count += float(weights[:, 1:].sum())
    return total, count
