from __future__ import annotations

import random
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generation.text.serving.sampling import UNUSABLE, Sampling, choose, penalise

OPEN = Sampling(temperature=1.0, top_k=0, top_p=1.0)
LOGITS = torch.tensor([[0.0, 1.0, 2.0, 3.0]])


def sample(settings: Sampling, count: int = 4000) -> Counter[int]:
    rng = random.Random(1)
    rows = [settings] * count
    draws = torch.tensor([rng.random() for _ in rows])
    return Counter(choose(LOGITS.expand(count, -1), rows, nothing_said(count), draws).tolist())


def nothing_said(rows: int) -> torch.Tensor:
    return torch.empty(rows, 0, dtype=torch.long)


def test_tokens_come_as_often_as_the_softmax_says() -> None:
    counts = sample(OPEN)
    for token, chance in enumerate(LOGITS[0].softmax(-1).tolist()):
        assert counts[token] / 4000 == pytest.approx(chance, abs=0.03)


def test_temperature_sharpens() -> None:
    assert sample(Sampling(0.3, 0, 1.0))[3] > sample(OPEN)[3] > sample(Sampling(3.0, 0, 1.0))[3]


def test_top_k_keeps_the_k_likeliest() -> None:
    assert set(sample(Sampling(5.0, 2, 1.0))) == {2, 3}


def test_top_p_keeps_the_fewest_tokens_that_reach_p() -> None:
    assert set(sample(Sampling(1.0, 0, 0.5))) == {3}  # 0.64 alone
    assert set(sample(Sampling(1.0, 0, 0.7))) == {2, 3}


def test_min_p_keeps_what_is_likely_enough_beside_the_likeliest() -> None:
    assert set(sample(Sampling(1.0, 0, 1.0, min_p=0.3))) == {2, 3}  # e**-1 = 0.37, e**-2 = 0.14
    assert set(sample(Sampling(1.0, 0, 1.0, min_p=0.1))) == {1, 2, 3}


def test_logits_that_are_not_numbers_give_no_token() -> None:
    spoiled = torch.tensor([[0.0, float("nan"), 1.0], [1.0, 2.0, 0.0], [float("inf"), 0.0, 0.0]])
    for settings in (OPEN, Sampling(0), Sampling(1.0, 2)):
        chosen = choose(spoiled, [settings] * 3, nothing_said(3), torch.tensor([0.5] * 3)).tolist()
        assert [token == UNUSABLE for token in chosen] == [True, False, True]


def test_the_repetition_penalty_lowers_what_was_said_whatever_its_sign() -> None:
    scores = penalise(torch.tensor([[2.0, -2.0, 1.0]]), torch.tensor([[0, 1, 0, -1]]), torch.tensor([2.0]))
    assert scores.tolist() == [[1.0, -4.0, 1.0]]


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=4, max_size=4),
    st.floats(0, 3),
    st.integers(0, 6),
    st.floats(0.05, 1),
    st.floats(0, 1, exclude_max=True),
)
def test_a_row_is_chosen_alike_alone_and_in_company(
    logits: list[float], temperature: float, top_k: int, top_p: float, draw: float
) -> None:
    row, settings = torch.tensor([logits]), Sampling(temperature, top_k, top_p)
    alone = int(choose(row, [settings], nothing_said(1), torch.tensor([draw])))
    rows, said = torch.cat([LOGITS, row, LOGITS]), torch.tensor([[-1], [-1], [1]])
    company = choose(rows, [OPEN, settings, Sampling(0)], said, torch.tensor([0.2, draw, 0.9])).tolist()
    assert company[1] == alone
    assert company[2] == 3
    if top_k:
        assert logits[alone] >= sorted(logits, reverse=True)[min(top_k, 4) - 1]
