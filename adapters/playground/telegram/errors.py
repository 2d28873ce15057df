"""Refusals of the Bot API, worded as the platform words them.

Clients tell errors apart by these words, so they are part of the protocol.
"""

from __future__ import annotations

from typing import Any

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"

JsonObject = dict[str, Any]
"""An object of the Bot API as it goes over the wire."""


class ApiError(Exception):
    """A request was refused; `parameters` are the documented ResponseParameters."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, migrate_to_chat_id: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        given = {"retry_after": retry_after, "migrate_to_chat_id": migrate_to_chat_id}
        self.parameters = {name: value for name, value in given.items() if value is not None}

    def body(self) -> JsonObject:
        """The answer's JSON."""
        body: JsonObject = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """400: the request cannot be done as it is."""
    return ApiError(400, f"Bad Request: {reason}")


def cannot_parse(reason: str) -> ApiError:
    """400: the markup or the entities of a text are wrong."""
    return bad_request(f"can't parse entities: {reason}")


def forbidden(reason: str) -> ApiError:
    """403: the bot may not do this."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """409: another receiver of updates is in the way."""
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """429: wait `retry_after` seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def migrated(chat_id: int) -> ApiError:
    """400: the group is a supergroup now, with the given id."""
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(400, text, migrate_to_chat_id=chat_id)
