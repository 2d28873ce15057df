"""The bot on Telegram, by the official Bot API and python-telegram-bot."""

from adapters.telegram.channel import TelegramChannel
from adapters.telegram.check import examine
from adapters.telegram.options import TelegramOptions

__all__ = ["TelegramChannel", "TelegramOptions", "examine"]
