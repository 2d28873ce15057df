"""Questions made from the sentences of passages: a piece is taken out and asked for.

People's questions about facts reuse the words around the fact. Sets of such questions (SQuAD and its kind) may
not be fitted on here, so sentences of permissive knowledge bases stand in: Lewis et al., "Unsupervised Question
Answering by Cloze Translation" (2019).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence

import regex

from bot.answers.kinds import AnswerKind, found
from bot.answers.sentences import split
from bot.evaluation.questions import LabelledQuestion
from bot.messages import Passage, Query

_ENGLISH: dict[AnswerKind | None, tuple[str, ...]] = {
    None: ("what", "which", "why", "how"),
    "money": ("how much",),
    "percent": ("what percentage",),
    "duration": ("how long",),
    "date": ("when", "what year"),
    "hours": ("what time", "when"),
    "number": ("how many",),
    "place": ("where",),
    "person": ("who",),
}
_CHINESE: dict[AnswerKind | None, tuple[str, ...]] = {
    None: ("什么", "哪一个", "怎样"),
    "money": ("多少钱", "多少"),
    "percent": ("百分之多少",),
    "duration": ("多久", "多长时间"),
    "date": ("何时", "什么时候", "哪年"),
    "hours": ("几点",),
    "number": ("多少",),
    "place": ("哪里", "什么地方"),
    "person": ("谁",),
}
_TYPED = 0.6
"""Share of the questions that ask for a thing of a kind, where a sentence has one."""
_HAN = regex.compile(r"\p{Han}")
_ATTRIBUTE = regex.compile(r"(?P<name>[^（，]+)(?:（.*?）)?，(?P<attribute>[^：A-Za-z]{2,8})：")


def clozes(passages: Sequence[Passage], draw: random.Random) -> Iterator[LabelledQuestion]:
    """At most one question a passage, in the passage's language; its gold span is the whole sentence.

    A question shares about as many words with its sentence as people's do: some are replaced by those of others.
    """
    others = [passage.text for passage in passages]
    for passage in passages:
        texts = [passage.text[s.start : s.end] for s in split(passage.text) if s.kind in ("sentence", "item")]
        is_chinese = _HAN.search(passage.text) is not None
        long = [text for text in texts if (len(text) > 14 if is_chinese else len(text.split()) > 8)]
        if long:
            sentence = draw.choice(long)
            kind, start, end = _gap(sentence, _CHINESE if is_chinese else _ENGLISH, draw)
            ask = _chinese if is_chinese else _english
            yield _labelled(passage, ask(kind, sentence[:start], sentence[end:], others, draw), sentence)


def attributes(passages: Sequence[Passage], draw: random.Random) -> Iterator[LabelledQuestion]:
    """A question for each passage that states an attribute of something (name，attribute：value)."""
    patterns = (
        "{name}的{attribute}是什么？",
        "{name}{attribute}是多少",
        "请问{name}的{attribute}？",
        "{attribute}呢，{name}的",
    )
    for passage in passages:
        if match := _ATTRIBUTE.match(passage.text):
            yield _labelled(passage, draw.choice(patterns).format(**match.groupdict()), passage.text)


def _labelled(passage: Passage, question: str, answer: str) -> LabelledQuestion:
    return LabelledQuestion(f"cloze:{passage.id}", Query(question), (answer,), frozenset([passage.id]), source="cloze")


def _gap(
    sentence: str, kinds: Collection[AnswerKind | None], draw: random.Random
) -> tuple[AnswerKind | None, int, int]:
    """What is asked for: its kind, and where it stands."""
    typed = [(kind, *span) for kind in kinds if kind for span in found(kind, sentence)]
    if typed and draw.random() < _TYPED:
        return draw.choice(typed)
    words = [match.span() for match in regex.finditer(r"\p{Han}|[\w'’-]+", sentence)]
    first = draw.randrange(len(words))
    last = min(first + draw.randint(0, max(len(words) // 4, 1)), len(words) - 1)
    return None, words[first][0], words[last][1]


def _english(kind: AnswerKind | None, before: str, after: str, others: Sequence[str], draw: random.Random) -> str:
    """The question word comes first; some of the other words fall away, and some are said with others."""
    words = regex.findall(r"[\w'’.-]*\w", f"{before} {after}")
    lost, changed = draw.uniform(0, 0.4), draw.uniform(0, 0.35)
    start = max(0, len(before.split()) - draw.randint(4, 12))
    kept = [word for word in words[start:] if draw.random() >= lost][: draw.randint(5, 14)]
    strange = regex.findall(r"\w+", draw.choice(others))
    said = [draw.choice(strange) if draw.random() < changed else word for word in kept]
    return f"{draw.choice(_ENGLISH[kind])} {' '.join(said)}?"


def _chinese(kind: AnswerKind | None, before: str, after: str, others: Sequence[str], draw: random.Random) -> str:
    """The characters around what is asked for, with a question word in its place, and some said with others."""
    left, right = before[-draw.randint(4, 20) :], after[: draw.randint(0, 14)]
    changed, strange = draw.uniform(0, 0.4), draw.choice(others)

    def said(text: str) -> str:
        pieces = [text[start : start + 2] for start in range(0, len(text), 2)]
        return "".join(_piece(strange, draw) if draw.random() < changed else piece for piece in pieces)

    return f"{said(left.lstrip('，。；：、'))}{draw.choice(_CHINESE[kind])}{said(right.rstrip('，。；：、'))}？"


def _piece(text: str, draw: random.Random) -> str:
    start = draw.randrange(max(len(text) - 1, 1))
    return text[start : start + 2]
