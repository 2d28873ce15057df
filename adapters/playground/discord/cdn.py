"""The CDN: files of messages by their signed addresses."""

from __future__ import annotations

from aiohttp import web

from adapters.playground.discord.world import World


class Cdn:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/attachments/{channel_id}/{attachment_id}/{filename}", self.attachment)]

    async def attachment(self, request: web.Request) -> web.Response:
        """404 for an address that has ended, was made up, or whose message is gone."""
        parts, query = request.match_info, request.query
        if not self._world.links.is_good(parts["attachment_id"], query.get("ex", "0"), query.get("hm", "")):
            raise web.HTTPNotFound(text="This content is no longer available.")
        upload = self._world.file(parts["channel_id"], parts["attachment_id"])
        if upload is None:
            raise web.HTTPNotFound(text="This content is no longer available.")
        return web.Response(body=upload.content, headers={"Content-Type": upload.content_type})
