"""What the bot may do where."""

from __future__ import annotations

from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.model import Channel, Permission


def require(channel: Channel, needed: Permission) -> None:
    """Raises ApiError 50001 for a channel that the bot does not see, 50013 for a right that it lacks."""
    if channel.guild is None:
        return
    denied = channel.denied | (channel.parent.denied if channel.parent else channel.denied)
    if Permission.VIEW_CHANNEL in denied:
        raise ApiError(Refusal.MISSING_ACCESS)
    if needed & denied:
        raise ApiError(Refusal.MISSING_PERMISSIONS)


def require_to_write(channel: Channel) -> None:
    """Raises ApiError 50007 when the user has shut the bot out, 50083 in a locked thread, or as `require` does."""
    if channel.recipient and not channel.recipient.accepts_direct_messages:
        raise ApiError(Refusal.CANNOT_SEND_TO_USER)
    in_thread = channel.type.is_thread
    require(channel, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)
    if channel.locked:
        raise ApiError(Refusal.THREAD_ARCHIVED)
