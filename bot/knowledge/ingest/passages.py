"""Cuts a file's content into passages that can be found, read and quoted on their own.

A passage stays within one heading and has about 60 to 180 words (120 to 350 Chinese characters). Sentences
are never cut. A list keeps its lead-in and a table its first row; where they are cut, both are repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import regex

from bot.answers.sentences import split
from bot.knowledge.ingest.blocks import Block, Content, Entry
from bot.knowledge.ingest.language import languages
from bot.messages import Passage

LEAST = 60.0
MOST = 180.0
_TOLERANCE = 1.25
"""A short end joins the piece before it if both together are within this factor of MOST."""
_LEAD_WORDS = 40.0
_HAN_WORDS = 0.5
"""What one Chinese character counts as: 120 to 350 of them are 60 to 175 words."""
_LONGEST_SENTENCE = 4000
_LONGEST_TITLE = 300

_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_WORD = regex.compile(r"[[\p{L}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+", regex.VERSION1)


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that passages are of: its id, the title for a file without one, and what its citations name."""

    document_id: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class _Section:
    heading: tuple[str, ...]
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Text that is never cut, and what stands between it and the text before it."""

    text: str
    glue: str
    anchor: str = ""


def passages(content: Content, origin: Origin) -> list[Passage]:
    """The passages in their order; ids depend on the document and the passage's own words, not on its place."""
    title = content.title or _first_title(content.blocks) or origin.title
    drafts = [*_from_entries(content.entries, title, origin), *_from_blocks(content, title, origin)]
    spoken = languages([draft.text for draft in drafts])
    seen: dict[str, int] = {}
    return [
        replace(
            draft, id=draft.id or _identity(draft, seen), position=position, language=draft.language or spoken[position]
        )
        for position, draft in enumerate(drafts)
    ]


def size(text: str) -> float:
    """Words, where a Chinese or Japanese character counts half."""
    return len(_WORD.findall(text)) + _HAN_WORDS * len(_WIDE.findall(text))


def pieces(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """The texts of the passages of one section, each with the anchor of its beginning."""
    packed: list[list[_Unit]] = []
    for unit in _units(blocks):
        if packed and size(_joined([*packed[-1], unit])) <= MOST:
            packed[-1].append(unit)
        else:
            packed.append([unit])
    if len(packed) > 1 and size(_joined(packed[-1])) < LEAST:
        together = [*packed[-2], *packed[-1]]
        if size(_joined(together)) <= MOST * _TOLERANCE:
            packed[-2:] = [together]
    return [(_joined(units), units[0].anchor) for units in packed]


def _from_entries(entries: Iterable[Entry], title: str, origin: Origin) -> Iterator[Passage]:
    for entry in entries:
        texts = [entry.text] if entry.id else [text for text, _ in pieces(_paragraphs(entry.text))]
        for text in texts:
            yield Passage(
                id=entry.id,
                title=(entry.title or title)[:_LONGEST_TITLE],
                text=text,
                source=entry.source or origin.source,
                document_id=origin.document_id,
                heading=entry.heading,
                language=entry.language,
            )


def _from_blocks(content: Content, title: str, origin: Origin) -> Iterator[Passage]:
    for section in _sections(content.blocks):
        names = dict.fromkeys((title, *section.heading))
        for text, anchor in pieces(section.blocks):
            yield Passage(
                id="",
                title=" › ".join(names)[:_LONGEST_TITLE],
                text=text,
                source=_source(content.link, origin.source, section, anchor),
                document_id=origin.document_id,
                heading=section.heading,
            )


def _identity(draft: Passage, seen: dict[str, int]) -> str:
    words = "\n".join((draft.document_id, draft.title, *draft.heading, draft.text))
    identity = "p_" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
    seen[identity] = seen.get(identity, 0) + 1
    return identity if seen[identity] == 1 else f"{identity}-{seen[identity]}"


def _first_title(blocks: Sequence[Block]) -> str:
    return blocks[0].text if blocks and blocks[0].kind == "heading" and blocks[0].level == 1 else ""


def _sections(blocks: Sequence[Block]) -> Iterator[_Section]:
    path: list[Block] = []
    body: list[Block] = []
    for block in blocks:
        if block.kind != "heading":
            body.append(block)
            continue
        yield from _section(path, body)
        path = [*(heading for heading in path if heading.level < block.level), block]
        body = []
    yield from _section(path, body)


def _section(path: Sequence[Block], body: Sequence[Block]) -> Iterator[_Section]:
    if body:
        heading = tuple(block.text for block in path)
        yield _Section(heading, path[-1].anchor if path else "", tuple(body))


def _source(link: str, name: str, section: _Section, anchor: str) -> str:
    """With an anchor: that of the place in the file, else that of the heading as Markdown viewers make it.

    A page's own address gets only an anchor that the page is known to have.
    """
    known = anchor or section.anchor
    if link:
        return f"{link}#{known}" if known else link
    made = slug(section.heading[-1]) if section.heading else ""
    return f"{name}#{known or made}" if known or made else name


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and most Markdown viewers make it."""
    return regex.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _paragraphs(text: str) -> list[Block]:
    return [Block("paragraph", part.strip()) for part in regex.split(r"\n\s*\n", text) if part.strip()]


def _units(blocks: Sequence[Block]) -> Iterator[_Unit]:
    lead: Block | None = None
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        run = list(group)
        if kind != "paragraph":
            yield from _list(lead, run)
            lead = None
            continue
        if lead:
            yield from _sentences(lead)
        lead = run.pop() if _is_lead(run[-1]) else None
        for block in run:
            yield from _sentences(block)
    if lead:
        yield from _sentences(lead)


def _is_lead(block: Block) -> bool:
    """A short paragraph in front of a list belongs to the list."""
    return size(block.text) <= _LEAD_WORDS


def _list(lead: Block | None, run: list[Block]) -> Iterator[_Unit]:
    """A list or table: one unit if it is small enough, else several, each under the lead-in and the first row."""
    top: list[str] = [lead.text] if lead else []
    glue = "\n\n"
    if run[0].kind == "row" and len(run) > 1:
        top.append(run.pop(0).text)
    anchor = lead.anchor if lead else run[0].anchor
    lines: list[str] = []
    for block in run:
        if lines and size("\n".join([*top, *lines, block.text])) > MOST:
            yield _Unit("\n".join([*top, *lines]), glue, anchor)
            top = top if size("\n".join(top)) <= _LEAD_WORDS else []
            lines, anchor = [], block.anchor
        lines.append(block.text)
    yield _Unit("\n".join([*top, *lines]), glue, anchor)


def _sentences(block: Block) -> Iterator[_Unit]:
    """The whole paragraph if it is small enough, else its sentences."""
    if size(block.text) <= MOST:
        yield _Unit(block.text, "\n\n", block.anchor)
        return
    glue = "\n\n"
    for sentence in _cut(block.text):
        yield _Unit(sentence.strip(), glue, block.anchor)
        glue = " " if sentence[-1:].isspace() else ""


def _cut(text: str) -> Iterator[str]:
    """Sentences with the white space behind them; one that no reader would take for a sentence is cut at a space."""
    starts = [0, *(sentence.start for sentence in split(text)[1:]), len(text)]
    for start, end in pairwise(starts):
        while end - start > _LONGEST_SENTENCE:
            space = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            stop = space + 1 if space > start else start + _LONGEST_SENTENCE
            yield text[start:stop]
            start = stop
        yield text[start:end]


def _joined(units: Sequence[_Unit]) -> str:
    return units[0].text + "".join(unit.glue + unit.text for unit in units[1:])
