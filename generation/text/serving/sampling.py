"""From logits to the next token: pure functions, each row of a batch with its own settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

COLDEST = 1e-3  # below it the likeliest token is taken, and division stays within what floats hold
UNUSABLE = -1  # stands for the token of a row whose logits are not numbers


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one request's tokens are chosen; temperature 0 takes the likeliest, top_k 0, top_p 1 and min_p 0 cut nothing.

    Of the `top_k` likeliest tokens, the fewest that reach `top_p` together (Holtzman et al., 2020, "The Curious
    Case of Neural Text Degeneration") and those at least `min_p` as likely as the likeliest one (Nguyen et al., 2024,
    "Turning Up the Heat") may be drawn. `repetition_penalty` (Keskar et al., 2019, "CTRL"), 1 or more, counts
    against tokens that the reply already has.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.9
    repetition_penalty: float = 1.0
    min_p: float = 0.0

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is taken."""
        return self.temperature < COLDEST


def choose(logits: Tensor, settings: Sequence[Sampling], said: Tensor, draws: Tensor) -> Tensor:
    """The next token of each row of `logits` [B, vocabulary], [B]; UNUSABLE where they are no numbers.

    `said` [B, n] has the tokens of each reply so far, filled up with -1; `draws` [B] are uniform in [0, 1).
    The same row, settings and draw give the same token whatever else is in the batch.
    """
    scores = logits.float()
    if said.shape[1] and any(row.repetition_penalty != 1 for row in settings):
        scores = penalise(scores, said, _columns(tuple(settings), logits.device).penalty)
    groups: dict[int, list[int]] = {}
    for number, row in enumerate(settings):
        groups.setdefault(_candidates(row, logits.shape[-1]), []).append(number)
    if len(groups) == 1:
        return _choose_among(scores, next(iter(groups)), tuple(settings), draws)
    chosen = torch.empty(len(settings), dtype=torch.long, device=logits.device)
    for count, numbers in groups.items():
        rows = torch.tensor(numbers).to(logits.device, non_blocking=True)
        chosen[rows] = _choose_among(scores[rows], count, tuple(settings[number] for number in numbers), draws[rows])
    return chosen


def penalise(scores: Tensor, said: Tensor, penalties: Tensor) -> Tensor:
    """Scores [B, vocabulary] with those of the `said` tokens [B, n] lowered; -1 stands for no token."""
    known = scores.gather(1, said.clamp(min=0))
    lowered = torch.where(known > 0, known / penalties[:, None], known * penalties[:, None])
    return scores.scatter_reduce(1, said.clamp(min=0), torch.where(said < 0, known, lowered), "amin")


def _candidates(row: Sampling, vocabulary: int) -> int:
    """How many of the likeliest tokens have to be looked at: few, as sorting them all takes longer than the model."""
    if row.greedy:
        return 1
    return row.top_k if 0 < row.top_k < vocabulary else vocabulary


class _Columns(NamedTuple):
    """The settings of a batch, each [B]."""

    temperature: Tensor
    top_p: Tensor
    min_p: Tensor
    penalty: Tensor


@lru_cache(maxsize=64)
def _columns(settings: tuple[Sampling, ...], device: torch.device) -> _Columns:
    """Batches stay the same for many steps."""
    rows = [(row.temperature, row.top_p, row.min_p, row.repetition_penalty) for row in settings]
    return _Columns(*torch.tensor(rows, device=device).unbind(1))


def _choose_among(scores: Tensor, count: int, settings: tuple[Sampling, ...], draws: Tensor) -> Tensor:
    if count < scores.shape[-1]:
        ordered, tokens = scores.topk(count)
    else:
        ordered, tokens = scores.sort(dim=-1, descending=True, stable=True)
    places = torch.zeros_like(tokens[:, :1]) if count == 1 else _draw(ordered, settings, draws)
    return torch.where(ordered[:, 0].isfinite(), tokens.gather(-1, places)[:, 0], UNUSABLE)


def _draw(ordered: Tensor, settings: tuple[Sampling, ...], draws: Tensor) -> Tensor:
    """Places [B, 1] in `ordered` scores [B, k], likeliest first."""
    columns = _columns(settings, ordered.device)
    chances = (ordered / columns.temperature[:, None]).softmax(-1)
    before = chances.cumsum(-1) - chances  # what the likelier tokens take up: the first one always stays
    cut = (before >= columns.top_p[:, None]) | (chances < columns.min_p[:, None] * chances[:, :1])
    chances = chances.masked_fill(cut, 0.0)
    bounds = chances.cumsum(-1)
    points = draws.to(bounds.dtype)[:, None] * bounds[:, -1:]
    places = torch.searchsorted(bounds, points, right=True)
    last = (chances > 0).sum(-1, keepdim=True) - 1  # rounding must not leave the cut
    return torch.minimum(places, last).clamp(min=0)
