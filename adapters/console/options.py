"""What the console is told by the settings, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "/console"
"""Where the application is mounted."""


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """`secure` says that people reach the console by HTTPS, so that its cookie travels by nothing else.

    From one address `failures` wrong log-ins are taken in `failure_seconds`; `watchers` bounds the pages that
    are told of changes at once, each of which looks for changes every `check_seconds`.
    """

    bot_name: str = "Parley"
    session_hours: float = 12
    message_characters: int = 4000
    secure: bool = False
    failures: int = 10
    failure_seconds: float = 300
    watchers: int = 200
    check_seconds: float = 1.0
    heartbeat_seconds: float = 15.0
