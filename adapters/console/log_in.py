"""Coming and going: the log-in page, and the end of a session."""

from __future__ import annotations

import math

import structlog
from aiohttp import web

from adapters.console.attempts import FailedLogIns
from adapters.console.guard import LOG_IN, SESSION, Guard, field
from adapters.console.options import PREFIX
from adapters.console.pages import Pages
from adapters.console.sessions import Sessions
from bot.protocols import Accounts

log = structlog.get_logger()


class LogIn:
    """The routes /log-in and /log-out."""

    def __init__(
        self, guard: Guard, accounts: Accounts, sessions: Sessions, attempts: FailedLogIns, pages: Pages
    ) -> None:
        self._guard = guard
        self._accounts = accounts
        self._sessions = sessions
        self._attempts = attempts
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [
            web.get("/log-in", self._show),
            web.post("/log-in", self._enter),
            web.post("/log-out", self._leave),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        if await self._guard.is_valid(request[SESSION]):
            raise web.HTTPSeeOther(PREFIX)
        return self._form(request)

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        address = request.remote or ""
        if wait := self._attempts.count(address):
            log.warning("too many log-ins", address=address)
            response = self._form(request, "too_many", 429)
            response.headers["Retry-After"] = str(math.ceil(wait))
            return response
        name = await field(request, "name")
        operator = await self._accounts.check(name, await field(request, "password"))
        if operator is None:
            log.warning("log-in refused", address=address)
            return self._form(request, "wrong_password", 401, name)
        self._attempts.forget(address)
        log.info("operator logged in", operator=operator.name, address=address)
        response = web.Response(status=303, headers={"Location": PREFIX})
        self._guard.begin(response, self._sessions.of(operator))
        return response

    async def _leave(self, request: web.Request) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": LOG_IN})
        self._guard.end(response)
        return response

    def _form(
        self, request: web.Request, problem: str | None = None, status: int = 200, name: str = ""
    ) -> web.Response:
        response = self._pages.page(request, "log_in.html", status=status, problem=problem, name=name)
        self._guard.begin(response, request[SESSION])
        return response
