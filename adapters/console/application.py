"""Builds the console from its parts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from adapters.console.attachments import Attachments
from adapters.console.attempts import FailedLogIns
from adapters.console.conversations import Conversations
from adapters.console.guard import Guard, add_headers, errors_as_pages
from adapters.console.live import Live
from adapters.console.log_in import LogIn
from adapters.console.options import ConsoleOptions
from adapters.console.pages import Pages
from adapters.console.sessions import Sessions
from bot.protocols import Accounts, Desk, Files, Streams

STATIC = Path(__file__).parent / "static"


def console_app(
    options: ConsoleOptions,
    desk: Desk,
    accounts: Accounts,
    streams: Streams,
    files: Files,
    secret: bytes,
    clock: Callable[[], float] = time.time,
) -> web.Application:
    """The application to mount at `PREFIX`; `secret` signs its sessions and must survive a restart.

    `clock` gives seconds since 1970.
    """
    pages = Pages(options)
    sessions = Sessions(secret, options.session_hours, clock)
    guard = Guard(options, accounts, sessions)
    attempts = FailedLogIns(options.failures, options.failure_seconds, clock)
    live = Live(options, desk, streams, guard)
    app = web.Application(middlewares=[errors_as_pages(pages), guard.middleware])
    app.add_routes(
        [
            *LogIn(guard, accounts, sessions, attempts, pages).routes(),
            *Conversations(options, desk, pages).routes(),
            *Attachments(files).routes(),
            *live.routes(),
            web.static("/static", STATIC),
        ]
    )
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(live.close)
    return app
