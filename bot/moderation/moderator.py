"""What is withheld of the words that come in and go out, by the operators' word list and the classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.guard import clean
from bot.messages import Draft, NewWithheld, Turn
from bot.moderation.classifier import Classifier
from bot.moderation.words import WordList

WORD = "word"
OWN_WORDS = frozenset({"chat", "image", "answer"})
"""Routes in which a model may have chosen the words; other replies are fixed texts."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """`withheld` are messages that are not answered; `is_insult` is rudeness that a person should hear."""

    withheld: tuple[NewWithheld, ...] = ()
    is_insult: bool = False


FINE = Ruling()


@dataclass(frozen=True)
class Moderator:
    """`threshold` is the probability from which words are withheld, 1 never; `channels` are other thresholds."""

    words: WordList
    classifier: Classifier
    threshold: float
    channels: Mapping[str, float] = field(default_factory=dict)

    def incoming(self, turn: Turn) -> Ruling:
        """Threats, slurs and listed words are withheld; insults are not, since there is a complaint behind them."""
        limit = self.channels.get(turn.conversation.channel, self.threshold)
        withheld: list[NewWithheld] = []
        is_insult = False
        for message in turn.messages:
            text = clean(message.text)
            if judged := self._judged(text, limit):
                withheld.append(NewWithheld("in", text, *judged, message_id=message.id))
            elif limit < 1:
                is_insult = is_insult or self.classifier.insult(text) >= limit
        return Ruling(tuple(withheld), is_insult) if withheld or is_insult else FINE

    def outgoing(self, draft: Draft, channel: str) -> NewWithheld | None:
        """A reply with a listed word, or in which a model's own words threaten or insult; None for all others."""
        limit = self.channels.get(channel, self.threshold)
        if self.words.found(draft.text):
            return NewWithheld("out", draft.text, WORD, 1.0)
        quoted = any(draft.text in citation.quote for citation in draft.citations)
        if draft.route not in OWN_WORDS or quoted or limit >= 1:
            return None
        score = self.classifier.insult(draft.text)
        return NewWithheld("out", draft.text, "abuse", score) if score >= limit else None

    def stops(self, text: str, channel: str) -> bool:
        """Whether a sentence of a reply may not be shown before the whole reply has been looked at."""
        limit = self.channels.get(channel, self.threshold)
        return self.words.found(text) or (limit < 1 and self.classifier.insult(text) >= limit)

    def _judged(self, text: str, limit: float) -> tuple[str, float] | None:
        if self.words.found(text):
            return WORD, 1.0
        if limit >= 1:
            return None
        score = self.classifier.withheld(text)
        return (self.classifier.label(text), score) if score >= limit else None
