"""The settings of a bot folder: defaults < parley.toml < environment and .env < command-line flags.

One frozen object, made once by `load`, handed to whoever needs a part of it. A key that does not exist
or a value of the wrong type is a SettingsError that names it and lists what is allowed.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.errors import SettingsError
from bot.hours import OpeningHours

FILE_NAME = "parley.toml"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: Any) -> Any:
        """A list may be written `a, b` where only text can be written, as in the environment."""
        if not isinstance(values, dict):
            return values
        lists = {name for name, field in cls.model_fields.items() if get_origin(field.annotation) is tuple}
        return {
            key: [item.strip() for item in value.split(",") if item.strip()]
            if key in lists and isinstance(value, str)
            else value
            for key, value in values.items()
        }


class BotSection(Section):
    name: str = Field("Parley", min_length=1, max_length=64)
    persona: str = "persona.md"
    """A file in the bot folder."""
    language: str = "auto"
    """`auto` answers in the customer's language; `en`, `zh`, … always in this one."""
    greeting: str = ""


class DatabaseSection(Section):
    url: str = "sqlite+aiosqlite:///parley.db"

    @field_validator("url")
    @classmethod
    def _known_driver(cls, url: str) -> str:
        if not url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("must start with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return url


class KnowledgeSection(Section):
    folders: tuple[str, ...] = ("knowledge",)
    embedder: str = "builtin"
    answer_threshold: float | None = Field(None, ge=0, le=1)
    """Least confidence to answer with; unset takes the one that was fitted (`parley train gate`)."""
    wording: Literal["auto", "quote", "model"] = "auto"
    """`quote` answers in the passage's own sentences, `model` lets the language model word them and checks it."""
    rerank: bool = False
    """Lets the language model look at the first passages again; better order, but it takes its time."""


class TextSection(Section):
    backend: Literal["local", "openai", "ray"] = "local"
    model: str = "builtin"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_new_tokens: int = Field(64, ge=1, le=4096)
    temperature: float = Field(0.7, ge=0, le=5)
    top_k: int = Field(40, ge=0)
    top_p: float = Field(0.9, gt=0, le=1)
    repetition_penalty: float = Field(1.15, ge=1, le=5)
    min_p: float = Field(0, ge=0, lt=1)
    """Tokens less likely than this share of the likeliest are never taken; 0 is off."""
    no_repeat_ngram: int = Field(0, ge=0, le=16)
    """No sequence of so many tokens is said twice in a reply; 0 is off."""
    banned_words: tuple[str, ...] = ()
    """Words that a local model never says."""
    max_batch: int = Field(8, ge=1, le=256)
    timeout_seconds: float = Field(20, gt=0)
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    context_tokens: int = Field(4096, ge=256)
    """What a model behind `base_url` can read at once; a local model knows its own."""


class ImagesSection(Section):
    gan: str = "builtin"
    vae: str = "builtin"
    idle_unload_seconds: float = Field(600, gt=0)
    daily_per_user: int = Field(50, ge=0)


class TelegramSection(Section):
    token: SecretStr = SecretStr("")
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    secret_token: SecretStr = SecretStr("")
    base_url: str = "https://api.telegram.org"
    base_file_url: str = ""
    """Where files are fetched; empty is `base_url`."""
    groups: Literal["mention", "all", "off"] = "mention"
    """In groups the bot answers mentions, replies and commands, or `all` messages, or nothing."""


class DiscordSection(Section):
    token: SecretStr = SecretStr("")
    application_id: str = ""
    api_base_url: str = ""
    gateway_url: str = ""
    cdn_base_url: str = ""
    guild_ids: tuple[str, ...] = ()
    """Servers that get the slash commands at once; empty registers them everywhere, which may take an hour."""
    guilds: Literal["mention", "all", "off"] = "mention"
    """On servers the bot answers mentions and replies, or `all` messages that it may read, or slash commands only."""
    threads: bool = False
    """Whether a question on a server is answered in a thread of its own."""
    shards: int | Literal["auto"] = Field(1)
    """Gateway connections; `auto` takes the number that Discord recommends (needed from 2,500 servers on)."""


class WebSection(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    allowed_origins: tuple[str, ...] = ()
    """Other sites that may embed the widget, such as https://shop.example; `*` for any."""
    api_keys: tuple[SecretStr, ...] = ()
    public_url: str = ""
    suggestions: tuple[str, ...] = ()
    """Questions that the widget offers before the first message."""


class ConsoleSection(Section):
    enabled: bool = True
    session_hours: float = Field(12, gt=0)


class LimitsSection(Section):
    messages_per_minute: int = Field(30, ge=1)
    message_characters: int = Field(4000, ge=1, le=1_000_000)
    queue: int = Field(1000, ge=1)
    """Unhandled messages of all conversations together; beyond it a new message is refused as busy."""
    attachment_megabytes: float = Field(10, gt=0)
    coalesce_milliseconds: int = Field(300, ge=0, le=60_000)
    """A reply starts this long after the latest message of a burst; the API is answered at once."""
    history_turns: int = Field(10, ge=0, le=200)
    """Earlier messages that a turn sees."""
    connections: int = Field(2000, ge=1)
    """Open WebSockets at once."""


class HandoffSection(Section):
    hours: str = ""
    """When people answer, such as `mon-fri 09:00-17:00, sat 10:00-14:00`; empty is always."""
    timezone: str = "UTC"
    offer_after_declines: int = Field(1, ge=1)
    message: str = ""

    @field_validator("hours")
    @classmethod
    def _readable_hours(cls, hours: str) -> str:
        OpeningHours.parse(hours)
        return hours

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be an IANA time zone such as Europe/Berlin") from None
        return name


class MemorySection(Section):
    enabled: bool = True
    """Whether facts of a customer are kept, and earlier conversations searched."""
    recalled_turns: int = Field(5, ge=0, le=50)
    """Earlier messages that a reply may be reminded of."""


class CatalogueSection(Section):
    file: str = ""
    """A CSV of products: id, name, and optionally description, category, price, url; empty is no recommendations."""
    table: str = ""
    """The same as a table or view of the database, instead of a file."""
    orders_file: str = ""
    """A CSV of what was bought: customer (order number, or the user id of an API client), product id, time."""


class ModerationSection(Section):
    words: str = ""
    """A file of words and phrases, one a line, that neither side may say."""
    threshold: float = Field(0.9, gt=0, le=1)
    """Words that the classifier holds for abuse with at least this probability are withheld; 1 is off."""
    channels: dict[str, float] = Field(default_factory=dict)
    """Other thresholds, by channel, such as `{ discord = 0.8 }`."""


RedactionKind = Literal["card", "iban", "email", "phone", "national_id"]


class PrivacySection(Section):
    retention_days: int = Field(0, ge=0)
    """Conversations whose last message is older are erased, with their files; 0 keeps them."""
    redact: tuple[RedactionKind, ...] = ()
    """What is replaced in stored messages too; logs, traces and training data are always redacted."""
    training_consent: bool = False
    consent_text: str = ""
    """Shown once, before the first reply to a person."""


class WorkersSection(Section):
    count: int = Field(8, ge=1, le=1024)
    """Turns that one process works on at the same time."""
    lease_seconds: float = Field(30, gt=0)
    drain_seconds: float = Field(10, ge=0)


class _Plain:
    """Values that are not JSON are taken as the text that they are."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value


class _Environment(_Plain, EnvSettingsSource):
    pass


class _DotEnv(_Plain, DotEnvSettingsSource):
    pass


class Settings(BaseSettings):
    """All settings; `folder` is the bot folder, against which relative paths are resolved."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="PARLEY_", env_nested_delimiter="__", env_file_encoding="utf-8"
    )

    bot: BotSection = BotSection()
    database: DatabaseSection = DatabaseSection()
    knowledge: KnowledgeSection = KnowledgeSection()
    text: TextSection = TextSection()
    images: ImagesSection = ImagesSection()
    telegram: TelegramSection = TelegramSection()
    discord: DiscordSection = DiscordSection()
    web: WebSection = WebSection()
    console: ConsoleSection = ConsoleSection()
    limits: LimitsSection = LimitsSection()
    handoff: HandoffSection = HandoffSection()
    memory: MemorySection = MemorySection()
    catalogue: CatalogueSection = CatalogueSection()
    moderation: ModerationSection = ModerationSection()
    privacy: PrivacySection = PrivacySection()
    workers: WorkersSection = WorkersSection()
    folder: Path = Field(Path("."), exclude=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder: Path = init_settings.init_kwargs["folder"]  # type: ignore[attr-defined]
        return (
            init_settings,
            _Environment(settings_cls),
            _DotEnv(settings_cls, env_file=folder / ".env"),
            TomlConfigSettingsSource(settings_cls, toml_file=folder / FILE_NAME),
        )

    def path(self, name: str | Path) -> Path:
        """A path from the settings, resolved against the bot folder."""
        return (self.folder / name).resolve()

    @property
    def database_url(self) -> str:
        """The database's URL with a relative SQLite path resolved against the bot folder."""
        prefix = "sqlite+aiosqlite:///"
        url = self.database.url
        if url.startswith(prefix) and url != prefix and ":memory:" not in url:
            return prefix + str(self.path(url.removeprefix(prefix)))
        return url


def load(folder: Path, flags: Mapping[str, Mapping[str, Any]] | None = None) -> Settings:
    """The settings of a bot folder; `flags` are sections of keys that win over all else.

    Raises SettingsError for an unknown key, a wrong value, or a file that is not TOML.
    """
    folder = folder.resolve()
    _refuse_unknown_variables(os.environ)
    values: dict[str, Any] = {"folder": folder, **(flags or {})}
    try:
        return Settings(**values)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{folder / FILE_NAME} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error, folder))) from None


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    sections = _keys(Settings)
    for name in environment:
        section = name.upper().removeprefix("PARLEY_").split("__")[0].lower()
        if name.upper().startswith("PARLEY_") and "__" in name and section not in sections:
            raise SettingsError(f"{name}: there is no section {section!r}. Allowed: {', '.join(sections)}.")


def _explain(error: ValidationError, folder: Path) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in detail["loc"]]
        where = _where(path, folder)
        if detail["type"] == "extra_forbidden":
            allowed = _keys(_section(path))
            close = difflib.get_close_matches(path[-1], allowed, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            yield f"{'.'.join(path)} ({where}) is not a setting.{hint} Allowed: {', '.join(allowed)}."
        else:
            reason = detail["msg"].removeprefix("Value error, ")
            yield f"{'.'.join(path)} ({where}): {reason[0].lower()}{reason[1:]}."


def _where(path: list[str], folder: Path) -> str:
    variable = "PARLEY_" + "__".join(path[:2]).upper()
    if variable in {name.upper() for name in os.environ}:
        return f"variable {variable}"
    dotenv = folder / ".env"
    if dotenv.is_file() and variable in dotenv.read_text("utf-8", "replace").upper():
        return str(dotenv)
    file = folder / FILE_NAME
    line = _line(file, path)
    return f"{file}, line {line}" if line else str(file)


def _line(file: Path, path: list[str]) -> int | None:
    """The line on which a key stands; None where it cannot be told."""
    section = ""
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines() if file.is_file() else (), 1):
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[] ")
            if [section] == path:
                return number
        elif len(path) > 1 and section == path[0] and text.partition("=")[0].strip() == path[1]:
            return number
    return None


def _section(path: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for part in path[:-1]:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return model


def _keys(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if name != "folder"]
