"""Buttons, menus and the newer layout components: their limits."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from adapters.playground.discord.errors import Form

ROWS = 5
BUTTONS_IN_ROW = 5
ALL_COMPONENTS = 40
CUSTOM_ID = 100
LABEL = 80
URL = 512
OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150


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
LINK_STYLE = 5
PREMIUM_STYLE = 6


def check_components(form: Form, rows: object) -> None:
    """Notes what is wrong with a message's components."""
    seen: set[str] = set()
    limit = ROWS if _has_only_rows(rows) else ALL_COMPONENTS
    for at, row in enumerate(form.count("components", rows, limit)):
        _check(form, f"components.{at}", row, seen)


def _has_only_rows(rows: object) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) and row.get("type") == Component.ROW for row in rows)


def _check(form: Form, path: str, component: Any, seen: set[str]) -> None:
    kind = component.get("type") if isinstance(component, dict) else None
    if kind not in set(Component) or kind == Component.TEXT_INPUT:
        form.wrong(f"{path}.type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(set(Component) - {4})}.")
    elif kind == Component.ROW:
        _check_row(form, path, component, seen)
    elif kind == Component.BUTTON:
        _check_button(form, path, component, seen)
    elif kind in SELECTS:
        _check_select(form, path, component, seen)
    elif kind == Component.TEXT_DISPLAY:
        form.text(f"{path}.content", component.get("content"), 4000, 1)
    else:
        for at, inner in enumerate(form.count(f"{path}.components", component.get("components"), ALL_COMPONENTS)):
            _check(form, f"{path}.components.{at}", inner, seen)


def _check_row(form: Form, path: str, row: dict[str, Any], seen: set[str]) -> None:
    inner = form.count(f"{path}.components", row.get("components"), BUTTONS_IN_ROW)
    if not inner:
        form.wrong(f"{path}.components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {BUTTONS_IN_ROW} in length.")
    for at, component in enumerate(inner):
        _check(form, f"{path}.components.{at}", component, seen)
    if len(inner) > 1 and any(each.get("type") in SELECTS for each in inner):
        form.wrong(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The layout width is exceeded")


def _check_button(form: Form, path: str, button: dict[str, Any], seen: set[str]) -> None:
    style = button.get("style")
    if style not in range(1, 7):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    form.text(f"{path}.label", button.get("label"), LABEL)
    if style == LINK_STYLE:
        form.require(f"{path}.url", button.get("url"))
        form.text(f"{path}.url", button.get("url"), URL)
    elif style != PREMIUM_STYLE:
        _check_custom_id(form, path, button, seen)
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_EMPTY_LABEL", "A label or emoji is required")


def _check_select(form: Form, path: str, select: dict[str, Any], seen: set[str]) -> None:
    _check_custom_id(form, path, select, seen)
    form.text(f"{path}.placeholder", select.get("placeholder"), PLACEHOLDER)
    options = form.count(f"{path}.options", select.get("options"), OPTIONS)
    if select["type"] == Component.TEXT_SELECT and not options:
        form.require(f"{path}.options", None)
    for at, option in enumerate(options):
        for name in ("label", "value"):
            if form.require(f"{path}.options.{at}.{name}", option.get(name)):
                form.text(f"{path}.options.{at}.{name}", option[name], OPTION_TEXT, 1)


def _check_custom_id(form: Form, path: str, component: dict[str, Any], seen: set[str]) -> None:
    custom_id = component.get("custom_id")
    if not form.require(f"{path}.custom_id", custom_id):
        return
    form.text(f"{path}.custom_id", custom_id, CUSTOM_ID, 1)
    if custom_id in seen:
        form.wrong(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    seen.add(str(custom_id))
