"""Which message or interaction a reply answers, and the ids of conversations."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Origin:
    """Travels with a message through the inbox and comes back with the delivery.

    A written message has the `channel` it was written in, its id, and `edited` when it is an edited form. A command
    or a pressed button has an `interaction` with its `token`, and is `private` if only its `user` may see the answer.
    """

    channel: str = ""
    message: str = ""
    edited: str = ""
    interaction: str = ""
    token: str = ""
    user: str = ""
    private: bool = False

    def encode(self) -> str:
        """As JSON, without what is empty."""
        return json.dumps({key: value for key, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Origin:
        """An empty origin for an operator's words, which answer no message."""
        if not text:
            return cls()
        known = {each.name for each in fields(cls)}
        return cls(**{key: value for key, value in json.loads(text).items() if key in known})


def conversation_id(channel: int | str, user: int | str, *, in_guild: bool) -> str:
    """A direct message channel is one conversation; on a server each person has one of their own in each channel."""
    return f"{channel}/{user}" if in_guild else str(channel)


def channel_of(conversation: str) -> str:
    """The id of the channel in which a conversation takes place."""
    return conversation.partition("/")[0]


def is_in_guild(conversation: str) -> bool:
    """Whether others are there too."""
    return "/" in conversation


def refers(conversation: str, origin: Origin) -> bool:
    """Whether the answer names the message that it answers: where others write too, but not in the message's own
    thread."""
    return is_in_guild(conversation) and channel_of(conversation) == origin.channel
