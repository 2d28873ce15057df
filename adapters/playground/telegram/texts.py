"""Texts, captions and keyboards of requests, checked."""

from __future__ import annotations

from typing import Any

from adapters.playground.telegram.entities import CAPTION_UNITS, TEXT_UNITS, checked, detected, trimmed, units
from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.markdown import read_markdown_v2, read_old_markdown
from adapters.playground.telegram.markup import read_html
from adapters.playground.telegram.parameters import Parameters

_CALLBACK_BYTES = 64
_BUTTONS = 100
_READERS = {"markdownv2": read_markdown_v2, "markdown": read_old_markdown, "html": read_html}
_OTHER_BUTTONS = ("url", "switch_inline_query", "switch_inline_query_current_chat", "web_app", "login_url", "pay")


def message_text(parameters: Parameters, *, may_be_empty: bool = False) -> JsonObject:
    """The fields `text` and `entities` of a message, of 1 to 4096 UTF-16 units. Raises ApiError 400."""
    text, entities = formatted(parameters.text("text"), parameters, parameters.items("entities"))
    if not text and not may_be_empty:
        raise bad_request("message text is empty")
    if units(text) > TEXT_UNITS:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def message_caption(parameters: Parameters) -> JsonObject:
    """The fields `caption` and `caption_entities`, of at most 1024 UTF-16 units. Raises ApiError 400."""
    text, entities = formatted(parameters.text("caption"), parameters, parameters.items("caption_entities"))
    if units(text) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def formatted(text: str, parameters: Parameters, given: list[Any]) -> tuple[str, list[JsonObject]]:
    """The plain text and its entities, from markup or as they were given. Raises ApiError 400."""
    mode = parameters.text("parse_mode").lower()
    if mode and mode not in _READERS:
        raise bad_request("unsupported parse_mode")
    if mode:
        text, entities = _READERS[mode](text)
    else:
        entities = checked(text, given)
    text, entities = trimmed(text, entities)
    return text, detected(text, entities)


def reply_markup(parameters: Parameters) -> JsonObject | None:
    """The keyboard of a request; None if it has none. Raises ApiError 400."""
    markup = parameters.mapping("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" in markup:
        return {"inline_keyboard": _inline_keyboard(markup["inline_keyboard"])}
    if not any(name in markup for name in ("keyboard", "remove_keyboard", "force_reply")):
        raise bad_request("object expected as reply markup")
    return markup


def inline_keyboard(parameters: Parameters) -> JsonObject:
    """The field `reply_markup` of the message: only inline keyboards stay with it."""
    markup = reply_markup(parameters)
    if markup and markup.get("inline_keyboard"):
        return {"reply_markup": markup}
    return {}


def _inline_keyboard(rows: Any) -> list[list[JsonObject]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse inline keyboard markup: expected an Array of Arrays")
    keyboard = [[_inline_button(button) for button in row] for row in rows if row]
    if sum(map(len, keyboard)) > _BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def _inline_button(button: Any) -> JsonObject:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text, data = button.get("text"), button.get("callback_data")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("inline keyboard button text can't be empty")
    if data is None and not any(name in button for name in _OTHER_BUTTONS) and "copy_text" not in button:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if data is not None and (not isinstance(data, str) or not 1 <= len(data.encode()) <= _CALLBACK_BYTES):
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return {name: value for name, value in button.items() if value is not None}
