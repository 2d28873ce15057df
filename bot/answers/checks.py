"""Checks that an answer says nothing but what its quotes say. Pure functions, English and Chinese.

An answer that a language model worded is right only if every fact of it stands in the quotes, in the same
order, nothing is negated that was not, and each sentence is made of the quotes' words. The checks refuse some
good wordings; they are there so that none gets through that is bad.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from bot.answers.facts import Fact, facts
from bot.answers.sentences import split
from bot.knowledge.analysis import terms
from bot.messages import Citation, Passage

LEAST_ORDER = 0.8
"""Share of a sentence's terms that must come in the order of the quotes."""
LEAST_SUPPORT = 0.8
"""Share of a sentence's terms that must stand in the quotes."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check's outcome; `detail` names what failed."""

    name: str
    passed: bool
    detail: str = ""


def check(answer: str, quotes: Sequence[str]) -> tuple[Check, ...]:
    """All checks of an answer against the quotes that it was worded from."""
    source = "\n".join(quotes)
    runs = _runs(sentences(source))
    return (_facts(answer, source, runs), _order(answer, source), _negation(answer, runs), _support(answer, source))


def passes(answer: str, quotes: Sequence[str]) -> bool:
    """Whether all checks of a non-empty answer pass."""
    return bool(answer.strip()) and all(outcome.passed for outcome in check(answer, quotes))


def verified(citation: Citation, passage: Passage) -> bool:
    """Whether the quote stands letter for letter in its passage."""
    return citation.passage_id == passage.id and bool(citation.quote) and citation.quote in passage.text


# --- facts ---


@dataclass(frozen=True, slots=True)
class _Run:
    """At most three neighbouring sentences of the source."""

    text: str
    numbers: Counter[str]
    terms: frozenset[str]


def _runs(parts: Sequence[str]) -> list[_Run]:
    numbers, words = [_numbers(part) for part in parts], [terms(part) for part in parts]
    places = [slice(i, i + size) for size in (1, 2, 3) for i in range(len(parts) - size + 1)]
    return [
        _Run("\n".join(parts[place]), sum(numbers[place], Counter()), frozenset().union(*words[place]))
        for place in places
    ]


def _facts(answer: str, source: str, runs: Sequence[_Run]) -> Check:
    """Every fact of the answer stands in the source, a number with its unit; those of a sentence stand together."""
    known = facts(source)
    spelled = unicodedata.normalize("NFKC", source).casefold()
    missing = [fact for fact in facts(answer) if not _stands_in(fact, known, spelled)]
    if missing:
        return Check("facts", False, ", ".join(f"{fact.value} {fact.unit}".strip() for fact in missing))
    scattered = [sentence for sentence in sentences(answer) if not _numbers(sentence) <= _home(sentence, runs).numbers]
    return Check("facts", not scattered, "; ".join(scattered))


def _home(sentence: str, runs: Sequence[_Run]) -> _Run:
    """The shortest run that has most of a sentence's words; numbers and negations are to be checked, so not counted."""
    words = {term for term in terms(_NEGATION.sub(" ", sentence)) if not term[0].isdigit()}
    return max(runs, key=lambda run: (len(words & run.terms), -len(run.text)), default=_Run("", Counter(), frozenset()))


def _numbers(text: str) -> Counter[str]:
    return Counter(fact.value for fact in facts(text) if fact.kind == "number")


def _stands_in(fact: Fact, known: Sequence[Fact], source: str) -> bool:
    if fact.kind in ("name", "first word"):
        return regex.search(rf"(?<!\w){regex.escape(fact.value)}(?!\w)", source) is not None
    if fact.kind == "number":
        return any(
            other.kind == "number"
            and other.value == fact.value
            and (not fact.unit or fact.unit in _units(known, place))
            for place, other in enumerate(known)
        )
    return fact in known


def _units(known: Sequence[Fact], place: int) -> set[str]:
    """The units of a number; the first of a range (3 to 5 days) has that of the second."""
    units = {known[place].unit}
    if not known[place].unit and place + 1 < len(known) and known[place + 1].kind == "number":
        units.add(known[place + 1].unit)
    return units


def _order(answer: str, source: str) -> Check:
    """The words of each sentence come in the order of the source, so that no two facts have changed places."""
    known = terms(source)
    for sentence in sentences(answer):
        said = [term for term in terms(sentence) if term in known]
        if _common_subsequence(said, known) < LEAST_ORDER * len(said):
            return Check("order", False, sentence)
    return Check("order", True)


def _common_subsequence(few: Sequence[str], many: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    lengths = [0] * (len(many) + 1)
    for item in few:
        diagonal = 0
        for place, other in enumerate(many, 1):
            best = diagonal + 1 if item == other else max(lengths[place], lengths[place - 1])
            diagonal, lengths[place] = lengths[place], best
    return lengths[-1]


# --- negation ----------------------------------------------------------------------------------------------

_NEGATION = regex.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unable|except|unless|only|hardly"
    r"|refus\w+|declin\w+|forbid\w*|prohibit\w*|exclud\w+|exempt\w*)\b|n[’']t\b|\b(?:non|un|in|im|dis)-?(?=\p{L}{4})"
    r"|不|没|無|无|非|未|勿|别|禁止|拒绝|除外|除了|只|仅",
    regex.IGNORECASE,
)
_NOT_NEGATIVE = regex.compile(
    r"\b(?:in(?:to|side|clud\w+|form\w*|stead|ternet\w*|voice\w*|stall\w*|sur\w+|struct\w*|terest\w*|itial\w*|dividual\w*"
    r"|dex\w*|dicat\w*|stant\w*|crease\w*|come\w*|quir\w*|spect\w*|stitut\w*|tern\w*|vest\w*|vit\w*|volv\w*|dustr\w*)"
    r"|un(?:der\w*|it\w*|iver\w*|til|ion\w*|ique\w*)|im(?:port\w*|age\w*|medi\w*|prov\w*|pl\w+|pact\w*)"
    r"|dis(?:count\w*|patch\w*|play\w*|trict\w*|tance\w*|cuss\w*|tribut\w*|cover\w*))\b|非常|不过|不仅|别人|区别|特别|级别|性别|未来|无论",
    regex.IGNORECASE,
)
_CRITICAL_WORDS = """
    before after until till from more less least most fewer over under above below minimum maximum min max all any
    each every always free must may can could should or and first last next per within between up same other
    之前 之后 以前 以后 以上 以下 以内 至少 最多 超过 不足 全部 免费 必须 可以 每
    """
_CRITICAL = frozenset(_CRITICAL_WORDS.split())


def _negation(answer: str, runs: Sequence[_Run]) -> Check:
    """Each sentence negates as much as the sentences of the source that it is made of."""
    for sentence in sentences(answer):
        model = _home(sentence, runs).text
        if _negations(sentence) != _negations(model) or not _critical(sentence) <= _critical(model):
            return Check("negation", False, sentence)
    return Check("negation", True)


def _negations(text: str) -> int:
    return len(_NEGATION.findall(_NOT_NEGATIVE.sub(" ", unicodedata.normalize("NFKC", text))))


def _critical(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = set(regex.findall(r"[a-z]+", plain))
    return {word for word in _CRITICAL if (word in words if word.isascii() else word in plain)}


# --- support -----------------------------------------------------------------------------------------------


def _support(answer: str, source: str) -> Check:
    """Of each sentence's terms at least `LEAST_SUPPORT` stand in the source."""
    known = set(terms(source))
    for sentence in sentences(answer):
        said = terms(sentence)
        if said and sum(term in known for term in said) < LEAST_SUPPORT * len(said):
            return Check("support", False, sentence)
    return Check("support", True)


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[part.start : part.end] for part in split(text)]
