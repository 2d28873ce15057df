"""Operators' passwords: generated, hashed with argon2, checked off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from bot.messages import Operator
from bot.protocols import Operators

if TYPE_CHECKING:
    from argon2 import PasswordHasher

FIRST_NAME = "admin"
PASSWORD_BYTES = 15  # 120 random bits: no guessing, so that no account has to be locked against it
LONGEST_PASSWORD = 256
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1  # OWASP's least for argon2id, so that log-ins fit in a small machine
CHECKS_AT_ONCE = 2


async def ensure_operator(operators: Operators) -> str | None:
    """Makes the account `admin` when there is no account yet, and returns its password, this once."""
    password = _generated()
    made = await operators.add_first(FIRST_NAME, await asyncio.to_thread(_hasher().hash, password))
    return password if made else None


async def renew_password(operators: Operators, name: str = FIRST_NAME) -> str:
    """Gives the account, new or not, a new password and returns it; its open sessions end."""
    password = _generated()
    await operators.set_password(name, await asyncio.to_thread(_hasher().hash, password))
    return password


class PasswordAccounts:
    """bot.protocols.Accounts over the stored operators."""

    def __init__(self, operators: Operators) -> None:
        self._operators = operators
        self._slots = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""
        return await self._operators.find(name)

    async def check(self, name: str, password: str) -> Operator | None:
        """The operator if the password is theirs.

        An unknown name is checked against a hash that nobody's password has, so that it takes as long.
        """
        operator = await self._operators.find(name)
        async with self._slots:
            matches = await asyncio.to_thread(
                self._matches, operator, password[:LONGEST_PASSWORD].encode("utf-8", "surrogatepass")
            )
        return operator if matches else None

    def _matches(self, operator: Operator | None, password: bytes) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        nobodys = self._nobodys_hash
        try:
            return _hasher().verify(operator.password_hash if operator else nobodys, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys_hash(self) -> str:
        return _hasher().hash(_generated())


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def _generated() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)
