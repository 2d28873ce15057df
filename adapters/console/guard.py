"""What holds for every request: who asks, whether a form is genuine, headers, and errors as pages."""

from __future__ import annotations

import math

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.console.options import PREFIX, ConsoleOptions
from adapters.console.pages import OPERATOR, TOKEN, Pages
from adapters.console.sessions import Session, Sessions
from bot.errors import Conflict, InvalidMessage, NotFound, ParleyError, StorageError
from bot.protocols import Accounts

log = structlog.get_logger()

SESSION = web.RequestKey("session", Session)
COOKIE = "parley_console"
FORM = "application/x-www-form-urlencoded"
LOG_IN = f"{PREFIX}/log-in"
FILES = f"{PREFIX}/static/"
OPEN = (LOG_IN, FILES)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
STATUS: dict[type[ParleyError], int] = {NotFound: 404, Conflict: 409, InvalidMessage: 422, StorageError: 503}


class Guard:
    """Lets in operators, and forms that this console has made for them."""

    def __init__(self, options: ConsoleOptions, accounts: Accounts, sessions: Sessions) -> None:
        self._options = options
        self._accounts = accounts
        self._sessions = sessions

    @property
    def middleware(self) -> Middleware:
        """Puts SESSION, TOKEN and OPERATOR (a name, empty before the log-in) into the request."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            session = self._sessions.recognise(request.cookies.get(COOKIE, "")) or self._sessions.anonymous()
            request[SESSION] = session
            request[TOKEN] = self._sessions.form_token(session)
            request[OPERATOR] = session.operator
            if not request.path.startswith(OPEN) and not await self.is_valid(session):
                raise web.HTTPSeeOther(LOG_IN)
            if request.method == "POST" and not self._sessions.is_form_token(session, await field(request, "token")):
                raise web.HTTPForbidden
            return await handler(request)

        return guard

    async def is_valid(self, session: Session) -> bool:
        """Whether it is the session of an operator, has not ended, and their password is still the same."""
        if not session.operator or not self._sessions.seconds_left(session):
            return False
        operator = await self._accounts.find(session.operator)
        return operator is not None and self._sessions.belongs_to(session, operator)

    def begin(self, response: web.StreamResponse, session: Session) -> None:
        """Hands the session to the browser."""
        response.set_cookie(
            COOKIE,
            self._sessions.seal(session),
            max_age=math.ceil(self._sessions.seconds_left(session)),
            path=PREFIX,
            httponly=True,
            samesite="Strict",
            secure=self._options.secure,
        )

    def end(self, response: web.StreamResponse) -> None:
        """Takes the session back from the browser."""
        response.del_cookie(COOKIE, path=PREFIX, httponly=True, samesite="Strict", secure=self._options.secure)


async def field(request: web.Request, name: str) -> str:
    """A field of the form, empty when it is missing; a form that cannot be read is a bad request."""
    if request.content_type != FORM:
        raise web.HTTPBadRequest
    try:
        value = (await request.post()).get(name, "")
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    return value if isinstance(value, str) else ""


def errors_as_pages(pages: Pages) -> Middleware:
    """Every error becomes a page with its status; what nobody expected is logged and becomes a plain 500."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ParleyError as error:
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
            if status >= 500:
                log.warning("console request failed", method=request.method, path=request.path, reason=str(error))
            return pages.error(request, status)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return pages.error(request, error.status)
        except Exception:
            log.exception("console request failed", method=request.method, path=request.path)
            return pages.error(request, 500)

    return guard


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers that every response of the console carries; only its files may be kept, and are asked for again."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-cache" if request.path.startswith(FILES) else "no-store")
