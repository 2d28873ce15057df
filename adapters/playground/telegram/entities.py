"""Message entities: checked as documented, trimmed with their text, and found in plain text.

Offsets and lengths count UTF-16 code units (core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from adapters.playground.telegram.errors import JsonObject, bad_request, cannot_parse

TEXT_UNITS = 4096
CAPTION_UNITS = 1024

_DETECTED = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
_STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
_QUOTES = {"blockquote", "expandable_blockquote"}
_CODE = {"code", "pre"}
_REFERENCES = {"text_link", "text_mention", "custom_emoji", "date_time"}
_GIVEN = _STYLES | _QUOTES | _CODE | _REFERENCES

_FOUND_IN_TEXT = (
    ("url", re.compile(r"\b(?:https?|ftp)://[^\s<>\"]+[^\s<>\".,:;!?)\]}]", re.IGNORECASE)),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<!\w)@[a-zA-Z0-9_]{3,32}\b")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<!\w)\$[A-Z]{3,8}\b")),
)


def units(text: str) -> int:
    """UTF-16 code units of a text."""
    return len(text) + sum(character > "\uffff" for character in text)


def positions(text: str) -> list[int]:
    """The UTF-16 offset of each character, and that of the end."""
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def cut(text: str, entity: JsonObject) -> str:
    """The part of a text that an entity covers."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    start = entity["offset"] * 2
    return encoded[start : start + entity["length"] * 2].decode("utf-16-le", "replace")


def checked(text: str, entities: Sequence[Any]) -> list[JsonObject]:
    """The given entities of a text in their order.

    Raises ApiError 400 for one that is no entity, lies outside of the text, cuts a character, or overlaps another in a
    way that the documentation excludes.
    """
    ends = set(positions(text))
    last = max(ends)
    kept = [entity for entity in map(_shape, entities) if entity["type"] in _GIVEN and entity["length"] > 0]
    for entity in kept:
        _check_place(entity, ends, last)
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    _check_nesting(kept)
    return kept


def _shape(entity: Any) -> JsonObject:
    if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
        raise bad_request("can't parse MessageEntity: expected an Object with a type")
    for name in ("offset", "length"):
        if not isinstance(entity.get(name), int) or isinstance(entity[name], bool):
            raise bad_request(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
        if entity[name] < 0:
            raise bad_request(f"receive an entity with incorrect {name} {entity[name]}")
    kind = entity["type"]
    if kind not in _GIVEN | _DETECTED:
        raise bad_request("can't parse MessageEntity: unsupported type specified")
    if kind == "text_link" and not re.match(r"(?:https?|tg|ton)://\S+|\S+\.\S+", str(entity.get("url", ""))):
        raise bad_request(f"entity URL '{entity.get('url', '')}' is invalid: Wrong HTTP URL")
    return {name: value for name, value in entity.items() if value is not None}


def _check_place(entity: JsonObject, ends: set[int], last: int) -> None:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    if start > last:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
    if end > last:
        where = f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        raise bad_request(where)
    if start not in ends:
        raise bad_request(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}")
    if end not in ends:
        raise bad_request(f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol")


def _check_nesting(entities: list[JsonObject]) -> None:
    """Entities are sorted by offset, the longer one first."""
    around: list[JsonObject] = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        while around and around[-1]["offset"] + around[-1]["length"] <= start:
            around.pop()
        if around and end > around[-1]["offset"] + around[-1]["length"]:
            raise cannot_parse(f"entities overlap at UTF-16 offset {start}")
        for outer in around:
            if not _may_contain(outer["type"], entity["type"]):
                raise cannot_parse(f"{entity['type']} can't be part of {outer['type']} at UTF-16 offset {start}")
        around.append(entity)


def _may_contain(outer: str, inner: str) -> bool:
    """Styles go with everything but code; quotes do not nest; all others do not contain each other."""
    if outer in _CODE or (inner in _CODE and outer not in _QUOTES):
        return False
    if outer in _STYLES or inner in _STYLES:
        return True
    return (outer in _QUOTES) != (inner in _QUOTES)


def trimmed(text: str, entities: Sequence[JsonObject]) -> tuple[str, list[JsonObject]]:
    """The text without white space around it (up to the first entity), and its entities moved and shortened likewise.

    Control characters become spaces, as on the platform.
    """
    text = "".join(" " if character < " " and character != "\n" else character for character in text)
    offsets = positions(text)
    first = min((entity["offset"] for entity in entities), default=offsets[-1])
    skipped = 0
    while skipped < len(text) and text[skipped] in " \n" and offsets[skipped] < first:
        skipped += 1
    end = max(len(text.rstrip()), skipped)
    before, last = offsets[skipped], offsets[end]
    moved = []
    for entity in entities:
        length = min(entity["offset"] + entity["length"], last) - entity["offset"]
        if length > 0:
            moved.append(entity | {"offset": entity["offset"] - before, "length": length})
    return text[skipped:end], moved


def detected(text: str, entities: Sequence[JsonObject] = ()) -> list[JsonObject]:
    """The entities together with those that the platform finds by itself where no code, link or other one is."""
    offsets = positions(text)
    taken = [_span(entity) for entity in entities if entity["type"] not in _STYLES | _QUOTES]
    found = list(entities)
    for kind, pattern in _FOUND_IN_TEXT:
        for match in pattern.finditer(text):
            start, end = offsets[match.start()], offsets[match.end()]
            if all(end <= other_start or start >= other_end for other_start, other_end in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))


def _span(entity: JsonObject) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]
