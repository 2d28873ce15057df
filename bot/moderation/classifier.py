"""Tells threats and slurs from insults, and both from complaints, by hashed n-grams of words and characters."""

from __future__ import annotations

from pathlib import Path

import regex

from bot.routing.linear import LinearClassifier

CLASSIFIER = Path(__file__).parent / "data" / "classifier.npz"
SENTENCE = regex.compile(r"[^.!?。！？\n]+[.!?。！？]*")
MOST_SENTENCES = 40


class Classifier:
    """Judges sentences one by one too: a threat in a long letter is one."""

    def __init__(self, model: LinearClassifier) -> None:
        self._model = model

    @classmethod
    def load(cls) -> Classifier:
        """The built-in one; raises ModelError when it cannot be read."""
        return cls(LinearClassifier.load(CLASSIFIER))

    def withheld(self, text: str) -> float:
        """Probability that a threat or a slur is in it."""
        return max(self._all(text, "threat", "slur"))

    def insult(self, text: str) -> float:
        """Probability that it insults."""
        return max(self._all(text, "insult", "threat", "slur"))

    def label(self, text: str) -> str:
        """`threat` or `slur`, whichever is likelier."""
        return max(("threat", "slur"), key=lambda label: max(self._all(text, label)))

    def _all(self, text: str, *labels: str) -> list[float]:
        parts = [text, *(part for part in SENTENCE.findall(text)[:MOST_SENTENCES] if part != text)]
        judged = [self._model.probabilities(part) for part in parts]
        return [sum(each[label] for label in labels) for each in judged]
