"""What `parley doctor` finds: one line for each thing that the bot stands on."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ParleyError

LEAST_FREE_MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """`detail` says what is there, or what is wrong and what to do."""

    name: str
    ok: bool
    detail: str


Check = Callable[[], Awaitable[str]]
"""Says what is there; raises ParleyError with what is wrong."""


async def examine(checks: dict[str, Check]) -> list[Finding]:
    """Runs each check, whatever becomes of the others."""
    findings = []
    for name, check in checks.items():
        try:
            findings.append(Finding(name, True, await check()))
        except ParleyError as error:
            findings.append(Finding(name, False, str(error)))
    return findings


async def disk(folder: Path) -> str:
    """Free space where the bot folder is; raises ParleyError when it is nearly full."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < LEAST_FREE_MEGABYTES:
        raise ParleyError(f"Only {free} MB are free in {folder}; make room, or messages cannot be stored.")
    return f"{free:,} MB free in {folder}"
