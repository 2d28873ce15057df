"""The domain's types as JSON, as the interface names their fields."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bot.messages import Attachment, Message, Passage, Reply

Json = dict[str, Any]


def dump(value: Any) -> str:
    """Compact JSON with readable Unicode."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reply_json(reply: Reply) -> Json:
    """The Reply object."""
    return {
        "conversation_id": reply.conversation_id,
        "message_id": reply.message_id,
        "text": reply.text,
        "route": reply.route,
        "confidence": reply.confidence,
        "language": reply.language,
        "citations": [asdict(citation) for citation in reply.citations],
        "attachments": [attachment_json(attachment) for attachment in reply.attachments],
        "quick_replies": list(reply.quick_replies),
        "trace_id": reply.trace_id,
    }


def message_json(message: Message) -> Json:
    """An entry of a conversation's history; lists that are empty are left out."""
    value: Json = {
        "message_id": message.id,
        "number": message.number,
        "role": message.role,
        "text": message.text,
        "created_at": message.created_at.isoformat(),
    }
    if message.route:
        value["route"] = message.route
    if message.citations:
        value["citations"] = [asdict(citation) for citation in message.citations]
    if message.attachments:
        value["attachments"] = [attachment_json(attachment) for attachment in message.attachments]
    return value


def passage_json(passage: Passage) -> Json:
    """A passage as it is shown to a reader."""
    return {
        "id": passage.id,
        "title": passage.title,
        "text": passage.text,
        "source": passage.source,
        "heading": list(passage.heading),
        "position": passage.position,
        "language": passage.language,
    }


def attachment_json(attachment: Attachment) -> Json:
    """A file beside a message, without what is not known of it."""
    return {key: value for key, value in asdict(attachment).items() if value not in (None, "")}
