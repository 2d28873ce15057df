"""What Telegram is told about the bot at its start: its commands, and where its updates go."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import structlog
from telegram import Bot, BotCommand, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from adapters.telegram.options import TelegramOptions
from adapters.telegram.updates import ALLOWED_UPDATES
from bot.errors import ChannelError
from bot.protocols import ChannelStatus

log = structlog.get_logger()

FALLBACK_LANGUAGE = "en"
CONNECTIONS = 40
RECENT = timedelta(minutes=2)


async def tell_commands(bot: Bot, options: TelegramOptions) -> None:
    """The menu of commands in each language; a bot without it works all the same."""
    languages = {language for texts in options.commands.values() for language in texts}
    try:
        for language in sorted(languages):
            commands = [BotCommand(name, texts[language]) for name, texts in options.commands.items()]
            if language == FALLBACK_LANGUAGE:
                await bot.set_my_commands(commands)
            else:
                await bot.set_my_commands(commands, language_code=language)
    except TelegramError as error:
        log.warning("the menu of commands is not set", reason=error.message)


async def choose_polling(bot: Bot) -> None:
    """Takes a webhook away, which would exclude polling; updates that wait stay."""
    try:
        await bot.delete_webhook(drop_pending_updates=False)
    except InvalidToken as error:  # the token was good a moment ago: a server of another make that has no webhooks
        log.info("no webhook to take away", reason=error.message)


async def choose_webhook(bot: Bot, options: TelegramOptions) -> None:
    """Has updates brought to the webhook; those that wait come too."""
    await bot.set_webhook(
        options.webhook_url,
        secret_token=options.secret_token,
        allowed_updates=list(ALLOWED_UPDATES),
        max_connections=CONNECTIONS,
        drop_pending_updates=False,
    )


async def look_after_webhook(bot: Bot, options: TelegramOptions, status: ChannelStatus) -> None:
    """Says how deliveries go; raises ChannelError when somebody else has taken the webhook, and TelegramError."""
    info = await bot.get_webhook_info()
    if info.url != options.webhook_url:
        raise ChannelError(
            f"Another program has taken the webhook of this bot ({info.url or 'it was removed'}). Stop that program, "
            "or give one of the two a token of its own."
        )
    if trouble := trouble_of(info, datetime.fromtimestamp(time.time(), UTC)):
        status.lost(trouble)
    else:
        status.connected()


def trouble_of(info: WebhookInfo, now: datetime) -> str | None:
    """Why updates wait, if they do so because the webhook could not be reached lately."""
    if not info.pending_update_count or not info.last_error_date or now - info.last_error_date > RECENT:
        return None
    return f"Telegram cannot bring updates to {info.url}: {info.last_error_message}."
