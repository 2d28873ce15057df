"""The bodies of messages: what they may hold, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from adapters.playground.discord.components import check_components
from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.model import Channel, Json, Message, MessageFlag, Upload
from adapters.playground.discord.posts import ALL_KINDS, AllowedMentions, Draft

CONTENT = 2000
NONCE = 25
EMBEDS = 10
EMBED_CHARACTERS = 6000
EMBED_TEXTS = {"title": 256, "description": 4096, "footer.text": 2048, "author.name": 256}
FIELDS = 25
ATTACHMENTS = 10
SETTABLE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.EPHEMERAL | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
URL = re.compile(r"^(https?|discord|attachment)://\S+$")


def read_draft(body: Json, uploads: Sequence[Upload], channel: Channel) -> Draft:
    """A new message; raises ApiError 50035 with the fields' errors, or 50006 when nothing is in it."""
    form = Form()
    check_texts(form, body)
    check_components(form, body.get("components"))
    nonce = body.get("nonce")
    form.text("nonce", str(nonce) if isinstance(nonce, int) else nonce, NONCE)
    form.count("attachments", list(uploads), ATTACHMENTS)
    answers = _answered(form, body.get("message_reference"), channel)
    allowed = read_allowed_mentions(form, body.get("allowed_mentions"))
    form.check()
    draft = Draft(
        body.get("content") or "",
        [_shown_embed(embed) for embed in body.get("embeds") or []],
        body.get("components") or [],
        described(uploads, body.get("attachments")),
        answers,
        nonce,
        bool(body.get("enforce_nonce")),
        MessageFlag(int(body.get("flags") or 0)) & SETTABLE_FLAGS,
        allowed,
    )
    if draft.is_empty:
        raise ApiError(Refusal.EMPTY_MESSAGE)
    return draft


def read_changes(body: Json, message: Message) -> tuple[dict[str, Any], AllowedMentions]:
    """The fields that an edit gives, but for files; raises ApiError as `read_draft` does."""
    form = Form()
    check_texts(form, body)
    check_components(form, body.get("components"))
    allowed = read_allowed_mentions(form, body.get("allowed_mentions"))
    form.check()
    changes: dict[str, Any] = {}
    if "content" in body:
        changes["content"] = body["content"] or ""
    if "embeds" in body:
        changes["embeds"] = [_shown_embed(embed) for embed in body["embeds"] or []]
    if "components" in body:
        changes["components"] = body["components"] or []
    if "flags" in body:
        kept = message.flags & ~MessageFlag.SUPPRESS_EMBEDS
        changes["flags"] = kept | MessageFlag(int(body["flags"] or 0)) & MessageFlag.SUPPRESS_EMBEDS
    return changes, allowed


def check_texts(form: Form, body: Json) -> None:
    """Content and embeds."""
    form.text("content", body.get("content"), CONTENT)
    embeds = form.count("embeds", body.get("embeds"), EMBEDS)
    if sum(_check_embed(form, f"embeds.{at}", embed) for at, embed in enumerate(embeds)) > EMBED_CHARACTERS:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_CHARACTERS}")


def _check_embed(form: Form, path: str, embed: object) -> int:
    """The characters that count for the sum of all embeds."""
    if not isinstance(embed, dict):
        form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return 0
    texts = {f"{path}.{name}": (_inner(embed, name), longest) for name, longest in EMBED_TEXTS.items()}
    for at, each in enumerate(form.count(f"{path}.fields", embed.get("fields"), FIELDS)):
        for name, longest in (("name", 256), ("value", 1024)):
            if form.require(f"{path}.fields.{at}.{name}", each.get(name) or None):
                texts[f"{path}.fields.{at}.{name}"] = (each[name], longest)
    for where, (text, longest) in texts.items():
        form.text(where, text, longest)
    for name in ("url", "image.url", "thumbnail.url"):
        url = _inner(embed, name)
        if url is not None and not URL.match(str(url)):
            form.wrong(f"{path}.{name}", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    return sum(len(text) for text, _ in texts.values() if isinstance(text, str))


def _inner(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _shown_embed(embed: Json) -> Json:
    return {"type": "rich"} | embed


def _answered(form: Form, reference: Json | None, channel: Channel) -> Message | None:
    if not reference:
        return None
    message = channel.messages.get(str(reference.get("message_id")))
    if message is None and reference.get("fail_if_not_exists", True):
        form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return message


def read_allowed_mentions(form: Form, given: Json | None) -> AllowedMentions:
    """Without any, everything is allowed."""
    if given is None:
        return AllowedMentions()
    kinds = frozenset(given.get("parse") or ())
    if not kinds <= ALL_KINDS:
        form.wrong("allowed_mentions.parse", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(ALL_KINDS)}.")
    for name in ("users", "roles"):
        listed = form.count(f"allowed_mentions.{name}", given.get(name), 100)
        if listed and name in kinds:
            text = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
    users = frozenset(str(each) for each in given.get("users") or ())
    return AllowedMentions(kinds, users, bool(given.get("replied_user", False)))


def described(uploads: Sequence[Upload], given: Sequence[Json] | None) -> tuple[Upload, ...]:
    """The files with the names and descriptions that the body gives them; its ids are the files' numbers."""
    by_number = {str(each.get("id")): each for each in given or ()}
    return tuple(
        Upload(
            by_number.get(str(at), {}).get("filename") or upload.filename,
            upload.content,
            upload.content_type,
            by_number.get(str(at), {}).get("description"),
        )
        for at, upload in enumerate(uploads)
    )
