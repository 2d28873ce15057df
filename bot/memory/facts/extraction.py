"""From messages to facts: each is supported by words of the message, letter for letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from bot.memory.facts.reading import LONGEST, Sentence, is_in_jest, is_invented, sentences, without_quotations
from bot.memory.facts.rules import Language, Rule, read_language
from bot.messages import FactKind, Message, NewFact
from bot.protocols import SINGLE_VALUED

_NEVER_IN_JEST: frozenset[FactKind] = frozenset({"email", "phone", "order"})
_SCRIPTS = {"en": regex.compile(r"\p{Latin}"), "zh": regex.compile(r"\p{Han}")}
_EDGES = " \t\r\n.,;:!?…，。；：！？、\"“”'’"


class FactReader:
    """Reads what customers tell of themselves, by the rules of each language whose letters a message has."""

    def __init__(self) -> None:
        self._languages = {code: read_language(code) for code in _SCRIPTS}

    def learn(self, messages: Sequence[Message]) -> tuple[NewFact, ...]:
        """What these messages tell, in their order; each fact once."""
        found: dict[tuple[str, str], NewFact] = {}
        for message in messages:
            for fact in self.read(message.text, message.id):
                found.setdefault((fact.kind, fact.value.casefold()), fact)
        return tuple(found.values())

    def read(self, text: str, message_id: str = "") -> list[NewFact]:
        """The facts of one message, in its order. A few tenths of a millisecond for some sentences."""
        text = text[:LONGEST]
        if is_invented(text):
            return []
        words = without_quotations(text)
        jest = is_in_jest(words)
        found: dict[tuple[int, FactKind], NewFact] = {}
        for language, rule, start, match in self._matches(words):
            value = match["v"].strip(_EDGES)
            if value and rule.accepts(value) and not (jest and rule.kind not in _NEVER_IN_JEST):
                quote = text[start + match.start() : start + match.end()].strip()
                fact = NewFact(
                    kind=rule.kind,
                    value=_stored(language, rule.kind, value),
                    message_id=message_id,
                    quote=quote,
                    replaces_kind=rule.kind in SINGLE_VALUED,
                )
                found.setdefault((start + match.start("v"), rule.kind), fact)
        return [found[place] for place in sorted(found)]

    def _matches(self, words: str) -> Iterator[tuple[Language, Rule, int, regex.Match[str]]]:
        whole = Sentence(words, 0, is_question=False)
        parts = list(sentences(words))
        for code, language in self._languages.items():
            if not _SCRIPTS[code].search(words):
                continue
            for rule in language.rules:
                for sentence in [whole] if rule.whole else parts:
                    for match in rule.pattern.finditer(sentence.text):
                        if language.states(rule, sentence.text, match, is_question=sentence.is_question):
                            yield language, rule, sentence.start, match


def _stored(language: Language, kind: FactKind, value: str) -> str:
    """A language by its code, an order number without the sign before it; all else as it was written."""
    if kind == "language":
        return language.codes[value.casefold()]
    return value.lstrip("#") if kind == "order" else value
