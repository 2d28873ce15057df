"""The settings of the Telegram channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

GroupMode = Literal["mention", "all", "off"]


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """`base_url` and `base_file_url` are roots without `/bot`; `commands` are descriptions by name and language.

    `groups` says what is answered in groups: mentions, replies and commands, `all` messages, or nothing.
    `attachment_bytes` is the largest file that is taken from a customer; larger ones are only named.
    """

    token: str = field(repr=False)
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    secret_token: str = field(default="", repr=False)
    base_url: str = "https://api.telegram.org"
    base_file_url: str = ""
    groups: GroupMode = "mention"
    bot_name: str = ""
    attachment_bytes: int = 10_000_000
    commands: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
