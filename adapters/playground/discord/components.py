"""Buttons, menus and the newer layout components: their limits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from adapters.playground.discord.errors import Form
from adapters.playground.discord.model import Json

ROWS = 5
BUTTONS_IN_ROW = 5
ALL_COMPONENTS = 40
CUSTOM_ID = 100
LABEL = 80
URL = 512
OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150
TEXT_DISPLAY = 4000


class Component(IntEnum):
    ROW = 1
    BUTTON = 2
    TEXT_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17


SELECTS = frozenset({3, 5, 6, 7, 8})
IN_MESSAGES = frozenset(map(int, Component)) - {Component.TEXT_INPUT}
STYLES = range(1, 7)
LINK_STYLE = 5
PREMIUM_STYLE = 6


def read_components(form: Form, given: object) -> list[Json]:
    """A message's components; what is wrong with them is noted."""
    seen: set[str] = set()
    has_only_rows = isinstance(given, list) and all(_kind(each) == Component.ROW for each in given)
    rows = form.mappings("components", given, ROWS if has_only_rows else ALL_COMPONENTS)
    for at, row in enumerate(rows):
        _check(form, f"components.{at}", row, seen)
    return list(rows)


def _kind(component: object) -> int:
    kind = component.get("type") if isinstance(component, dict) else None
    return kind if type(kind) is int else 0


def _check(form: Form, path: str, component: Json, seen: set[str]) -> None:
    kind = _kind(component)
    if kind not in IN_MESSAGES:
        form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(IN_MESSAGES)}.")
    elif kind == Component.ROW:
        _check_row(form, path, component, seen)
    elif kind == Component.BUTTON:
        _check_button(form, path, component, seen)
    elif kind in SELECTS:
        _check_select(form, path, component, seen)
    elif kind == Component.TEXT_DISPLAY:
        form.text(f"{path}.content", component.get("content"), TEXT_DISPLAY, 1)
    else:
        _check_inner(form, path, component, ALL_COMPONENTS, seen)


def _check_inner(form: Form, path: str, component: Json, most: int, seen: set[str]) -> Sequence[Json]:
    inner = form.mappings(f"{path}.components", component.get("components"), most)
    for at, each in enumerate(inner):
        _check(form, f"{path}.components.{at}", each, seen)
    return inner


def _check_row(form: Form, path: str, row: Json, seen: set[str]) -> None:
    inner = _check_inner(form, path, row, BUTTONS_IN_ROW, seen)
    if not inner:
        form.wrong(f"{path}.components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {BUTTONS_IN_ROW} in length.")
    if len(inner) > 1 and any(_kind(each) in SELECTS for each in inner):
        form.wrong(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The layout width is exceeded")


def _check_button(form: Form, path: str, button: Json, seen: set[str]) -> None:
    style = form.number(f"{path}.style", button.get("style"))
    if style not in STYLES:
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", f"Value must be one of {tuple(STYLES)}.")
    form.text(f"{path}.label", button.get("label"), LABEL)
    form.mapping(f"{path}.emoji", button.get("emoji"))
    if style == LINK_STYLE:
        form.require(f"{path}.url", button.get("url"))
        form.text(f"{path}.url", button.get("url"), URL)
    elif style != PREMIUM_STYLE:
        _check_custom_id(form, path, button, seen)
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_EMPTY_LABEL", "A label or emoji is required")


def _check_select(form: Form, path: str, select: Json, seen: set[str]) -> None:
    _check_custom_id(form, path, select, seen)
    form.text(f"{path}.placeholder", select.get("placeholder"), PLACEHOLDER)
    options = form.mappings(f"{path}.options", select.get("options"), OPTIONS)
    if _kind(select) == Component.TEXT_SELECT and not options:
        form.require(f"{path}.options", None)
    for at, option in enumerate(options):
        for name in ("label", "value"):
            if form.require(f"{path}.options.{at}.{name}", option.get(name)):
                form.text(f"{path}.options.{at}.{name}", option[name], OPTION_TEXT, 1)


def _check_custom_id(form: Form, path: str, component: Json, seen: set[str]) -> None:
    if not form.require(f"{path}.custom_id", component.get("custom_id")):
        return
    custom_id = form.text(f"{path}.custom_id", component["custom_id"], CUSTOM_ID, 1)
    if custom_id in seen:
        form.wrong(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    seen.add(custom_id)
