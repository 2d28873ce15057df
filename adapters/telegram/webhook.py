"""Updates that Telegram brings: https://core.telegram.org/bots/api#setwebhook"""

from __future__ import annotations

import asyncio
import hmac
import json
import math

import structlog
from aiohttp import web

from adapters.telegram.intake import Intake
from bot.errors import Busy, StorageError

log = structlog.get_logger()

PATH = "/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES = 1_000_000
ANSWER_SECONDS = 50.0
"""Telegram waits about a minute for an answer."""
RETRY_SECONDS = 5.0


class Webhook:
    """Answers 200 only when the update is handled; every other answer makes Telegram bring it again."""

    def __init__(self, secret_token: str) -> None:
        self._secret = secret_token.encode()
        self._intake: Intake | None = None

    def open(self, intake: Intake) -> None:
        """Takes updates from now on."""
        self._intake = intake

    def close(self) -> None:
        """Takes none until it is opened again."""
        self._intake = None

    def application(self) -> web.Application:
        """To be mounted where the webhook's address points to."""
        application = web.Application()
        application.router.add_post(PATH, self._receive)
        return application

    async def _receive(self, request: web.Request) -> web.Response:
        if not self._is_telegram(request):
            raise web.HTTPForbidden(text="wrong secret token")
        if self._intake is None:
            return _later("the bot is starting or stopping", RETRY_SECONDS)
        try:
            update = json.loads(await request.clone(client_max_size=BODY_BYTES).read())
        except ValueError:
            raise web.HTTPBadRequest(text="not JSON") from None
        return await self._handle(self._intake, update)

    async def _handle(self, intake: Intake, update: object) -> web.Response:
        work = intake.take(update)
        try:
            if work is not None:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await asyncio.shield(work)
        except Busy as error:
            return _later(str(error), error.retry_after)
        except (StorageError, TimeoutError) as error:
            return _later(str(error) or "not done yet", RETRY_SECONDS)
        except asyncio.CancelledError:
            if work is None or not work.cancelled():
                raise
            return _later("the bot is stopping", RETRY_SECONDS)
        return web.Response()

    def _is_telegram(self, request: web.Request) -> bool:
        """Without a secret nobody is."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return bool(self._secret) and hmac.compare_digest(given, self._secret)


def _later(reason: str, seconds: float) -> web.Response:
    log.warning("update refused for now", reason=reason)
    return web.Response(status=503, text=reason, headers={"Retry-After": str(math.ceil(seconds))})
