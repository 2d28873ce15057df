"""Web pages, read by selectolax; what is not the page's text (scripts, menus, forms) is left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.knowledge.ingest.blocks import Block, Content, one_line, row
from bot.knowledge.ingest.plain import decode, join_lines

_LEFT_OUT = (
    "script, style, noscript, template, nav, header, footer, aside, input, textarea, button, select, label, svg, "
    "iframe, object, dialog"
)
_MAIN = ("main", "[role=main]", "article", "body")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 6, "dt": 6}
_BLOCK_TAGS = (
    "address article aside blockquote body caption dd details div dl fieldset figcaption figure footer header hr html "
    "li main nav ol p pre section table tbody thead tfoot ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_MOST_DEPTH = 200


def parse_html(path: Path, data: bytes) -> Content:
    """Headings, paragraphs, list items and table rows of the page's main part; raises KnowledgeError."""
    tree = LexborHTMLParser(decode(data))
    title = tree.css_first("h1") or tree.css_first("title")
    link = tree.css_first("link[rel=canonical]")
    address = (link.attributes.get("href") or "") if link else ""
    return Content(
        one_line(title.text()) if title else "",
        address if address.startswith("http") else "",
        tuple(_blocks(tree)),
    )


def html_blocks(fragment: str) -> Iterator[Block]:
    """The blocks of a piece of HTML inside of another format."""
    return _blocks(LexborHTMLParser(fragment))


def _blocks(tree: LexborHTMLParser) -> Iterator[Block]:
    headings = [(node.text(), node.tag) for node in tree.css("header h1")]
    for left_out in tree.css(_LEFT_OUT):
        left_out.decompose()
    parts = (tree.css_first(part) for part in _MAIN)
    root = next((part for part in parts if part and part.text().strip()), None)
    if root is None:
        return
    if headings and not root.css_first("h1"):
        yield Block("heading", one_line(headings[0][0]), 1)
    yield from _Reader().read(root)


class _Reader:
    """Walks a tree once; words gather until a block begins or ends."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._marker = ""

    def read(self, root: LexborNode) -> Iterator[Block]:
        yield from self._children(root, 0)
        yield from self._flush()

    def _children(self, parent: LexborNode, depth: int) -> Iterator[Block]:
        number = 0
        for node in parent.iter(include_text=True):
            if node.tag == "li":
                number += 1
            yield from self._node(node, depth + 1, f"{number}. " if parent.tag == "ol" else "- ")

    def _node(self, node: LexborNode, depth: int, marker: str) -> Iterator[Block]:
        tag = node.tag or ""
        if tag == "-text" or depth > _MOST_DEPTH:
            self._words.append(node.text())
        elif tag in _HEADINGS:
            yield from self._flush()
            anchor = node.attributes.get("id") or ""
            if heading := one_line(node.text()):
                yield Block("heading", heading, _HEADINGS[tag], anchor)
        elif tag == "tr":
            yield from self._flush()
            yield row([cell.text() for cell in node.iter() if cell.tag in ("td", "th")])
        elif tag in _BLOCKS:
            yield from self._flush()
            self._marker = marker if tag == "li" else self._marker
            yield from self._children(node, depth)
            yield from self._flush()
            self._marker = "" if tag == "li" else self._marker
        else:
            self._words.append("\n" if tag == "br" else "")
            yield from self._children(node, depth)

    def _flush(self) -> Iterator[Block]:
        text = join_lines("".join(self._words).split("\n"))
        self._words.clear()
        if text:
            yield Block("item" if self._marker else "paragraph", self._marker + text)
            self._marker = "  " if self._marker else ""
