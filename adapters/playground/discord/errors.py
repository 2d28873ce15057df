"""What the API refuses, with the documented statuses and codes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from adapters.playground.discord.model import Json


class Refusal(Enum):
    """HTTP status, JSON error code and message."""

    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    NOT_FOUND = (404, 0, "404: Not Found")
    METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    TOO_MANY_COMMANDS = (400, 30032, "Maximum number of application commands reached (100)")
    TOO_MANY_REACTIONS = (400, 30010, "Maximum number of reactions reached (20)")
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    DIRECT_MESSAGE_CHANNEL = (403, 50003, "Cannot execute action on a DM channel")
    NOT_THE_AUTHOR = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    CANNOT_SEND_TO_USER = (403, 50007, "Cannot send messages to this user")
    NOT_A_TEXT_CHANNEL = (400, 50008, "Cannot send messages in a non-text channel")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    INVALID_WEBHOOK_TOKEN = (401, 50027, "Invalid Webhook Token")
    INVALID_RECIPIENT = (400, 50033, "Invalid Recipient(s)")
    INVALID_FORM = (400, 50035, "Invalid Form Body")
    THREAD_ARCHIVED = (400, 50083, "Thread is archived")
    INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
    THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")


class ApiError(Exception):
    """A request that the API refuses; `errors` are those of the form's fields."""

    def __init__(self, refusal: Refusal, errors: Json | None = None) -> None:
        self.status, self.code, self.text = refusal.value
        self.errors = errors
        super().__init__(f"{self.status} {self.code} {self.text}")

    @property
    def body(self) -> Json:
        """The answer's JSON."""
        body: Json = {"message": self.text, "code": self.code}
        return body | {"errors": self.errors} if self.errors else body


class Form:
    """Gathers the errors of a body by field, then refuses it as a whole."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Notes an error at a dotted path, such as `embeds.0.title`."""
        place = self._errors
        for name in path.split("."):
            place = place.setdefault(name, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def require(self, path: str, value: object) -> bool:
        """Whether a required field is there."""
        if value is None:
            self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        return value is not None

    def text(self, path: str, value: object, longest: int, shortest: int = 0) -> str:
        """A text whose length in characters is within bounds; None passes and is empty."""
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(path, "BASE_TYPE_STRING", "Could not interpret value as string.")
            return ""
        if len(value) > longest:
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        elif len(value) < shortest:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length.")
        return value

    def number(self, path: str, value: object) -> int:
        """A whole number; None passes and is 0."""
        if value is None:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
            self.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return 0
        return value

    def mapping(self, path: str, value: object) -> Json:
        """An object as it is; None passes and is empty."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return {}
        return value

    def items(self, path: str, values: object, most: int) -> Sequence[Any]:
        """A list within its bound, as it is; None passes and is empty."""
        if values is None:
            return []
        if not isinstance(values, list):
            self.wrong(path, "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
            return []
        if len(values) > most:
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        return values

    def mappings(self, path: str, values: object, most: int) -> Sequence[Json]:
        """A list of objects within its bound."""
        return [self.mapping(f"{path}.{at}", value) for at, value in enumerate(self.items(path, values, most))]

    def check(self) -> None:
        """Raises ApiError 50035 if anything was wrong."""
        if self._errors:
            raise ApiError(Refusal.INVALID_FORM, self._errors)
