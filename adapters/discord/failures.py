"""What Discord's refusals mean: for a delivery, and for the whole channel.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

from __future__ import annotations

import aiohttp
import discord

from bot.errors import ChannelError, DeliveryError, RetryLater, Undeliverable

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
THREAD_EXISTS = 160004
REFUSED_FORMS = (40005, 50035)
"""The files are too large for this place, or something in the message is not as Discord wants it."""

GONE = {
    UNKNOWN_CHANNEL: "The channel on Discord does not exist any more.",
    10004: "The bot is not on that Discord server any more.",
    10013: "The user on Discord does not exist any more.",
    50001: "The bot may not see the channel on Discord; a moderator has to give it the permission View Channel.",
    50007: "The customer takes no direct messages from the bot: they blocked it, or left every server it is on.",
    50013: "The bot may not write in the channel on Discord; a moderator has to give it the permission Send Messages.",
    50083: "The thread on Discord is archived.",
    50278: "The customer takes no direct messages from the bot: they are on no server with it any more.",
    160005: "The thread on Discord is locked.",
}
"""Codes by which a place is closed to the bot, and what to tell the operator."""

PORTAL = "https://discord.com/developers/applications"

CLOSED = {
    4004: f"Discord does not accept the token. Copy a new one from {PORTAL} (your application, Bot, Reset Token) "
    "into discord.token.",
    4010: "Discord does not accept the shards. Set discord.shards to auto.",
    4011: "The bot is on too many servers for one connection. Set discord.shards to auto.",
    4012: "Discord does not speak this version of its gateway any more. Update Parley.",
    4013: f"Discord does not know the intents that were asked for. Check your application at {PORTAL} (Bot, "
    "Privileged Gateway Intents), and update Parley.",
    4014: f"The bot may not read messages on servers. At {PORTAL} open your application, Bot, Privileged Gateway "
    "Intents, and switch on Message Content Intent; or set discord.guilds to off.",
}
"""Close codes of the gateway that only an operator can mend, and how."""

SERVER_DELAY = 5.0
REFUSED_DELAY = 60.0


def channel_refusal(error: Exception) -> ChannelError | None:
    """The error in words, if it lasts until somebody acts."""
    if isinstance(error, discord.LoginFailure):
        return ChannelError(CLOSED[4004])
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return ChannelError(CLOSED[4014])
    if isinstance(error, discord.ConnectionClosed) and error.code in CLOSED:
        return ChannelError(CLOSED[error.code])
    return None


def delivery_failure(error: Exception) -> DeliveryError | None:
    """What a failed delivery means for the next try; None for what is no failure of Discord's.

    Outages and limits carry their `retry_after`, so that no answer is given up for them.
    """
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, discord.RateLimited):
        return RetryLater("Discord wants a pause.", error.retry_after)
    if isinstance(error, discord.LoginFailure):
        return RetryLater(CLOSED[4004], REFUSED_DELAY)
    if isinstance(error, discord.HTTPException):
        return _http_failure(error)
    if isinstance(error, aiohttp.ClientError | TimeoutError | OSError | RuntimeError):
        return RetryLater(f"Discord cannot be reached: {error or type(error).__name__}.", SERVER_DELAY)
    return None


def closes_place(error: Exception) -> bool:
    """Whether nothing can be delivered to the place any more."""
    return isinstance(error, discord.HTTPException) and error.code in GONE


def is_over(error: discord.HTTPException) -> bool:
    """Whether an interaction cannot be answered any more: its token is too old, or was never used in time."""
    return error.status in (401, 404)


def _http_failure(error: discord.HTTPException) -> DeliveryError:
    if error.code in GONE:
        return Undeliverable(GONE[error.code])
    if error.status == 429:
        return RetryLater("Discord wants a pause.", _retry_after(error))
    if error.status == 401:
        return RetryLater(CLOSED[4004], REFUSED_DELAY)
    if error.status >= 500:
        return RetryLater(f"Discord has a problem (status {error.status}).", SERVER_DELAY)
    return Undeliverable(f"Discord does not take the message: {error.text or error.status} (code {error.code}).")


def _retry_after(error: discord.HTTPException) -> float:
    """Seconds from the header; a refusal that did not come from Discord itself may lack it."""
    try:
        return max(0.0, float(error.response.headers.get("Retry-After", REFUSED_DELAY)))
    except ValueError:
        return REFUSED_DELAY
