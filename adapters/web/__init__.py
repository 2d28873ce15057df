"""The web: the widget, the HTTP API, OpenAI-compatible routes, health and figures."""

from adapters.web.options import WebOptions
from adapters.web.server import WebServer

__all__ = ["WebOptions", "WebServer"]
