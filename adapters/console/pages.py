"""Turns templates into pages, in the reader's language."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.console.attachments import address, is_picture, is_web_address, readable_size
from adapters.console.options import PREFIX, ConsoleOptions

HERE = Path(__file__).parent
FALLBACK = "en"
UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60))
COLOURS = 6
REASONS = {
    400: "form_is_old",
    403: "form_is_old",
    404: "not_found",
    405: "not_found",
    409: "conflict",
    413: "not_a_message",
    422: "not_a_message",
    503: "unavailable",
}
TOKEN = web.RequestKey("token", str)
OPERATOR = web.RequestKey("operator", str)

Texts = dict[str, str]


class Pages:
    """All pages; everything that is put into them is escaped."""

    def __init__(self, options: ConsoleOptions) -> None:
        self._texts: dict[str, Texts] = {
            file.stem: tomllib.loads(file.read_text("utf-8")) for file in (HERE / "texts").glob("*.toml")
        }
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(prefix=PREFIX, bot_name=options.bot_name, limit=options.message_characters)
        self._environment.filters.update(ago=ago, colour=colour, address=address, readable_size=readable_size)
        self._environment.tests.update(web_address=is_web_address, picture=is_picture)

    def page(self, request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page for the request's OPERATOR; its forms carry the request's TOKEN."""
        language = self._language(request.headers.get("Accept-Language", ""))
        text = self._environment.get_template(template).render(
            language=language,
            t=self._texts[language],
            token=request.get(TOKEN, ""),
            operator=request.get(OPERATOR, ""),
            **values,
        )
        return web.Response(text=text, content_type="text/html", status=status)

    def error(self, request: web.Request, status: int) -> web.Response:
        """What went wrong, in a sentence."""
        return self.page(request, "error.html", status=status, reason=REASONS.get(status, "went_wrong"))

    def _language(self, wanted: str) -> str:
        """The first language of an Accept-Language header that there are texts for; browsers send the dearest first."""
        for choice in wanted.split(","):
            name = choice.partition(";")[0].strip().split("-")[0].lower()
            if name in self._texts:
                return name
        return FALLBACK


def ago(time: datetime, texts: Texts) -> str:
    """How long ago, in the largest whole unit."""
    seconds = (datetime.now(UTC) - time).total_seconds()
    for unit, size in UNITS:
        if seconds >= size:
            return texts[unit].format(n=int(seconds // size))
    return texts["just_now"]


def colour(name: str) -> int:
    """A number that stays with the name, for its picture's colour."""
    return sum(name.encode("utf-8", "replace")) % COLOURS
