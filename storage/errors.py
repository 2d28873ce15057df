"""The one place where errors of SQLAlchemy and its drivers become StorageError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StorageError


class Unavailable(StorageError):
    """Locked, gone or starting: the same call may succeed later."""


class DiskFull(StorageError):
    """Nothing was written; space has to be made first."""


FULL = ("disk is full", "no space left", "53100")
LOCKED = ("is locked", "40001", "40p01", "55p03", "23503")
"""The last: what a row belongs to was merged or erased a moment ago; another try finds what took its place."""
GONE = ("unable to open", "disk i/o error", "connection", "57p01", "57p02", "57p03", "53300", "08")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raises StorageError in place of the driver's errors; `where` names the database without its password."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise explain(error, where) from error


def explain(error: Exception, where: str) -> StorageError:
    """The StorageError that says in plain words what happened."""
    if isinstance(error, PoolTimeout | TimeoutError):
        return Unavailable(f"The database {where} does not answer in time.")
    reason = _reason(error)
    if _matches(error, FULL):
        return DiskFull(f"The disk of the database {where} is full; nothing was written. Make space and try again.")
    if _matches(error, LOCKED):
        return Unavailable(f"The database {where} is locked by another process.")
    if isinstance(error, OSError) or _disconnected(error) or _matches(error, GONE):
        return Unavailable(f"The database {where} cannot be reached: {reason}.")
    return StorageError(f"The database {where} refused a statement: {reason}.")


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).strip().split("\n")[0].removesuffix(".").rpartition(">: ")[2] or type(cause).__name__


def _matches(error: Exception, signs: tuple[str, ...]) -> bool:
    """By SQLSTATE (exact, or its class of two characters) where there is one, else by the driver's words."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(cause, "sqlstate", None) or "").lower()
    if state:
        return state in signs or state[:2] in signs
    words = _reason(error).lower()
    return any(sign in words for sign in signs if not sign[0].isdigit())


def _disconnected(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
