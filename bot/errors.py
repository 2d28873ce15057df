"""Everything that Parley raises on purpose.

    ParleyError
    ├── SettingsError      a setting is unknown or wrong; names it and what is allowed
    ├── UsageError         a command or call was used wrongly; says how to use it
    ├── InvalidMessage     a message cannot be taken as it is (empty, too long, not text)
    ├── Busy               a bounded queue is full; try again after `retry_after` seconds
    ├── LimitReached       somebody has had as much as they may have for now
    ├── NotFound           a conversation, passage, document or file is not there
    ├── Conflict           somebody else has changed the conversation in the meantime
    ├── StorageError       the database cannot be used (locked, gone, wrong version)
    │   └── LeaseLost      another worker has the conversation now; nothing was written
    ├── KnowledgeError     a document cannot be read; names the file and why
    ├── ModelError         a model cannot be loaded or cannot go on
    │   ├── Cancelled      generation was ended by its caller or by its time limit
    │   └── UnlikeTraining a photo shows what a picture model has never learnt
    ├── ChannelError       a platform refuses the bot until somebody acts (revoked token, missing privilege)
    └── DeliveryError      a platform did not take a message
        ├── RetryLater     it may take it later; after `retry_after` seconds if known
        └── Undeliverable  it never will (blocked, gone); the delivery is parked

The text of each is one plain sentence or two for the person who can act on it: what, where, what to do.
"""

from __future__ import annotations


class ParleyError(Exception):
    """Base of all; its text may be shown to a person."""


class SettingsError(ParleyError):
    """A setting is unknown, missing or wrong."""


class UsageError(ParleyError):
    """A command or a call was used wrongly."""


class InvalidMessage(ParleyError):
    """A message cannot be taken as it is."""


class Busy(ParleyError):
    """A bounded queue is full; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LimitReached(ParleyError):
    """Somebody has had as much as they may have for now."""


class NotFound(ParleyError):
    """What was asked for does not exist, or not for this caller."""


class Conflict(ParleyError):
    """The conversation is in another state by now; nothing was written."""


class StorageError(ParleyError):
    """The database cannot be used now."""


class LeaseLost(StorageError):
    """The fence of a claim has moved on: another worker has the conversation, and nothing was written."""


class KnowledgeError(ParleyError):
    """A document cannot be read; the text names the file and the reason."""


class ModelError(ParleyError):
    """A model cannot be loaded, or failed while it worked."""


class Cancelled(ModelError):
    """Generation was ended by its caller or by its time limit."""


class UnlikeTraining(ModelError):
    """A photo shows something that the picture model has never learnt, so that it could only make mud of it."""


class ChannelError(ParleyError):
    """A platform refuses the bot until somebody acts; the text says what to do."""


class DeliveryError(ParleyError):
    """A platform did not take a message."""


class RetryLater(DeliveryError):
    """The platform may take it later; `retry_after` (seconds) is the platform's own word, if it gave one."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Undeliverable(DeliveryError):
    """The platform will never take it: the recipient is gone or has blocked the bot."""
