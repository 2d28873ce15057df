"""The official client, pointed at the server that the options name."""

from __future__ import annotations

import logging
import os

from telegram import Bot
from telegram.request import HTTPXRequest

from adapters.telegram.options import TelegramOptions

# The library reads this to give times as timedelta; otherwise it warns at each 429 that it will do so one day.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# It also logs each page that a proxy answers with, as a traceback; the error itself is raised and reported anyway.
logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)

CONNECTIONS = 64


def build_bot(options: TelegramOptions) -> Bot:
    """A bot that has not spoken to the server yet. Time limits are seconds of silence, not of a whole request."""
    root, files = options.base_url.rstrip("/"), (options.base_file_url or options.base_url).rstrip("/")
    return Bot(
        options.token,
        base_url=f"{root}/bot",
        base_file_url=f"{files}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=CONNECTIONS, read_timeout=10, write_timeout=10, connect_timeout=5, pool_timeout=5
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=2, connect_timeout=5, pool_timeout=5),
    )
