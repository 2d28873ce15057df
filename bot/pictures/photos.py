"""The photos that a customer has sent."""

from __future__ import annotations

from collections.abc import Iterable

from bot.messages import Message, Request


def sent_now(request: Request) -> list[str]:
    """The urls of those in the messages that are answered, oldest first."""
    return _urls(request.turn.messages)


def sent_lately(request: Request) -> list[str]:
    """The same with those that were sent before, as far back as the turn can see."""
    return _urls([*request.turn.history, *request.turn.messages])


def _urls(messages: Iterable[Message]) -> list[str]:
    return [
        attachment.url
        for message in messages
        if message.role == "user"
        for attachment in message.attachments
        if attachment.url.startswith("file:") and (attachment.kind == "image" or attachment.mime.startswith("image/"))
    ]
