"""From logits to the next token: pure functions, each row of a batch with its own settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

COLDEST = 1e-3  # below it the likeliest token is taken, and division stays within what floats hold


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one request's tokens are chosen; temperature 0 takes the likeliest, top_k 0 and top_p 1 cut nothing.

    `repetition_penalty` (Keskar et al., 2019, "CTRL") counts against tokens that the reply already has.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.9
    repetition_penalty: float = 1.0


def choose(
    logits: Tensor, settings: Sequence[Sampling], said: Sequence[Sequence[int]], draws: Sequence[float]
) -> list[int]:
    """The next token of each row of `logits` [B, vocabulary]; `draws` are uniform in [0, 1), one a row.

    The same row, settings and draw give the same token whatever else is in the batch.
    """
    scores = penalise(logits.float(), said, [row.repetition_penalty for row in settings])
    chosen: list[int] = scores.argmax(-1).tolist()
    drawn = [number for number, row in enumerate(settings) if row.temperature >= COLDEST]
    if drawn:
        rows = [settings[number] for number in drawn]
        tokens = _draw(scores[drawn], rows, torch.tensor([draws[number] for number in drawn], device=logits.device))
        for number, token in zip(drawn, tokens, strict=True):
            chosen[number] = token
    return chosen


def penalise(scores: Tensor, said: Sequence[Sequence[int]], penalties: Sequence[float]) -> Tensor:
    """Scores [B, vocabulary] with those of `said` tokens lowered."""
    scores = scores.clone()
    for row, (tokens, penalty) in enumerate(zip(said, penalties, strict=True)):
        if tokens and penalty != 1.0:
            index = torch.tensor(sorted(set(tokens)), device=scores.device)
            values = scores[row, index]
            scores[row, index] = torch.where(values > 0, values / penalty, values * penalty)
    return scores


def _draw(scores: Tensor, settings: Sequence[Sampling], draws: Tensor) -> list[int]:
    temperatures = torch.tensor([row.temperature for row in settings], device=scores.device)
    ordered, tokens = (scores / temperatures[:, None]).sort(-1, descending=True)
    ranks = torch.arange(scores.shape[-1], device=scores.device)
    top_k = torch.tensor([row.top_k or scores.shape[-1] for row in settings], device=scores.device)
    ordered = ordered.masked_fill(ranks >= top_k[:, None], float("-inf"))
    chances = ordered.softmax(-1)
    before = chances.cumsum(-1) - chances  # what the likelier tokens take up: the first one always stays
    top_p = torch.tensor([row.top_p for row in settings], device=scores.device)
    chances = chances.masked_fill(before >= top_p[:, None], 0.0)
    bounds = chances.cumsum(-1)
    points = draws.to(bounds.dtype)[:, None] * bounds[:, -1:]
    places = torch.searchsorted(bounds, points, right=True).clamp(max=scores.shape[-1] - 1)
    places = torch.minimum(places, (chances > 0).sum(-1, keepdim=True) - 1)  # rounding must not leave the cut
    chosen: list[int] = tokens.gather(-1, places)[:, 0].tolist()
    return chosen
