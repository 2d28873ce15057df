"""What clients send: read, checked and cleaned before anything else sees it."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapters.web.errors import Refusal

BodyModel = TypeVar("BodyModel", bound="Body")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but new line and tab, and halves of characters."""
STORED_LIMITS = 4
"""Texts are stored up to this many times the limit of a message."""


def clean(text: str) -> str:
    """Text without control characters (new lines and tabs stay) and without surrounding space."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must not contain control characters")
    return value


Text = Annotated[str, AfterValidator(clean)]
Identifier = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]


class Body(BaseModel):
    """A JSON object; values are not converted, unknown keys are left alone."""

    model_config = ConfigDict(strict=True, frozen=True)


async def read(request: web.Request, model: type[BodyModel]) -> BodyModel:
    """The request's body as a model; a Refusal with 400 says in plain words what is wrong with it."""
    content = await request.read()
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise Refusal(400, "invalid_request", explain(error)) from None


def explain(error: ValidationError) -> str:
    """The first thing that is wrong, as a sentence that names the field."""
    detail: Any = error.errors(include_url=False, include_input=False)[0]
    if detail["type"] == "json_invalid":
        return "The body is not valid JSON."
    if not detail["loc"]:
        return "The body must be a JSON object."
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "missing":
        return f"{name} is missing."
    reason = detail["msg"].removeprefix("Value error, ")
    return f"{name}: {reason[0].lower()}{reason[1:]}."


def check_text(text: str, characters: int) -> None:
    """Raises a Refusal for an empty text (400) and for one that is longer than is worth storing (413).

    A text that is only somewhat longer than `characters` goes on: the bot answers it politely, in the
    writer's language.
    """
    if not text:
        raise Refusal(400, "empty_message", "The text is empty. Please write something.")
    if len(text) > characters * STORED_LIMITS:
        raise Refusal(413, "message_too_long", f"The text has {len(text)} characters; at most {characters} are taken.")
