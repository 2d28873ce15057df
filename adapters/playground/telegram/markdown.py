"""MarkdownV2 and the old Markdown, read as strictly as the platform reads them.

core.telegram.org/bots/api#markdownv2-style. Byte offsets in refusals count the UTF-8 bytes of the marked-up text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.playground.telegram.entities import units
from adapters.playground.telegram.errors import ApiError, JsonObject, cannot_parse

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_NAMES = {
    "__": ("underline", "Underline"),
    "_": ("italic", "Italic"),
    "*": ("bold", "Bold"),
    "~": ("strikethrough", "Strikethrough"),
    "||": ("spoiler", "Spoiler"),
    "```": ("pre", "Pre"),
    "`": ("code", "Code"),
    "[": ("text_link", "TextUrl"),
    "![": ("custom_emoji", "CustomEmoji"),
}
_LANGUAGE = re.compile(r"[^\s`]*\n")


@dataclass
class _Open:
    mark: str
    offset: int
    """In UTF-16 units of the plain text."""
    byte: int
    language: str = ""


class MarkdownV2:
    """One reading of one text; `read` gives the plain text and its entities. Raises ApiError 400."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[JsonObject] = []
        self._quote: tuple[str, int] | None = None

    def read(self) -> tuple[str, list[JsonObject]]:
        """The plain text and its entities."""
        while self._at < len(self._source):
            self._step()
        if self._open:
            raise self._unclosed(self._open[-1])
        self._end_quote()
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text), self._entities

    def _step(self) -> None:
        character = self._source[self._at]
        following = self._source[self._at + 1 : self._at + 2]
        if character == "\\" and following and 0 < ord(following) <= 126:
            self._append(following)
            self._at += 2
        elif self._open and self._open[-1].mark in ("`", "```"):
            self._step_in_code(character)
        elif self._begins_line() and self._begins_quote():
            pass
        elif character in _RESERVED:
            self._step_at_mark(character)
        else:
            self._append(character)
            self._at += 1

    def _step_in_code(self, character: str) -> None:
        mark = self._open[-1].mark
        if character == "`" and self._source.startswith(mark, self._at):
            self._close(mark)
        else:
            self._append(character)
            self._at += 1

    def _begins_line(self) -> bool:
        return self._at == 0 or self._source[self._at - 1] == "\n"

    def _begins_quote(self) -> bool:
        """Takes the mark of a quotation at the start of a line; ends the quotation where there is none."""
        expandable = self._source.startswith("**>", self._at)
        if not expandable and self._source[self._at] != ">":
            self._end_quote()
            return False
        if expandable:
            self._end_quote()
        if self._quote is None:
            self._quote = ("expandable_blockquote" if expandable else "blockquote", self._units)
        self._at += 3 if expandable else 1
        return True

    def _end_quote(self) -> None:
        if self._quote is None:
            return
        kind, offset = self._quote
        plain = "".join(self._text)
        length = self._units - offset - (1 if plain.endswith("\n") else 0)
        self._quote = None
        if length > 0:
            self._entities.append({"type": kind, "offset": offset, "length": length})

    def _step_at_mark(self, character: str) -> None:
        top = self._open[-1].mark if self._open else ""
        if character == "]" and top in ("[", "!["):
            self._close_link()
            return
        mark = self._mark(character)
        if mark is None:
            if self._source.startswith("||", self._at) and self._quote and self._quote[0].startswith("expandable"):
                self._at += 2
                return
            raise cannot_parse(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        if mark == top:
            self._close(mark)
        else:
            self._begin(mark)

    def _mark(self, character: str) -> str | None:
        """The mark that is here; None for a reserved character that is no mark in this place."""
        for mark in ("```", "__", "||", "!["):
            if character == mark[0] and self._source.startswith(mark, self._at):
                return None if mark == "||" and self._ends_expandable_quote() else mark
        return character if character in "_*~`[" else None

    def _ends_expandable_quote(self) -> bool:
        if self._quote is None or not self._quote[0].startswith("expandable"):
            return False
        after = self._source[self._at + 2 : self._at + 3]
        return after in ("", "\n") and all(one.mark != "||" for one in self._open)

    def _begin(self, mark: str) -> None:
        opened = _Open(mark, self._units, len(self._source[: self._at].encode()))
        self._at += len(mark)
        if mark == "```" and (language := _LANGUAGE.match(self._source, self._at)):
            opened.language = language.group().rstrip("\n")
            self._at = language.end()
        self._open.append(opened)

    def _close(self, mark: str) -> None:
        opened = self._open.pop()
        self._at += len(mark)
        more = {"language": opened.language} if opened.language else {}
        self._add(opened, **more)

    def _close_link(self) -> None:
        opened = self._open.pop()
        self._at += 1
        url = self._read_url() if self._source.startswith("(", self._at) else ""
        if opened.mark == "![":
            self._add_custom_emoji(opened, url)
        elif user := re.fullmatch(r"tg://user\?id=(\d+)", url):
            identity = {"id": int(user.group(1)), "is_bot": False, "first_name": ""}
            self._add(opened, type="text_mention", user=identity)
        elif re.fullmatch(r"(?:https?|tg|ton|mailto|tel):\S+|\S+\.\S+", url):
            self._add(opened, url=url)

    def _add_custom_emoji(self, opened: _Open, url: str) -> None:
        emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
        if emoji is None:
            raise cannot_parse("Custom emoji URL must have an emoji identifier")
        self._add(opened, custom_emoji_id=emoji.group(1))

    def _read_url(self) -> str:
        started = self._at
        url: list[str] = []
        self._at += 1
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "\\" and self._at + 1 < len(self._source):
                self._at += 1
                character = self._source[self._at]
            elif character == ")":
                self._at += 1
                return "".join(url)
            url.append(character)
            self._at += 1
        raise cannot_parse(f"Can't find end of a URL at byte offset {len(self._source[:started].encode())}")

    def _append(self, character: str) -> None:
        self._text.append(character)
        self._units += units(character)

    def _add(self, opened: _Open, **more: object) -> None:
        length = self._units - opened.offset
        if length > 0:
            kind = _NAMES[opened.mark][0]
            self._entities.append({"type": kind, "offset": opened.offset, "length": length, **more})

    def _unclosed(self, opened: _Open) -> ApiError:
        name = "PreCode" if opened.language else _NAMES[opened.mark][1]
        return cannot_parse(f"Can't find end of {name} entity at byte offset {opened.byte}")


_OLD_MARKS = {"_": "italic", "*": "bold", "`": "code"}


def read_markdown_v2(source: str) -> tuple[str, list[JsonObject]]:
    """The plain text and the entities of MarkdownV2. Raises ApiError 400."""
    return MarkdownV2(source).read()


def read_old_markdown(source: str) -> tuple[str, list[JsonObject]]:
    """The plain text and the entities of the old Markdown, which cannot nest. Raises ApiError 400."""
    text: list[str] = []
    entities: list[JsonObject] = []
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            text.append(source[at + 1])
            at += 2
        elif character in "_*`[":
            at = _read_old_entity(source, at, text, entities)
        else:
            text.append(character)
            at += 1
    return "".join(text), entities


def _read_old_entity(source: str, at: int, text: list[str], entities: list[JsonObject]) -> int:
    """Reads one entity from its mark on; gives the place after it."""
    mark = "```" if source.startswith("```", at) else source[at]
    closing = "]" if mark == "[" else mark
    end = source.find(closing, at + len(mark))
    if end < 0:
        byte = len(source[:at].encode())
        raise cannot_parse(f"Can't find end of the entity starting at byte offset {byte}")
    inner = source[at + len(mark) : end]
    entity: JsonObject = {"type": "pre" if mark == "```" else _OLD_MARKS.get(mark, "text_link")}
    after = end + len(closing)
    if mark == "[":
        link = re.compile(r"\(([^)]*)\)").match(source, after)
        if link is None:
            text.append(inner)
            return after
        entity["url"] = link.group(1)
        after = link.end()
    elif mark == "```" and (language := re.match(r"([^\s`]+)\n", inner)):
        entity["language"] = language.group(1)
        inner = inner[language.end() :]
    if inner:
        entities.append(entity | {"offset": units("".join(text)), "length": units(inner)})
        text.append(inner)
    return after
