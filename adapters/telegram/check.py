"""What Telegram says about a bot, for `parley doctor`."""

from __future__ import annotations

from datetime import UTC, datetime

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from adapters.telegram import failures
from adapters.telegram.client import build_bot
from adapters.telegram.options import TelegramOptions
from adapters.telegram.registration import trouble_of
from bot.errors import ChannelError


async def examine(options: TelegramOptions) -> str:
    """Who the bot is and how it gets its updates, in a sentence or two; raises ChannelError with what is wrong."""
    bot = build_bot(options)
    try:
        await bot.initialize()
        return _description(options, bot.bot, await _webhook(bot))
    except TelegramError as error:
        raise _explained(error, options) from error
    finally:
        await bot.shutdown()


async def _webhook(bot: Bot) -> WebhookInfo | None:
    """None on a server of another make that has no webhooks."""
    try:
        return await bot.get_webhook_info()
    except InvalidToken:
        return None


def _explained(error: TelegramError, options: TelegramOptions) -> ChannelError:
    return failures.channel_error(error) or ChannelError(
        f"Telegram cannot be reached at {options.base_url} ({type(error).__name__}). Check the network and "
        "telegram.base_url."
    )


def _description(options: TelegramOptions, me: User, info: WebhookInfo | None) -> str:
    if info and (trouble := trouble_of(info, datetime.now(UTC))):
        raise ChannelError(trouble)
    if options.mode == "webhook":
        how = f"updates come to {options.webhook_url}"
    elif info and info.url:
        how = f"a webhook is set ({info.url}) and is taken away when the bot starts polling"
    else:
        how = "updates are polled"
    return f"@{me.username} ({_names(options, me)}), {how}; {_groups(options, me)}."


def _names(options: TelegramOptions, me: User) -> str:
    """The name that customers see; @BotFather changes it, not the settings."""
    if options.bot_name in ("", me.first_name):
        return me.first_name
    return f"shown as {me.first_name}, though bot.name is {options.bot_name}: change it at @BotFather with /setname"


def _groups(options: TelegramOptions, me: User) -> str:
    if options.groups == "off" or not me.can_join_groups:
        return "it does not answer in groups"
    if options.groups == "all" and not me.can_read_all_group_messages:
        return (
            "telegram.groups is `all`, but the bot's privacy mode hides messages from it: turn it off at @BotFather "
            "(/setprivacy) and add the bot to its groups again"
        )
    return "in groups it answers " + ("everything" if options.groups == "all" else "mentions, replies and commands")
