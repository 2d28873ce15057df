"""The part of an update that the bot reads.

The client library refuses an object whole for one field that it cannot read, also where the field is of no interest
here: what a newer Bot API has added somewhere in it, or what an older local server does not send yet. So it is given
only the fields that are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ANSWERED_FIELDS = frozenset({"message_id", "date", "chat", "from", "forum_topic_created"})
CALLBACK_FIELDS = frozenset({"id", "from", "message", "chat_instance", "data"})
FILE_FIELDS = frozenset({"photo", "voice", "audio", "animation", "video", "video_note", "document", "sticker"})
MESSAGE_FIELDS = FILE_FIELDS | {
    "message_id",
    "date",
    "chat",
    "from",
    "sender_chat",
    "sender_business_bot",
    "business_connection_id",
    "is_automatic_forward",
    "is_topic_message",
    "message_thread_id",
    "media_group_id",
    "reply_to_message",
    "text",
    "entities",
    "caption",
    "caption_entities",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
}
MESSAGES = frozenset({"message", "edited_message", "business_message", "edited_business_message"})
OTHERS = frozenset({"message_reaction", "my_chat_member"})


def pruned(update: dict[str, Any]) -> dict[str, Any]:
    """The update with the kinds and fields that are read; values are as they came, whatever they are."""
    kept = {key: value for key, value in update.items() if key == "update_id" or key in OTHERS}
    kept |= {key: _message(value) for key, value in update.items() if key in MESSAGES}
    return kept | {key: _callback_query(value) for key, value in update.items() if key == "callback_query"}


def _message(message: Any) -> Any:
    kept = _only(message, MESSAGE_FIELDS)
    return _changed(kept, "reply_to_message", lambda answered: _only(answered, ANSWERED_FIELDS))


def _callback_query(query: Any) -> Any:
    return _changed(_only(query, CALLBACK_FIELDS), "message", _message)


def _only(value: Any, fields: frozenset[str]) -> Any:
    return {key: each for key, each in value.items() if key in fields} if isinstance(value, dict) else value


def _changed(value: Any, field: str, change: Callable[[Any], Any]) -> Any:
    return value | {field: change(value[field])} if isinstance(value, dict) and field in value else value
