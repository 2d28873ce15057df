"""The context layout that training and serving share: how the parts of a prompt become tokens.

    <|persona|>words <|profile|>fact … <|passage|>words … <|user|>words<|end|><|assistant|>words<|end|> …

Each part starts with its own token, each turn also ends with one. Words can never become such a token,
whatever a customer or a document writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tokenizers import Tokenizer

END, PERSONA, PROFILE, PASSAGE, USER, ASSISTANT = (
    "<|end|>",
    "<|persona|>",
    "<|profile|>",
    "<|passage|>",
    "<|user|>",
    "<|assistant|>",
)
SPECIAL_TOKENS = (END, PERSONA, PROFILE, PASSAGE, USER, ASSISTANT)

Speaker = Literal["user", "assistant"]


class Said(Protocol):
    """A turn: any role but `user` speaks for the shop."""

    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...


class Prompt(Protocol):
    """What a model is given, part by part; turns are oldest first."""

    @property
    def persona(self) -> str: ...
    @property
    def profile(self) -> Sequence[str]: ...
    @property
    def passages(self) -> Sequence[str]: ...
    @property
    def turns(self) -> Sequence[Said]: ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids and, for training, how much each counts in the loss (0 for what is only context)."""

    ids: list[int]
    weights: list[float]


class Layout:
    """Renders prompts and training examples with a tokenizer that knows the special tokens."""

    stop_texts: tuple[str, ...] = ()

    def __init__(self, tokenizer: Tokenizer, context: int) -> None:
        self.tokenizer = tokenizer
        self.tokenizer.encode_special_tokens = True  # special tokens in people's words are plain text
        self.context = context
        ids = {token: tokenizer.token_to_id(token) for token in SPECIAL_TOKENS}
        self._ids: dict[str, int] = {token: number for token, number in ids.items() if number is not None}
        if len(self._ids) < len(SPECIAL_TOKENS):
            missing = sorted(set(SPECIAL_TOKENS) - set(self._ids))
            raise ValueError(f"the tokenizer lacks {', '.join(missing)}")
        self.end_id = self._ids[END]
        self.stop_ids = frozenset(self._ids.values())

    def encode(self, text: str) -> list[int]:
        """The tokens of plain words."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def words(self, text: str) -> list[int]:
        """The tokens of words that follow a role token."""
        return self.encode(text)

    def render(self, prompt: Prompt, room: int, role: Speaker = "assistant") -> list[int]:
        """Ids up to the point where `role` speaks, leaving `room` tokens of the context free.

        What does not fit goes in this order: profile, oldest turns, later passages. The persona and the end
        of the last turn always stay.
        """
        budget = max(self.context - room - 1, 8)
        persona = self._part(PERSONA, prompt.persona)[: budget // 3]
        turns = [self._turn(turn) for turn in prompt.turns]
        left = budget - len(persona)
        last = _cut_middle(turns.pop(), left * 2 // 3) if turns else []
        left -= len(last)
        passages = _take((self._part(PASSAGE, text) for text in prompt.passages), left * 3 // 4, cut=True)
        left -= sum(map(len, passages))
        earlier = _take(reversed(turns), left)
        left -= sum(map(len, earlier))
        profile = _take((self._part(PROFILE, fact) for fact in prompt.profile), left)
        start = USER if role == "user" else ASSISTANT
        parts = [persona, *profile, *passages, *reversed(earlier), last, [self._ids[start]]]
        return [number for part in parts for number in part]

    def example(self, prompt: Prompt, learn_from: int = 0, user_weight: float = 0.0) -> Tokens:
        """A whole conversation for training: the assistant's words (with their end) weigh 1, the customer's
        `user_weight`; persona, profile, passages, role tokens and turns before `learn_from` weigh nothing."""
        ids = self._part(PERSONA, prompt.persona)
        for token, texts in ((PROFILE, prompt.profile), (PASSAGE, prompt.passages)):
            for text in texts:
                ids += self._part(token, text)
        weights = [0.0] * len(ids)
        for number, turn in enumerate(prompt.turns):
            words = self._turn(turn)
            weight = user_weight if turn.role == "user" else 1.0
            ids += words
            weights += [0.0] + [weight if number >= learn_from else 0.0] * (len(words) - 1)
        return Tokens(ids, weights)

    def _part(self, token: str, text: str) -> list[int]:
        return [self._ids[token], *self.encode(text)] if text else []

    def _turn(self, turn: Said) -> list[int]:
        start = USER if turn.role == "user" else ASSISTANT
        return [self._ids[start], *self.encode(turn.text), self._ids[END]]


def _take(parts: Iterable[list[int]], budget: int, cut: bool = False) -> list[list[int]]:
    """The first parts that fit; with `cut` the first one that does not is shortened if enough of it is left."""
    return list(_taken(parts, budget, cut))


def _taken(parts: Iterable[list[int]], budget: int, cut: bool) -> Iterator[list[int]]:
    for part in parts:
        if len(part) > budget:
            if cut and budget >= 16:
                yield part[:budget]
            return
        budget -= len(part)
        yield part


def _cut_middle(turn: list[int], length: int) -> list[int]:
    """A turn with the middle of its words left out, so that its role token, start and end stay."""
    if len(turn) <= length:
        return turn
    head = length // 2
    return turn[:head] + turn[len(turn) - (length - head) :]
