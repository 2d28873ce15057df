"""Replies told apart by their contexts: likelihoods are those of each reply alone, and the loss teaches."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from generation.text.contrast import GROUP, Contrast, arrange, contrast_loss, likelihoods
from generation.text.dialogues import Dialogue, Turn
from generation.text.layout import Layout
from generation.text.model import GPT2, Shape

CONTEXTS = ([7, 8, 9, 10, 11], [12, 13], [14, 15, 16])
WORDS = ([20, 21, 22], [23], [24, 25])
GOODS = ("shoes", "lamp", "book", "coat", "bike", "kettle", "ball", "desk", "bag", "cup", "hat", "pen", "sofa")


def dialogues() -> list[Dialogue]:
    return [
        Dialogue(
            good,
            "shop",
            "en",
            (Turn("user", f"My {good} is broken"), Turn("assistant", f"Send the {good} back", (good,))),
        )
        for good in GOODS
    ]


def alone(model: GPT2, context: list[int], words: list[int]) -> float:
    """The log-likelihood as the model tells it without any trick."""
    logits = model.logits(model(torch.tensor([context + words])))[0, len(context) - 1 : -1]
    return -float(F.cross_entropy(logits.float(), torch.tensor(words), reduction="sum"))


@torch.no_grad()
def test_each_continuation_is_as_likely_as_it_is_alone_after_its_context(model: GPT2) -> None:
    scores = likelihoods(model, arrange(CONTEXTS, WORDS))
    for row, context in enumerate(CONTEXTS):
        for column, words in enumerate(WORDS):
            assert float(scores[row, column]) == pytest.approx(alone(model, context, words), rel=0.03)  # bfloat16


def test_groups_depend_on_seed_and_step_alone_and_have_no_reply_twice(tokenizer: Tokenizer) -> None:
    layout = Layout(tokenizer, 256)
    one, other = (Contrast(dialogues(), layout, seed=3) for _ in range(2))
    other.group(0)
    for step in (4, 5):  # replies after the talk, questions after passages
        first, second = one.group(step), other.group(step)
        assert first is not None
        assert second is not None
        assert torch.equal(first.ids, second.ids)
        assert first.ids.shape[0] == GROUP
        targets = first.owners.mul(first.targets).tolist()
        assert len({tuple(filter(None, row)) for row in targets}) == GROUP


def test_too_few_replies_make_no_group(tokenizer: Tokenizer) -> None:
    assert Contrast(dialogues()[:5], Layout(tokenizer, 256), seed=1).group(0) is None


def test_the_loss_teaches_which_reply_belongs_to_which_context() -> None:
    torch.manual_seed(1)
    model = GPT2(Shape(32, context=16, width=32, layers=2, heads=2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    group = arrange(CONTEXTS, WORDS)
    for _ in range(30):
        contrast_loss(model, group).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        scores = likelihoods(model, group)
    assert scores.argmax(0).tolist() == [0, 1, 2]
    assert (scores - scores.mean(0)).argmax(1).tolist() == [0, 1, 2]
