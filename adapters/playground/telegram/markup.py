"""HTML markup, read as strictly as the platform reads it: core.telegram.org/bots/api#html-style."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adapters.playground.telegram.entities import units
from adapters.playground.telegram.errors import ApiError, JsonObject, cannot_parse

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@dataclass
class _Open:
    tag: str
    offset: int
    piece: int
    """Index of the first piece of plain text within."""
    attributes: dict[str, str] = field(default_factory=dict)


class Html:
    """One reading of one text; `read` gives the plain text and its entities. Raises ApiError 400."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[JsonObject] = []

    def read(self) -> tuple[str, list[JsonObject]]:
        """The plain text and its entities."""
        while self._at < len(self._source):
            if self._source[self._at] == "<":
                self._read_tag()
            elif self._source[self._at] == "&" and (found := _REFERENCE.match(self._source, self._at)):
                self._append(_decoded(found))
                self._at = found.end()
            else:
                self._append(self._source[self._at])
                self._at += 1
        if self._open:
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text), _merged_code(self._entities)

    def _read_tag(self) -> None:
        found = _TAG.match(self._source, self._at)
        byte = len(self._source[: self._at].encode())
        if found is None:
            raise self._no_tag(byte)
        closing, name, attributes = found.group(1), found.group(2).lower(), found.group(3)
        if closing:
            self._end_tag(name, byte)
        else:
            self._start_tag(name, attributes, byte)
        self._at = found.end()

    def _no_tag(self, byte: int) -> ApiError:
        name = re.match(r"</?([^\s>]*)", self._source[self._at :])
        if ">" not in self._source[self._at :]:
            return cannot_parse(f"Unclosed start tag at byte offset {byte}")
        return cannot_parse(f'Unsupported start tag "{name.group(1) if name else ""}" at byte offset {byte}')

    def _start_tag(self, name: str, attributes: str, byte: int) -> None:
        values = {
            found.group(1).lower(): _unescaped(found.group(2) or found.group(3) or found.group(4) or "")
            for found in _ATTRIBUTE.finditer(attributes)
        }
        if name not in _TAGS:
            raise cannot_parse(f'Unsupported start tag "{name}" at byte offset {byte}')
        if name == "span" and values.get("class") != "tg-spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
        self._open.append(_Open(name, self._units, len(self._text), values))

    def _end_tag(self, name: str, byte: int) -> None:
        if not self._open:
            raise cannot_parse(f"Unexpected end tag at byte offset {byte}")
        opened = self._open.pop()
        if opened.tag != name:
            raise cannot_parse(
                f'Unmatched end tag at byte offset {byte}, expected "</{opened.tag}>", found "</{name}>"'
            )
        length = self._units - opened.offset
        if length > 0 and (entity := self._entity(opened)):
            self._entities.append(entity | {"offset": opened.offset, "length": length})

    def _entity(self, opened: _Open) -> JsonObject | None:
        kind, attributes = _TAGS[opened.tag], opened.attributes
        if kind == "text_link":
            return _link(attributes.get("href") or "".join(self._text[opened.piece :]))
        if kind == "custom_emoji":
            return {"type": kind, "custom_emoji_id": attributes.get("emoji-id", "")}
        if kind == "blockquote" and "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        language = attributes.get("class", "")
        if kind == "code" and language.startswith("language-"):
            return {"type": kind, "language": language.removeprefix("language-")}
        return {"type": kind}

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._units += units(text)


def read_html(source: str) -> tuple[str, list[JsonObject]]:
    """The plain text and the entities of HTML. Raises ApiError 400."""
    return Html(source).read()


def _link(url: str) -> JsonObject | None:
    user = re.fullmatch(r"tg://user\?id=(\d+)", url)
    if user:
        return {"type": "text_mention", "user": {"id": int(user.group(1)), "is_bot": False, "first_name": ""}}
    if re.fullmatch(r"(?:https?|tg|ton|mailto|tel):\S+|\S+\.\S+", url):
        return {"type": "text_link", "url": url}
    return None


def _decoded(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else found.group()


def _unescaped(value: str) -> str:
    return _REFERENCE.sub(_decoded, value)


def _merged_code(entities: list[JsonObject]) -> list[JsonObject]:
    """`pre` around `code` is one entity, which has the language of the inner one."""
    blocks = {(one["offset"], one["length"]): one for one in entities if one["type"] == "pre"}
    kept = []
    for entity in entities:
        block = blocks.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and block is not None:
            if "language" in entity:
                block["language"] = entity["language"]
        else:
            kept.append(
                {name: value for name, value in entity.items() if (entity["type"], name) != ("code", "language")}
            )
    return kept
