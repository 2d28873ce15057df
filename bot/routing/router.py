"""What a message wants: an answer, what was said earlier, small talk, a person, a picture, or a command.

Whatever is not surely small talk or a wish for a person is a question: the answer's own gate declines what
the documents do not know, whereas a question that is taken for small talk never gets an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import regex

from bot.memory.question import is_about_the_past
from bot.messages import Utterance
from bot.phrases import Phrases
from bot.routing import language as languages
from bot.routing.linear import LinearClassifier
from bot.routing.pictures import picture_wish
from bot.routing.wishes import RECOMMEND, read_wish

Label = Literal["question", "chat", "handoff", "command", "image", "memory", "recommendation"]

WEIGHTS = Path(__file__).parent / "data" / "router.npz"

_CHAT_THRESHOLD = 0.6
_HANDOFF_THRESHOLD = 0.5
_LONGEST_SMALL_TALK = 200
_COMMAND = regex.compile(
    r"/(?P<name>[a-z][a-z0-9_]{0,31})(?:@\w+)?(?:\s+(?P<argument>.*))?", regex.DOTALL | regex.IGNORECASE
)
_PICTURE_BUTTONS = ("again", "similar", "four", "vary", "blend")
_READABLE = regex.compile(r"[\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class Intent:
    """`kind` is the finer name: of small talk (`greeting`), of what is wanted of pictures (`draw`), or of a command
    (`help`); `argument` is what is to be drawn, or the rest of the command."""

    label: Label
    kind: str
    probability: float
    argument: str = ""


class Router:
    """Decides by a linear classifier, and by what the bot itself offered before."""

    def __init__(self, classifier: LinearClassifier, phrases: Phrases) -> None:
        self._classifier = classifier
        self._buttons = frozenset(map(_bare, phrases.everywhere("person_button")))
        self._picture_buttons = {
            _bare(label): action for action in _PICTURE_BUTTONS for label in phrases.everywhere(f"picture_{action}")
        }
        self._offers = phrases.everywhere("offer_person")

    @classmethod
    def load(cls, phrases: Phrases | None = None, weights: Path = WEIGHTS) -> Router:
        """With the weights that ship; raises ModelError when they cannot be read. Warms up language detection."""
        languages.warm_up()
        return cls(LinearClassifier.load(weights), phrases or Phrases())

    def route(self, text: str, history: Sequence[Utterance] = (), language: str = "en") -> Intent:
        """The intent of a customer's words after what was said before, oldest first."""
        words = text.strip()
        if command := _COMMAND.fullmatch(words):
            return Intent("command", command["name"].lower(), 1.0, (command["argument"] or "").strip())
        if _bare(words) in self._buttons:
            return Intent("handoff", "button", 1.0)
        if action := self._picture_buttons.get(_bare(words)):
            return Intent("image", action, 1.0)
        if picture := picture_wish(words):
            return Intent("image", picture.action, 1.0, picture.words)
        if wish := read_wish(words):
            return Intent("recommendation" if wish.name == RECOMMEND else "command", wish.name, 1.0, wish.argument)
        if not _READABLE.search(words):
            return self._wordless(words)
        intent = self._classified(words)
        if intent.kind == "affirm" and self._offered_person(history):
            return Intent("handoff", "accepted", intent.probability)
        return intent

    def _classified(self, words: str) -> Intent:
        probabilities = self._classifier.probabilities(words)
        question, handoff = probabilities.pop("question"), probabilities.pop("handoff")
        if handoff >= _HANDOFF_THRESHOLD:
            return Intent("handoff", "wish", handoff)
        if is_about_the_past(words):
            return Intent("memory", "said", 1.0)
        chat = 1 - question - handoff
        if chat < _CHAT_THRESHOLD or len(words) > _LONGEST_SMALL_TALK:
            return Intent("question", "question", min(question + handoff, 1.0))
        kind = max(probabilities, key=lambda name: probabilities[name])
        return Intent("chat", kind, chat)

    def _wordless(self, words: str) -> Intent:
        """Emoji and punctuation: never a question that documents could answer."""
        probabilities = self._classifier.probabilities(words)
        kinds = {name: value for name, value in probabilities.items() if name not in ("question", "handoff")}
        return Intent("chat", max(kinds, key=lambda name: kinds[name]), 1.0)

    def _offered_person(self, history: Sequence[Utterance]) -> bool:
        if not history or history[-1].role != "assistant":
            return False
        return any(offer in history[-1].text for offer in self._offers)


def _bare(text: str) -> str:
    return text.strip(" .!！。").casefold()
