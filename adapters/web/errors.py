"""Errors on their way to an HTTP client: which status and code each becomes."""

from __future__ import annotations

import math

from bot.errors import Busy, InvalidMessage, LimitReached, NotFound, ParleyError, StorageError, UsageError


class Refusal(ParleyError):
    """A request that is answered with an error status; `code` is for programs, the text for people."""

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in whole seconds, where the client may try again."""
        return {} if self.retry_after is None else {"Retry-After": str(max(1, math.ceil(self.retry_after)))}


class ReplyLate(Refusal):
    """The message is stored and will be answered, but not while this client waits."""

    def __init__(self) -> None:
        super().__init__(
            504,
            "reply_late",
            "The reply takes longer than this request may wait. The message is kept: "
            "ask again with the same external_id, or read the conversation later.",
        )


def refusal(error: ParleyError) -> Refusal:
    """The HTTP meaning of one of the project's errors."""
    match error:
        case Refusal():
            return error
        case Busy():
            return Refusal(503, "busy", str(error), error.retry_after)
        case StorageError():
            return Refusal(503, "unavailable", "The database cannot be used at the moment. Please try again.", 5)
        case LimitReached():
            return Refusal(429, "limit_reached", str(error))
        case NotFound():
            return Refusal(404, "not_found", str(error))
        case InvalidMessage():
            return Refusal(400, "invalid_message", str(error))
        case UsageError():
            return Refusal(400, "invalid_request", str(error))
        case _:
            return Refusal(500, "internal", "Something went wrong on our side.")
