"""The server: requests in, answers out, with faults and limits in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from adapters.playground.telegram.changes import Changes
from adapters.playground.telegram.chats import User
from adapters.playground.telegram.errors import ApiError
from adapters.playground.telegram.faults import Fault, Faults
from adapters.playground.telegram.files import Files
from adapters.playground.telegram.limits import Limits, Rates
from adapters.playground.telegram.methods import METHODS
from adapters.playground.telegram.parameters import UPLOAD_BYTES, read_parameters
from adapters.playground.telegram.population import Population
from adapters.playground.telegram.records import Request, Requests
from adapters.playground.telegram.updates import Updates
from adapters.playground.telegram.webhook import Deliverer
from adapters.playground.telegram.world import World

TOKEN = "7700000001:AAF-playground-token-for-nobody-else"
_BODY_BYTES = UPLOAD_BYTES + (1 << 20)
_METHODS = {name.lower(): (name, method) for name, method in METHODS.items()}
_FIRST_UPDATE = 100_000_000
_HTML_STATUS = range(502, 505)


@dataclass(frozen=True)
class Sizes:
    """What is kept at most; the oldest goes first."""

    requests: int = 50_000
    messages: int = 500
    """Of each chat."""
    updates: int = 100_000
    """That wait for the bot."""
    file_bytes: int = 256 << 20


class TelegramServer(Population):
    """A Bot API server for one bot, whose state lives in memory and outlasts `stop` and `start`.

    `port` 0 takes a free one and keeps it. `strict` enforces the rate limits, which are counted in any case. `privacy`
    is the bot's privacy mode in groups. `seed` makes random faults repeatable. `without` names methods that it does not
    have, as an older server would not. The pauses (seconds) are those after failed deliveries to a webhook.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "parley_bot",
        strict: bool = False,
        rates: Rates | None = None,
        privacy: bool = True,
        seed: int = 0,
        without: Iterable[str] = (),
        first_pause: float = 1.0,
        longest_pause: float = 60.0,
        sizes: Sizes | None = None,
    ) -> None:
        sizes = sizes or Sizes()
        self.token = token
        self.host, self.port = host, port
        self.without = set(without)
        self.changes = Changes()
        self.requests = Requests(self.changes, sizes.requests)
        self.faults = Faults(seed)
        self.limits = Limits(rates or Rates(), strict)
        self.updates = Updates(self.changes, _FIRST_UPDATE, sizes.updates)
        bot = User(int(token.partition(":")[0]), "Parley", username=username, is_bot=True)
        super().__init__(
            World(
                bot=bot,
                changes=self.changes,
                updates=self.updates,
                deliverer=Deliverer(self.updates, self.changes, first_pause, longest_pause),
                files=Files(sizes.file_bytes),
                limits=self.limits,
                privacy_mode=privacy,
                messages_kept=sizes.messages,
            )
        )
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The root, to which clients add `/bot{token}/{method}` and `/file/bot{token}/{path}`."""
        return f"http://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await site.start()
        if self.port == 0:
            self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends all connections and deliveries; the state stays for another `start`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def application(self) -> web.Application:
        """An application of its own with this server's routes."""
        application = web.Application(client_max_size=_BODY_BYTES)
        application.add_routes(self.routes())
        application.cleanup_ctx.append(self.lifespan)
        return application

    def routes(self) -> list[web.RouteDef]:
        """The routes, for an application that has others too; it needs `lifespan` in its `cleanup_ctx`."""
        return [
            web.get("/bot{token:[^/]+}/{method:[^/]+}", self._answer),
            web.post("/bot{token:[^/]+}/{method:[^/]+}", self._answer),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
        ]

    async def lifespan(self, application: web.Application) -> AsyncIterator[None]:
        """Runs the webhook's deliveries while the application runs."""
        deliveries = asyncio.create_task(self.world.deliverer.run())
        yield
        deliveries.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await deliveries

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = request.match_info["method"]
        name, method = _METHODS.get(asked.lower(), (asked, None))
        record = self.requests.begin(time.monotonic(), name)
        try:
            if request.match_info["token"] != self.token:
                raise ApiError(401, "Unauthorized")
            if method is None or name in self.without:
                raise ApiError(404, "Not Found")
            parameters = await read_parameters(request)
            record.take(parameters)
            return await self._carry_out(request, record, partial(method, self.world, parameters))
        except ApiError as error:
            self.requests.end(record, error.code, error.description)
            return _refusal(error)
        finally:
            if record.status is None:
                self.requests.end(record, 0, "cut off")

    async def _carry_out(
        self, request: web.Request, record: Request, method: Callable[[], Awaitable[Any]]
    ) -> web.StreamResponse:
        """Does what the request says, with the fault that is due."""
        self.limits.check_patience(record.subject, record.method)
        fault = self.faults.draw(record.method) or Fault()
        if fault != Fault():
            record.fault = str(fault)
            self.changes.announce()
            await asyncio.sleep(fault.delay)
        if fault.status != 200 and not fault.after_effect:
            return self._fail(request, record, fault)
        try:
            record.result = await method()
        except ApiError as error:
            self._remember_wait(record, error.parameters.get("retry_after", 0))
            raise
        record.done = True
        if fault.status != 200:
            return self._fail(request, record, fault)
        self.requests.end(record, 200)
        return web.json_response({"ok": True, "result": record.result})

    def _remember_wait(self, record: Request, seconds: int) -> None:
        if seconds:
            self.limits.close(record.subject, record.method, seconds)

    def _fail(self, request: web.Request, record: Request, fault: Fault) -> web.StreamResponse:
        """Answers with the fault in place of the result."""
        self.requests.end(record, fault.status, record.fault)
        if fault.status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault.status == 429:
            self._remember_wait(record, fault.retry_after)
        return _fault_answer(fault)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _refusal(ApiError(401, "Unauthorized"))
        file = self.world.files.by_path(request.match_info["path"])
        if file is None:
            return _refusal(ApiError(404, "Not Found"))
        return web.Response(body=file.data, content_type="application/octet-stream")


def _fault_answer(fault: Fault) -> web.Response:
    """5xx of the platform's proxy are pages, those of the Bot API itself are JSON."""
    if fault.status in _HTML_STATUS:
        page = f"<html><head><title>{fault.status}</title></head><body>nginx</body></html>"
        return web.Response(status=fault.status, text=page, content_type="text/html")
    return _refusal(fault.error())


def _refusal(error: ApiError) -> web.Response:
    body: dict[str, Any] = error.body()
    return web.Response(status=error.code, text=json.dumps(body), content_type="application/json")
