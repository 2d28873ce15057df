"""The bodies of messages: what they may hold, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adapters.playground.discord.components import read_components
from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.model import Channel, Json, Message, MessageFlag, Upload
from adapters.playground.discord.posts import ALL_KINDS, AllowedMentions, Draft

CONTENT = 2000
NONCE = 25
EMBEDS = 10
EMBED_CHARACTERS = 6000
EMBED_TEXTS = {"title": 256, "description": 4096, "footer.text": 2048, "author.name": 256}
EMBED_URLS = ("url", "image.url", "thumbnail.url")
FIELDS = 25
FIELD_TEXTS = {"name": 256, "value": 1024}
ATTACHMENTS = 10
MENTIONS = 100
SETTABLE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.EPHEMERAL | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
EDITABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS
URL = re.compile(r"^(https?|discord|attachment)://\S+$")


def read_draft(body: Json, uploads: Sequence[Upload], channel: Channel) -> Draft:
    """A new message; raises ApiError 50035 with the fields' errors, or 50006 when nothing is in it."""
    form = Form()
    draft = Draft(
        form.text("content", body.get("content"), CONTENT),
        read_embeds(form, body.get("embeds")),
        read_components(form, body.get("components")),
        _described(form, uploads, body.get("attachments")),
        _answered(form, body.get("message_reference"), channel),
        _nonce(form, body.get("nonce")),
        bool(body.get("enforce_nonce")),
        _flags(form, body.get("flags"), SETTABLE_FLAGS),
        read_allowed_mentions(form, body.get("allowed_mentions")),
    )
    form.check()
    if draft.is_empty:
        raise ApiError(Refusal.EMPTY_MESSAGE)
    return draft


def read_changes(body: Json, message: Message) -> tuple[dict[str, Any], AllowedMentions]:
    """The fields that an edit gives, but for files; raises ApiError as `read_draft` does."""
    form = Form()
    readers: dict[str, Callable[[Any], Any]] = {
        "content": lambda given: form.text("content", given, CONTENT),
        "embeds": lambda given: read_embeds(form, given),
        "components": lambda given: read_components(form, given),
        "flags": lambda given: message.flags & ~EDITABLE_FLAGS | _flags(form, given, EDITABLE_FLAGS),
    }
    changes = {name: read(body[name]) for name, read in readers.items() if name in body}
    allowed = read_allowed_mentions(form, body.get("allowed_mentions"))
    form.mappings("attachments", body.get("attachments"), ATTACHMENTS)
    form.check()
    return changes, allowed


def read_embeds(form: Form, given: object) -> list[Json]:
    """Embeds within all of their limits."""
    embeds = form.mappings("embeds", given, EMBEDS)
    if sum(_check_embed(form, f"embeds.{at}", embed) for at, embed in enumerate(embeds)) > EMBED_CHARACTERS:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_CHARACTERS}")
    return [{"type": "rich"} | embed for embed in embeds]


def _check_embed(form: Form, path: str, embed: Json) -> int:
    """The characters that count for the sum of all embeds."""
    counted = 0
    for name, longest in EMBED_TEXTS.items():
        counted += len(form.text(f"{path}.{name}", _inner(embed, name), longest))
    for at, field in enumerate(form.mappings(f"{path}.fields", embed.get("fields"), FIELDS)):
        for name, longest in FIELD_TEXTS.items():
            where = f"{path}.fields.{at}.{name}"
            if form.require(where, field.get(name)):
                counted += len(form.text(where, field[name], longest, 1))
    for name in EMBED_URLS:
        url = _inner(embed, name)
        if url is not None and not URL.match(str(url)):
            form.wrong(f"{path}.{name}", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    return counted


def _inner(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _nonce(form: Form, given: Any) -> str | int | None:
    if isinstance(given, int) and not isinstance(given, bool):
        form.text("nonce", str(given), NONCE)
    else:
        form.text("nonce", given, NONCE)
    return None if given is None else given if isinstance(given, int) else str(given)


def _flags(form: Form, given: object, allowed: MessageFlag) -> MessageFlag:
    return MessageFlag(form.number("flags", given) & int(allowed))


def _answered(form: Form, given: object, channel: Channel) -> Message | None:
    reference = form.mapping("message_reference", given)
    if not reference:
        return None
    message = channel.messages.get(str(reference.get("message_id")))
    if message is None and reference.get("fail_if_not_exists", True):
        form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return message


def read_allowed_mentions(form: Form, given: object) -> AllowedMentions:
    """Without any, everything is allowed."""
    if given is None:
        return AllowedMentions()
    mentions = form.mapping("allowed_mentions", given)
    kinds = {str(each) for each in form.items("allowed_mentions.parse", mentions.get("parse"), len(ALL_KINDS))}
    if not kinds <= ALL_KINDS:
        form.wrong("allowed_mentions.parse", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(ALL_KINDS)}.")
    for name in ("users", "roles"):
        if form.items(f"allowed_mentions.{name}", mentions.get(name), MENTIONS) and name in kinds:
            text = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
    users = {str(each) for each in form.items("allowed_mentions.users", mentions.get("users"), MENTIONS)}
    return AllowedMentions(frozenset(kinds), frozenset(users), bool(mentions.get("replied_user", False)))


def _described(form: Form, uploads: Sequence[Upload], given: object) -> tuple[Upload, ...]:
    """The files with the names and descriptions that the body gives them; its ids are the files' numbers."""
    form.items("attachments", list(uploads), ATTACHMENTS)
    about = {str(each.get("id")): each for each in form.mappings("attachments", given, ATTACHMENTS)}
    return tuple(_renamed(upload, about.get(str(at), {})) for at, upload in enumerate(uploads))


def _renamed(upload: Upload, about: Json) -> Upload:
    return replace(upload, filename=about.get("filename") or upload.filename, description=about.get("description"))
