"""The playground: both servers and the page on one port."""

from __future__ import annotations

import errno
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from adapters.playground.discord import DiscordServer
from adapters.playground.page.actions import Actions
from adapters.playground.page.customers import Customers
from adapters.playground.page.discord import Discord
from adapters.playground.page.shapes import Platform
from adapters.playground.page.telegram import Telegram
from adapters.playground.page.view import View
from adapters.playground.telegram import TelegramServer
from bot.errors import SettingsError

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
BODY_BYTES = 64 * 1024 * 1024
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Playground:
    """`async with Playground(port=8090) as playground:` serves until the end of the block; port 0 takes a free one."""

    def __init__(
        self, *, port: int = 0, telegram: TelegramServer | None = None, discord: DiscordServer | None = None
    ) -> None:
        self.port = port
        self.telegram = telegram or TelegramServer(strict=True)
        self.discord = discord or DiscordServer()
        self._pages = Telegram(self.telegram), Discord(self.discord)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which `parley serve` connects to both servers."""
        return {name: value for page in self._pages for name, value in page.environment().items()}

    async def __aenter__(self) -> Self:
        """Raises SettingsError when the port is taken."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.port, reuse_address=True).start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno != errno.EADDRINUSE:
                raise
            raise SettingsError(f"Port {self.port} is taken; choose another one with --port.") from None
        self.port = self.telegram.port = int(self._runner.addresses[0][1])
        self.discord.listens_on(self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discord.gateway.drop()
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        platforms: dict[str, Platform] = {page.name: page for page in self._pages}
        customers = Customers(platforms)
        telegram, _ = self._pages
        app = web.Application(client_max_size=BODY_BYTES)
        app.add_routes(self.telegram.routes())
        app.cleanup_ctx.append(self.telegram.lifespan)
        self.discord.mount(app)
        app.add_routes(telegram.routes())
        app.add_routes(_Routes(self, customers, View(platforms, customers), Actions(platforms)).routes())
        return app


class _Routes:
    """The page's own."""

    def __init__(self, playground: Playground, customers: Customers, view: View, actions: Actions) -> None:
        self._playground = playground
        self._customers = customers
        self._view = view
        self._actions = actions

    def routes(self) -> list[web.AbstractRouteDef]:
        files = sorted(path for path in STATIC.iterdir() if path.suffix in {".js", ".css"})
        return [
            _file("/", STATIC / "index.html"),
            *(_file(f"/playground/{path.name}", path) for path in files),
            web.get("/playground/events", self._view.stream),
            web.get("/playground/environment", self._environment),
            web.post("/playground/actions", self._actions.post),
            web.post("/playground/customers", self._add_customer),
        ]

    async def _environment(self, request: web.Request) -> web.Response:
        return web.json_response(self._playground.environment)

    async def _add_customer(self, request: web.Request) -> web.Response:
        name = str((await request.post()).get("name", ""))
        try:
            return web.json_response({"id": self._customers.add(name).id})
        except ValueError as error:
            return web.json_response({"notice": f"{error}."}, status=400)


def _file(address: str, path: Path) -> web.RouteDef:
    async def get(request: web.Request) -> web.FileResponse:
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)

    return web.get(address, get)
