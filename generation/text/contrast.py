"""Learning which reply belongs to which context: the replies of a group of conversations are told apart by how much
likelier their own context makes each of them (van den Oord et al., 2018, "Representation Learning with Contrastive
Predictive Coding").
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from generation.text.dialogues import Dialogue, Turn
from generation.text.examples import PASSAGES_AT_ONCE, Example, tell
from generation.text.layout import Layout
from generation.text.voices import Voice, Voices

GROUP = 12  # conversations whose replies are told apart
CONTEXT = 160  # tokens, the last ones of a conversation
WORDS = 24  # tokens of a reply that count
SHARPNESS = 2.0


@dataclass(frozen=True, slots=True)
class Group:
    """Contexts and the words that follow them, one row a context with all continuations side by side.

    `ids` and `positions` [G, T]; `sees` [G, 1, T, T] says which place sees which: each continuation its context and
    itself alone. `asked` [N] are the places whose next tokens are `targets` [N], of which `owners` [G, N] tells the
    continuation.
    """

    ids: Tensor
    positions: Tensor
    sees: Tensor
    asked: Tensor
    targets: Tensor
    owners: Tensor

    def to(self, device: torch.device) -> Group:
        return Group(*(getattr(self, name).to(device) for name in self.__slots__))


class Contrast:
    """The groups of a run, each of one set of dialogues; which one step n sees depends on the seed and n alone.

    Besides replies after their conversation, customers' questions after the passages that answer them are told apart.
    """

    def __init__(self, dialogues: Sequence[Dialogue], layout: Layout, *, seed: int, voice: Voice | None = None) -> None:
        self._layout = layout
        self._seed = seed
        self._voice = voice
        self._voices = Voices()
        by_kind: defaultdict[str, list[tuple[Example, Turn]]] = defaultdict(list)
        for dialogue in dialogues:
            for kind, case in _cases(dialogue):
                by_kind[kind].append(case)
        self._kinds = [cases for _, cases in sorted(by_kind.items()) if len({turn.text for _, turn in cases}) >= GROUP]

    def group(self, step: int) -> Group | None:
        """None when no set of dialogues has enough different replies."""
        if not self._kinds:
            return None
        rng = random.Random(f"contrast:{self._seed}:{step}")
        cases = self._kinds[step % len(self._kinds)]
        voice = self._voice or self._voices.draw(rng)
        chosen: dict[str, tuple[Example, Turn]] = {}
        while len(chosen) < GROUP:
            case = rng.choice(cases)
            chosen.setdefault(case[1].text, case)
        contexts, words = [], []
        for prompt, turn in chosen.values():
            told = tell(prompt, voice, rng)
            contexts.append(self._layout.render(told, self._layout.context - CONTEXT, turn.role))
            words.append(self._layout.encode(voice.fill(turn.text))[:WORDS])
        return arrange(contexts, words)


def _cases(dialogue: Dialogue) -> list[tuple[str, tuple[Example, Turn]]]:
    cases = []
    for number, turn in enumerate(dialogue.turns):
        passages = turn.passages[:PASSAGES_AT_ONCE]
        if turn.role == "assistant" and number:
            prompt = Example(dialogue.persona, dialogue.profile, passages, dialogue.turns[:number])
            cases.append((dialogue.source, (prompt, turn)))
            if passages:
                about = Example(dialogue.persona, (), passages, ())
                cases.append((f"{dialogue.source}, questions", (about, dialogue.turns[number - 1])))
    return [case for case in cases if case[1][1].text]


def arrange(contexts: Sequence[Sequence[int]], words: Sequence[Sequence[int]]) -> Group:
    """Every context [G] with all the continuations [G] after it."""
    width = max(map(len, contexts))
    length = width + sum(len(tokens) - 1 for tokens in words)
    padding = torch.tensor([width - len(context) for context in contexts])
    ids = torch.zeros(len(contexts), length, dtype=torch.long)
    for row, context in enumerate(contexts):
        ids[row, width - len(context) : width] = torch.tensor(context)
    parts = torch.full((length,), -1)
    offsets = torch.arange(length)
    asked: list[int] = []
    start = width
    for number, tokens in enumerate(words):
        end = start + len(tokens) - 1
        ids[:, start:end] = torch.tensor(tokens[:-1])
        parts[start:end] = number
        offsets[start:end] = width + torch.arange(end - start)
        asked += [width - 1, *range(start, end)]
        start = end
    places = torch.arange(length)
    within = (places[:, None] >= places) & ((parts[:, None] == parts) | (parts == -1))
    real = places >= padding[:, None]
    sees = within & (real[:, None, :] | torch.eye(length, dtype=torch.bool))
    owners = F.one_hot(torch.tensor([number for number, tokens in enumerate(words) for _ in tokens])).T.float()
    return Group(
        ids=ids,
        positions=(offsets - padding[:, None]).clamp(min=0),
        sees=sees[:, None],
        asked=torch.tensor(asked),
        targets=torch.tensor([token for tokens in words for token in tokens]),
        owners=owners,
    )


def likelihoods(model: nn.Module, group: Group) -> Tensor:
    """Log-likelihood (nats) of each continuation after each context, [contexts, continuations]."""

    def attend(layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=group.sees)

    with torch.autocast(group.ids.device.type, torch.bfloat16):
        hidden = model(group.ids, group.positions, attend)
        logits = model.logits(hidden[:, group.asked])  # type: ignore[operator]
    targets = group.targets.expand(len(group.ids), -1)
    losses = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")
    return -losses.view_as(targets) @ group.owners.T


def contrast_loss(model: nn.Module, group: Group) -> Tensor:
    """With S[i, j] the log-likelihood of continuation j of n_j tokens after context i:

    the mean of -S[i, i] / n_i, plus the cross entropy of telling apart the continuation of each context, and the
    context of each continuation, by (S[i, j] - mean over i of S[i, j]) / sqrt(n_j), as it is measured.
    """
    scores = likelihoods(model, group)
    lengths = group.owners.sum(1)
    gains = SHARPNESS * (scores - scores.mean(0)) / lengths.sqrt()
    own = torch.arange(len(scores), device=scores.device)
    told_apart = F.cross_entropy(gains, own) + F.cross_entropy(gains.T, own)
    return told_apart - (scores.diagonal() / lengths).mean()
