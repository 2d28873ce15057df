"""Application commands: what the bot has registered, and the checks of their form."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from adapters.playground.discord.clock import Snowflakes
from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.model import Json

NAME = regex.compile(r"^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$")
DESCRIPTION = 100
OPTIONS = 25
MOST_COMMANDS = 100
SLASH_COMMAND = 1
LOCALES = frozenset(
    {"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR"}
    | {"ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"}
)


class Commands:
    """By guild, and under None the global ones."""

    def __init__(self, ids: Snowflakes, application_id: str) -> None:
        self._ids = ids
        self._application_id = application_id
        self._registered: dict[str | None, dict[str, Json]] = {}

    def replace(self, guild_id: str | None, given: Sequence[Json] | None) -> list[Json]:
        """Puts the whole list in place of what was there; raises ApiError 50035 or 30032."""
        form = Form()
        if given is None:
            form.wrong("_", "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
        commands = [form.mapping(str(at), command) for at, command in enumerate(given or ())]
        if len(commands) > MOST_COMMANDS:
            raise ApiError(Refusal.TOO_MANY_COMMANDS)
        for at, command in enumerate(commands):
            _check(form, f"{at}.", command)
        form.check()
        if len({each["name"] for each in commands}) < len(commands):
            form.wrong("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            form.check()
        before = self._registered.get(guild_id, {})
        self._registered[guild_id] = {each["name"]: self._complete(guild_id, each, before) for each in commands}
        return self.of(guild_id)

    def add(self, guild_id: str | None, command: Json) -> Json:
        """One more, or in place of the one of its name; raises ApiError 50035."""
        form = Form()
        _check(form, "", command)
        form.check()
        registered = self._registered.setdefault(guild_id, {})
        registered[command["name"]] = self._complete(guild_id, command, registered)
        return registered[command["name"]]

    def remove(self, guild_id: str | None, command_id: str) -> None:
        """Raises ApiError 10063."""
        registered = self._registered.get(guild_id, {})
        name = next((name for name, command in registered.items() if command["id"] == command_id), None)
        if name is None:
            raise ApiError(Refusal.UNKNOWN_COMMAND)
        del registered[name]

    def of(self, guild_id: str | None) -> list[Json]:
        return list(self._registered.get(guild_id, {}).values())

    def find(self, name: str, guild_id: str | None) -> Json:
        """The one that a user of the guild (None: of a direct message) sees; raises ApiError 10063."""
        for registered in (self._registered.get(guild_id, {}), self._registered.get(None, {})):
            if name in registered:
                return registered[name]
        raise ApiError(Refusal.UNKNOWN_COMMAND)

    def _complete(self, guild_id: str | None, command: Json, before: dict[str, Json]) -> Json:
        known = before.get(command["name"])
        complete = {
            "id": known["id"] if known else self._ids.next(),
            "application_id": self._application_id,
            "version": self._ids.next(),
            "type": 1,
            "description": "",
            "options": [],
            "default_member_permissions": None,
            "nsfw": False,
            "name_localizations": None,
            "description_localizations": None,
            "integration_types": [0],
            "contexts": None,
        } | command
        return complete | {"guild_id": guild_id} if guild_id else complete


def _check(form: Form, path: str, command: Json) -> None:
    _check_named(form, path, command, described=command.get("type", 1) == SLASH_COMMAND)
    options = form.mappings(f"{path}options", command.get("options"), OPTIONS)
    for at, option in enumerate(options):
        _check_named(form, f"{path}options.{at}.", option, described=True)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        text = "Required options must be placed before non-required options"
        form.wrong(f"{path}options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)


def _check_named(form: Form, path: str, named: Json, *, described: bool) -> None:
    """Name and description of a command or an option, with their translations."""
    if form.require(f"{path}name", named.get("name")) and not _is_name(named["name"]):
        form.wrong(f"{path}name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if described and form.require(f"{path}description", named.get("description")):
        form.text(f"{path}description", named["description"], DESCRIPTION, 1)
    for field, is_good in (("name_localizations", _is_name), ("description_localizations", _is_description)):
        for locale, text in form.mapping(f"{path}{field}", named.get(field)).items():
            if locale not in LOCALES:
                form.wrong(f"{path}{field}", "ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value.')
            elif not is_good(text):
                form.wrong(f"{path}{field}.{locale}", "APPLICATION_COMMAND_INVALID_NAME", "The text is invalid")


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(NAME.match(name)) and name == name.lower()


def _is_description(text: object) -> bool:
    return isinstance(text, str) and 1 <= len(text) <= DESCRIPTION
