"""The web server: builds the application from its parts, starts it, and stops it without losing an answer."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry

from adapters.web import api, images, openai, pages
from adapters.web import socket as widget
from adapters.web.channels import ServerChannel, WidgetChannel
from adapters.web.connection import Core
from adapters.web.files import FileAddresses
from adapters.web.health import Connections, Health, Readiness
from adapters.web.middleware import Origins, add_headers, errors_as_json, key_guard
from adapters.web.options import WebOptions
from adapters.web.photos import Photos
from adapters.web.replies import Replies
from adapters.web.visitors import Visitors
from bot.errors import SettingsError
from bot.protocols import Artist, Channel, Files, History, Inbox, KnowledgeStore, Streams


class WebServer:
    """One HTTP server with three channels: the widget (`web`), the API (`api`) and OpenAI's routes (`openai`).

    `secret` signs the visitors' tokens and must survive a restart; `registry` is what /metrics shows;
    `mounts` are other applications by the path under which they are served.
    """

    def __init__(
        self,
        options: WebOptions,
        *,
        inbox: Inbox,
        history: History,
        streams: Streams,
        passages: KnowledgeStore,
        files: Files,
        secret: bytes,
        readiness: Readiness,
        registry: CollectorRegistry,
        count_tokens: openai.CountTokens | None = None,
        artist: Artist | None = None,
        platforms: Connections = dict,
        mounts: Mapping[str, web.Application] | None = None,
    ) -> None:
        self._options = options
        self._origins = Origins(options)
        addresses = FileAddresses(files, secret, options.public_url)
        visitors = Visitors(secret)
        photos = Photos(options, files, addresses, visitors, secret)
        core = Core(inbox, history, streams, passages, addresses, photos)
        self._sockets = widget.Sockets(options, self._origins, visitors, core, registry)
        replies = Replies(inbox, streams, options.reply_seconds)
        self._routes = [
            *api.Api(options, replies, history, passages, addresses).routes(),
            *openai.OpenAI(options, replies, addresses, count_tokens).routes(),
            *images.Images(artist, addresses).routes(),
            *addresses.routes(),
            *photos.routes(),
            *self._sockets.routes(),
            *Health(readiness, platforms, registry).routes(),
            *pages.routes(),
        ]
        self._mounts = mounts or {}
        self._runner: web.AppRunner | None = None
        self.channels: tuple[Channel, ...] = (
            WidgetChannel(self._sockets.changed),
            ServerChannel(api.CHANNEL),
            ServerChannel(openai.CHANNEL),
        )

    def application(self) -> web.Application:
        """The aiohttp application; the outermost middleware stands first."""
        app = web.Application(
            middlewares=[errors_as_json, self._origins.middleware, key_guard(self._options)],
            client_max_size=self._options.body_bytes,
        )
        app.add_routes(self._routes)
        for prefix, mounted in self._mounts.items():
            app.add_subapp(prefix, mounted)
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._sockets.close)
        return app

    async def start(self) -> None:
        """Listens; raises SettingsError where the address or the port cannot be had."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=self._options.drain_seconds)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._options.host, self._options.port).start()
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            raise _unusable(self._options, error) from None
        self._runner = runner

    async def stop(self) -> None:
        """Takes no more requests, lets the open ones end in time, then closes everything."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int:
        """The port that is really listened on, also where the settings say 0."""
        if self._runner is None or not self._runner.addresses:
            return self._options.port
        return int(self._runner.addresses[0][1])

    @property
    def url(self) -> str:
        """Where people find the sample page."""
        if self._options.public_url:
            return self._options.public_url.rstrip("/")
        host = "127.0.0.1" if self._options.host in ("0.0.0.0", "::", "") else self._options.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def _unusable(options: WebOptions, error: Exception) -> SettingsError:
    if isinstance(error, socket.gaierror):
        return SettingsError(f"web.host: {options.host!r} is not an address of this machine ({error.strerror}).")
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            advice = "is in use by another program. Stop that program, or set another web.port (0 takes a free one)"
        case errno.EACCES:
            advice = "may not be opened by this user. Set web.port to 1024 or more"
        case _:
            advice = f"cannot be opened ({error})"
    return SettingsError(f"web.port: port {options.port} on {options.host} {advice}.")
