"""The page's requests: what the person does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from adapters.playground.page.shapes import Platform, Upload, Writing

Form = Mapping[str, Any]


@dataclass(frozen=True)
class Seat:
    """Who acts, where."""

    platform: Platform
    person: str
    place: str


class Actions:
    """One form field `do` says what; the others are its arguments. The answer is `{"notice": words or ""}`."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms
        self._actions: dict[str, Callable[[Seat, Form], Awaitable[str]]] = {
            "write": self._write,
            "edit": self._edit,
            "press": self._press,
            "react": self._react,
            "block": self._block,
        }

    async def post(self, request: web.Request) -> web.Response:
        """400 in words for what cannot be done, 403 for other sites."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise web.HTTPForbidden(text="Only the page itself may act.")
        form = await request.post()
        try:
            seat = Seat(self._platforms[str(form["platform"])], str(form["person"]), str(form["place"]))
            notice = await self._actions[str(form["do"])](seat, form)
        except (LookupError, ValueError) as error:
            return web.json_response({"notice": f"This cannot be done any more ({error})."}, status=400)
        return web.json_response({"notice": notice})

    async def _write(self, seat: Seat, form: Form) -> str:
        file = form.get("file")
        upload = None
        if isinstance(file, FileField) and file.filename:
            upload = Upload(file.filename, file.content_type, file.file.read())
        text = str(form.get("text", "")).strip()
        if not text and upload is None:
            return ""
        writing = Writing(text, bool(form.get("mention")), str(form.get("answers", "")), upload)
        return await seat.platform.write(seat.person, seat.place, writing)

    async def _edit(self, seat: Seat, form: Form) -> str:
        seat.platform.edit(seat.person, seat.place, str(form["message"]), str(form["text"]))
        return ""

    async def _press(self, seat: Seat, form: Form) -> str:
        return await seat.platform.press(seat.person, seat.place, str(form["message"]), str(form["button"]))

    async def _react(self, seat: Seat, form: Form) -> str:
        seat.platform.react(seat.person, seat.place, str(form["message"]), str(form["emoji"]))
        return ""

    async def _block(self, seat: Seat, form: Form) -> str:
        seat.platform.block(seat.person, form["blocked"] == "true")
        return ""
