"""Marks inside a paragraph: styles, code and links. What has no partner is text. Linear in the paragraph's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import regex

from adapters.markup.spans import Kind, Span

_ADDRESS = r"https?://(?:[^\s()<>\[\]\"`*\\^{}|\p{Han}\u3000-\u303f\uff00-\uffef]|\([^\s()<>]{0,300}\))"
_TOKEN = regex.compile(
    rf"(?P<ticks>`++)|(?P<target>\]\((?P<address>{_ADDRESS}{{1,800}}+)\))|(?P<open>\[)|(?P<close>\])"
    rf"|(?P<mark>\*++|~++)|(?P<url>{_ADDRESS}++)"
)
_TICKS = regex.compile(r"`++")
_MARKS: dict[str, tuple[Kind, ...]] = {
    "***": ("bold", "italic"),
    "**": ("bold",),
    "*": ("italic",),
    "~~": ("strikethrough",),
}
_NO_WORD_BORDER = regex.compile(r"[[\p{L}\p{N}\p{M}_\u200d]--[\p{Han}\p{Hiragana}\p{Katakana}]]", regex.VERSION1)
_EXTENDS_CLUSTER = regex.compile(r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]")

_TokenKind = Literal["text", "code", "url", "open", "close", "target", "mark"]


@dataclass(slots=True)
class _Token:
    kind: _TokenKind
    text: str
    before: str = ""
    after: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The tokens `first` and `last` are marks around a span and are not shown."""

    first: int
    last: int
    kind: Kind
    value: str = ""


@dataclass(slots=True)
class _Openers:
    """Marks that wait for their partner, innermost last."""

    stack: list[tuple[str, int]] = field(default_factory=list)
    count: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def push(self, mark: str, index: int) -> None:
        self.stack.append((mark, index))
        self.count[mark] += 1

    def pop(self, *marks: str) -> tuple[str, int]:
        """The innermost of `marks` and its index; what was opened within it stays text."""
        while True:
            mark, index = self.stack.pop()
            self.count[mark] -= 1
            if mark in marks:
                return mark, index


def parse_inline(source: str) -> tuple[str, list[Span]]:
    """The text without marks, and its spans."""
    tokens = list(_tokens(source))
    links = _links(tokens)
    return _show(tokens, [*links, *_styles(tokens, links)], links)


def _tokens(source: str) -> Iterator[_Token]:
    closing = _closing_ticks(source)
    position = 0
    while found := _TOKEN.search(source, position):
        if position < found.start():
            yield _Token("text", source[position : found.start()])
        token, position = _token(source, found, closing)
        yield token
    if position < len(source):
        yield _Token("text", source[position:])


def _token(source: str, found: regex.Match[str], closing: dict[int, int]) -> tuple[_Token, int]:
    """The token and where the next begins."""
    start, end, text = found.start(), found.end(), found.group()
    match found.lastgroup:
        case "ticks":
            content = source[end : closing.get(start, end)]
            if content.strip() and "\n" not in content:
                return _Token("code", content), closing[start] + len(text)
            return _Token("text", text), end
        case "url":
            text = text.rstrip(".,:;!?'~_-")
            return _Token("text" if text.endswith("://") else "url", text), start + len(text)
        case "mark":
            return _Token("mark", text, source[start - 1 : start], source[end : end + 1]), end
        case "target":
            return _Token("target", text, after=source[end : end + 1], address=found["address"]), end
        case "open":
            return _Token("open", text), end
        case _:
            return _Token("close", text), end


def _closing_ticks(source: str) -> dict[int, int]:
    """For each run of ticks where the next run of the same length begins."""
    following: dict[int, int] = {}
    closing: dict[int, int] = {}
    for run in reversed(list(_TICKS.finditer(source))):
        length = run.end() - run.start()
        if length in following:
            closing[run.start()] = following[length]
        following[length] = run.start()
    return closing


def _links(tokens: Sequence[_Token]) -> list[_Pair]:
    """Labels with their addresses; an address that is its own label is a bare one."""
    links: list[_Pair] = []
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(index)
        elif token.kind == "close" and opened:
            opened.pop()
        elif token.kind == "target" and opened:
            first = opened.pop()
            opened.clear()
            label = "".join(each.text for each in tokens[first + 1 : index])
            if not label.strip() or _cuts_cluster(label, token.after):
                continue
            if label == token.address:
                links.append(_Pair(first, index, "url"))
            elif "://" not in label:  # one address in words that leads to another is nobody's friend
                links.append(_Pair(first, index, "link", token.address))
    return links


def _cuts_cluster(label: str, after: str) -> bool:
    return bool(_EXTENDS_CLUSTER.match(label) or _EXTENDS_CLUSTER.match(after))


def _styles(tokens: Sequence[_Token], links: Sequence[_Pair]) -> list[_Pair]:
    """Pairs of marks; both are inside the same label of a link, or outside of all."""
    pairs: list[_Pair] = []
    starts, ends = {link.first for link in links}, {link.last for link in links}
    outside = openers = _Openers()
    for index, token in enumerate(tokens):
        if index in starts:
            openers = _Openers()
        elif index in ends:
            openers = outside
        elif token.kind == "mark":
            pairs += _closed(token, index, openers)
    return pairs


def _closed(token: _Token, index: int, openers: _Openers) -> list[_Pair]:
    """The pairs that end with this mark; one that ends none may open some."""
    if token.text not in _MARKS or token.before == "\\":
        return []
    if token.before.strip() and not _NO_WORD_BORDER.match(token.after):
        if openers.count[token.text]:
            _, first = openers.pop(token.text)
            return [_Pair(first, index, kind) for kind in _MARKS[token.text]]
        if token.text == "***" and openers.count["*"] and openers.count["**"]:
            return _closed_together(index, openers)
    if token.after.strip() and not _NO_WORD_BORDER.match(token.before):
        openers.push(token.text, index)
    return []


def _closed_together(index: int, openers: _Openers) -> list[_Pair]:
    """Both styles of `**bold, *italic***` end at one run of marks."""
    inner, first = openers.pop("*", "**")
    outer, second = openers.pop("*" if inner == "**" else "**")
    return [_Pair(at, index, kind) for mark, at in ((inner, first), (outer, second)) for kind in _MARKS[mark]]


def _show(tokens: Sequence[_Token], pairs: Sequence[_Pair], links: Sequence[_Pair]) -> tuple[str, list[Span]]:
    hidden = {index for pair in pairs for index in (pair.first, pair.last)}
    offsets: list[int] = []
    shown: list[str] = []
    length = 0
    for index, token in enumerate(tokens):
        offsets.append(length)
        if index not in hidden:
            shown.append(token.text)
            length += len(token.text)
    spans = [Span(offsets[pair.first], offsets[pair.last], pair.kind, pair.value) for pair in pairs]
    return "".join(shown), [*spans, *_code_and_addresses(tokens, offsets, links)]


def _code_and_addresses(tokens: Sequence[_Token], offsets: Sequence[int], links: Sequence[_Pair]) -> Iterator[Span]:
    """No platform shows code in a link's label, so that there it is text."""
    starts, ends = {link.first for link in links}, {link.last for link in links}
    in_label = False
    for index, token in enumerate(tokens):
        in_label = (in_label or index in starts) and index not in ends
        if not in_label and token.kind in ("code", "url"):
            kind: Kind = "code" if token.kind == "code" else "url"
            yield Span(offsets[index], offsets[index] + len(token.text), kind)
