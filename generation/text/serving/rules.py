"""What a reply may not say, or must: rules that look at the tokens so far, for requests that have any."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WINDOW = 24  # tokens: no banned phrase is longer
Refuses = Callable[[Sequence[int], int], bool]
"""(tokens said, next token): whether the token may not follow."""


@dataclass(frozen=True)
class Rules:
    """A reply's rules. `refuses` are asked about each token that would be said, stop tokens too.

    With `choices`, the reply becomes one of these token sequences.
    """

    refuses: tuple[Refuses, ...] = ()
    choices: tuple[tuple[int, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.refuses or self.choices)

    def refuse(self, said: Sequence[int], token: int) -> bool:
        """Whether a token may not follow what was said."""
        return any(refuses(said, token) for refuses in self.refuses)

    def allowed(self, said: Sequence[int]) -> frozenset[int] | None:
        """The tokens that go on with a choice; None when any may."""
        if not self.choices:
            return None
        count = len(said)
        begun = (choice for choice in self.choices if choice[:count] == tuple(said))
        return frozenset(choice[count] for choice in begun if len(choice) > count)

    def complete(self, said: Sequence[int]) -> bool:
        """Whether what was said is a choice that no other one continues."""
        return bool(self.choices) and not self.allowed(said)

    def may_end(self, said: Sequence[int]) -> bool:
        """Whether a stop token may follow: always without choices, else where a choice is whole."""
        return not self.choices or tuple(said) in self.choices


FREE = Rules()


def no_repeat(size: int) -> Refuses:
    """No sequence of `size` tokens occurs twice in a reply (Paulus et al., 2017, "A Deep Reinforced Model for
    Abstractive Summarization")."""

    def refuses(said: Sequence[int], token: int) -> bool:
        last = (*said[len(said) - size + 1 :], token)
        return len(said) >= size and any(
            tuple(said[start : start + size]) == last for start in range(len(said) - size + 1)
        )

    return refuses


def never(words: Sequence[str], decode: Callable[[Sequence[int]], str]) -> Refuses:
    """None of the words or phrases is said, in whatever case and however it is cut into tokens.

    "art" bans neither "party" nor "arts", unless "arts" would be said in two tokens, of which "art" is one.
    """
    pattern = re.compile("|".join(map(_alone, words)), re.IGNORECASE)

    def refuses(said: Sequence[int], token: int) -> bool:
        return pattern.search(decode([*said[-WINDOW:], token])) is not None

    return refuses


def _alone(word: str) -> str:
    """A pattern of the word; scripts with spaces between words know where one ends."""
    before = r"(?<!\w)" if word[0].isascii() or word[0].upper() != word[0].lower() else ""
    after = r"(?!\w)" if word[-1].isascii() or word[-1].upper() != word[-1].lower() else ""
    return f"{before}{re.escape(word)}{after}"
