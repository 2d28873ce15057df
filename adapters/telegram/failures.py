"""What Telegram's refusals mean for a delivery and for the operator, in words."""

from __future__ import annotations

import random
from datetime import timedelta

from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.errors import ChannelError, DeliveryError, RetryLater, Undeliverable

REFUSED_SECONDS = 60.0
"""While Telegram refuses the token nothing can be sent, which is not the delivery's fault."""
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 15.0
LONGEST_WORDS = 200

GONE = (
    "chat not found",
    "peer_id_invalid",
    "have no rights to send",
    "not enough rights to send",
    "chat_write_forbidden",
    "business_connection_invalid",
    "business connection not found",
)
TOPIC_GONE = ("message thread not found", "topic_closed", "topic_deleted")
TOKEN_REFUSED = (
    "Telegram refuses the bot's token: it was revoked, or is mistyped. Ask @BotFather for the token "
    "(/mybots, then API Token) and set telegram.token; telegram.base_url, if set, must be a Bot API server's root."
)


def is_token_refused(error: TelegramError) -> bool:
    """401, or 404 of a method that there certainly is: the library uses one class for both."""
    return isinstance(error, InvalidToken | EndPointNotFound)


def is_unmodified(error: BadRequest) -> bool:
    """An edit to the same text: what was wanted is there."""
    return "message is not modified" in error.message.lower()


def is_markup_rejected(error: BadRequest) -> bool:
    """The text would be taken without its formatting."""
    return "entit" in error.message.lower()


def is_message_gone(error: BadRequest) -> bool:
    """The message that was to be edited is no longer there, or no longer the bot's to edit."""
    text = error.message.lower()
    return "message to edit not found" in text or "message can't be edited" in text or "message_id_invalid" in text


def is_place_closed(error: TelegramError) -> bool:
    """Nothing can be said in the chat until the customer lets the bot in again."""
    if isinstance(error, Forbidden) or is_topic_gone(error):
        return True
    return isinstance(error, BadRequest) and any(gone in error.message.lower() for gone in GONE)


def is_topic_gone(error: TelegramError) -> bool:
    """A group's topic was closed or removed; the rest of the group is open."""
    return isinstance(error, BadRequest) and any(gone in error.message.lower() for gone in TOPIC_GONE)


def delivery_error(error: TelegramError) -> DeliveryError:
    """Why a delivery failed, and so whether it is worth another try."""
    if is_token_refused(error):
        return RetryLater(TOKEN_REFUSED, REFUSED_SECONDS)
    if isinstance(error, RetryAfter):
        return RetryLater("Telegram asks to wait.", seconds_of(error))
    if isinstance(error, TimedOut):
        return RetryLater("Telegram did not answer in time.")
    if is_place_closed(error) or isinstance(error, BadRequest):
        return Undeliverable(f"Telegram refuses it: {words(error)}.")
    return RetryLater(f"Telegram could not take it: {words(error)}.")


def channel_error(error: TelegramError) -> ChannelError | None:
    """Set for a refusal that only an operator can end, None for one that passes."""
    if is_token_refused(error):
        return ChannelError(TOKEN_REFUSED)
    if isinstance(error, Conflict) and "webhook" in error.message.lower():
        return ChannelError(
            "Another program has set a webhook for this bot, so that no updates come here. Stop that program, or set "
            "telegram.mode to webhook."
        )
    if isinstance(error, Conflict):
        return ChannelError(
            "Another program is taking this bot's updates (409). Stop it, or give one of the two a token of its own."
        )
    if isinstance(error, BadRequest):
        return ChannelError(f"Telegram refuses the settings: {words(error)}.")
    return None


def words(error: TelegramError) -> str:
    """What the library says, without the page that a proxy in between may have answered with."""
    return error.message.partition(". Parsing the server response")[0].rstrip(".")[:LONGEST_WORDS]


def reason(error: TelegramError) -> str:
    """For the status: why updates do not come."""
    if isinstance(error, TimedOut):
        return "Telegram does not answer in time; it is tried again."
    return f"Telegram cannot be reached ({words(error)}); it is tried again."


def pause(error: TelegramError, failed: int) -> float:
    """Seconds to wait after so many failures in a row: what a 429 asks for, otherwise exponential with jitter."""
    if isinstance(error, RetryAfter):
        return seconds_of(error)
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failed, 10)) * random.uniform(0.5, 1)


def seconds_of(error: RetryAfter) -> float:
    """What a 429 asks for; the library gives a number or a timedelta, as its environment says."""
    wish = error.retry_after
    return wish.total_seconds() if isinstance(wish, timedelta) else float(wish)
