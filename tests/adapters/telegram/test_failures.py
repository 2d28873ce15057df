"""What Telegram's refusals mean."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest
from telegram import error as telegram_error
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from adapters.telegram import failures
from bot.errors import ParleyError, RetryLater, Undeliverable

EXAMPLES: dict[type[TelegramError], TelegramError] = {
    ChatMigrated: ChatMigrated(-5),
    RetryAfter: RetryAfter(timedelta(seconds=3)),
    TimedOut: TimedOut(),
    InvalidToken: InvalidToken(),
}


def example(kind: type[TelegramError]) -> TelegramError:
    return EXAMPLES.get(kind) or kind("Something")


KINDS = [kind for _, kind in inspect.getmembers(telegram_error, inspect.isclass) if issubclass(kind, TelegramError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_the_library_has_a_meaning(kind: type[TelegramError]) -> None:
    error = example(kind)
    assert isinstance(failures.delivery_error(error), ParleyError)
    assert failures.pause(error, 3) > 0
    assert failures.reason(error)


@pytest.mark.parametrize(
    ("error", "closed"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), True),
        (BadRequest("Bad Request: chat not found"), True),
        (BadRequest("Bad Request: not enough rights to send text messages to the chat"), True),
        (BadRequest("Bad Request: message thread not found"), True),
        (BadRequest("Bad Request: BUTTON_DATA_INVALID"), False),
    ],
)
def test_what_can_never_arrive(error: TelegramError, closed: bool) -> None:
    assert isinstance(failures.delivery_error(error), Undeliverable)
    assert failures.is_place_closed(error) is closed


def test_a_refused_token_holds_deliveries_without_counting_them() -> None:
    failure = failures.delivery_error(InvalidToken("Unauthorized"))
    assert isinstance(failure, RetryLater)
    assert failure.retry_after == failures.REFUSED_SECONDS


@pytest.mark.parametrize("error", [TimedOut(), NetworkError("Bad Gateway (502)"), RetryAfter(1)])
def test_what_passes_is_no_matter_for_an_operator(error: TelegramError) -> None:
    assert failures.channel_error(error) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidToken("Unauthorized"), "@BotFather"),
        (EndPointNotFound("getUpdates"), "@BotFather"),
        (Conflict("Conflict: terminated by other getUpdates request"), "Stop it"),
        (Conflict("Conflict: can't use getUpdates method while webhook is active"), "webhook"),
        (BadRequest("Bad Request: bad webhook: HTTPS url must be provided for webhook"), "https url must be provided"),
    ],
)
def test_what_an_operator_has_to_end_is_said_in_words(error: TelegramError, words: str) -> None:
    assert words in str(failures.channel_error(error))


def test_a_proxys_page_is_not_repeated() -> None:
    page = NetworkError("Bad Gateway (502). Parsing the server response b'<html>nginx</html>' failed")
    assert failures.reason(page) == "Telegram cannot be reached (Bad Gateway (502)); it is tried again."


def test_pauses_grow_to_a_bound() -> None:
    assert failures.pause(NetworkError("x"), 1) <= 1
    assert failures.LONGEST_PAUSE / 2 <= failures.pause(NetworkError("x"), 1000) <= failures.LONGEST_PAUSE
