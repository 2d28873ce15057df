"""The sample page and the widget's files, as they lie in `static/`."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
PAGE_POLICY = "; ".join(
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
# Any site may embed the widget's files; whom the widget may talk to is decided at /ws.
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def routes() -> list[web.AbstractRouteDef]:
    """The table of routes; browsers ask again each time, and get 304 while a file is unchanged."""
    shared = sorted(path for path in (STATIC / "widget").iterdir() if path.suffix in {".js", ".css"})
    return [
        _file("/", STATIC / "index.html", {"Content-Security-Policy": PAGE_POLICY}),
        _file("/page.css", STATIC / "page.css", {}),
        _file("/widget.js", STATIC / "widget.js", SHARED),
        *(_file(f"/widget/{path.name}", path, SHARED) for path in shared),
    ]


def _file(address: str, path: Path, headers: dict[str, str]) -> web.RouteDef:
    async def get(request: web.Request) -> web.FileResponse:
        return web.FileResponse(path, headers={"Cache-Control": "no-cache", **headers})

    return web.get(address, get)
