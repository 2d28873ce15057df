"""Stories from YAML files; what is wrong is named with file and line.

    - story: Returning a jacket
      turns:
        - user: How long can I return an order?
          bot:
            route: answer
            citation: returns.md
            contains: [30 days]
            never: [no refund]

Every value is read as the text that was written, so that `never: no` means the word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import yaml

from bot.errors import UsageError
from bot.messages import Route

LONGEST_FILE = 1_000_000  # characters
ROUTES: tuple[str, ...] = get_args(Route)
_STORY, _TURN, _BOT = ("story", "turns"), ("user", "bot"), ("route", "citation", "contains", "never")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a reply must be: of one of `routes` (any if empty), with a citation for each of `citations` (a part of its
    source, title or quote), with all of `contains` in its text and none of `never`."""

    routes: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What the user says and what the bot must answer; `line` counts from 1."""

    user: str
    bot: Expectation
    line: int


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation, from its first message on."""

    name: str
    steps: tuple[Step, ...]
    file: Path


def read_stories(files: Sequence[Path]) -> list[Story]:
    """The stories of the files, in their order. Raises UsageError with file and line."""
    return [story for file in files for story in _Reader(file).stories()]


class _Reader:
    """One file; nodes instead of values, because nodes know their lines."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def stories(self) -> Iterator[Story]:
        root = self._root()
        if root is None:
            return
        for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
            yield self._story(node)

    def _root(self) -> yaml.Node | None:
        try:
            text = self._file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self._file} cannot be read: {error}.") from None
        if len(text) > LONGEST_FILE:
            raise UsageError(f"{self._file} is longer than {LONGEST_FILE:,} characters; split it into several files.")
        try:
            root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or "it cannot be read"
            raise self._wrong(mark.line if mark else 0, f"this is not YAML: {reason}") from None
        except RecursionError:
            raise self._wrong(0, "this is nested too deeply") from None
        return root

    def _story(self, node: yaml.Node) -> Story:
        fields = self._fields(node, "a story", _STORY, needed=_STORY)
        turns = fields["turns"]
        if not isinstance(turns, yaml.SequenceNode) or not turns.value:
            raise self._wrong(turns.start_mark.line, "`turns` must be a list of what the user says and the bot must do")
        steps = tuple(self._step(turn) for turn in turns.value)
        return Story(self._text(fields["story"], "story"), steps, self._file)

    def _step(self, node: yaml.Node) -> Step:
        fields = self._fields(node, "a turn", _TURN, needed=("user",))
        expectation = self._expectation(fields["bot"]) if "bot" in fields else Expectation()
        return Step(self._text(fields["user"], "user"), expectation, node.start_mark.line + 1)

    def _expectation(self, node: yaml.Node) -> Expectation:
        fields = self._fields(node, "`bot`", _BOT)
        values = {name: self._texts(value, name) for name, value in fields.items()}
        for route in values.get("route", ()):
            if route not in ROUTES:
                line = fields["route"].start_mark.line
                raise self._wrong(line, f"there is no route {route!r}; allowed: {', '.join(ROUTES)}")
        return Expectation(*(values.get(name, ()) for name in _BOT))

    def _fields(
        self, node: yaml.Node, what: str, allowed: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node.start_mark.line, f"{what} must have the keys {', '.join(allowed)}")
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in allowed:
                allowed_names = ", ".join(allowed)
                raise self._wrong(key.start_mark.line, f"{what} has no key {name!r}; allowed: {allowed_names}")
            if name in fields:
                raise self._wrong(key.start_mark.line, f"{what} has the key {name!r} twice")
            fields[name] = value
        for name in needed:
            if name not in fields:
                raise self._wrong(node.start_mark.line, f"{what} needs the key {name!r}")
        return fields

    def _texts(self, node: yaml.Node, name: str) -> tuple[str, ...]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(self._text(part, name) for part in parts)

    def _text(self, node: yaml.Node, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self._wrong(node.start_mark.line, f"`{name}` must be a text that is not empty")
        return str(node.value).strip()

    def _wrong(self, line: int, reason: str) -> UsageError:
        return UsageError(f"{self._file}, line {line + 1}: {reason}.")
