"""The page's live view: a stream of server-sent events, each the whole of what one person sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict

from aiohttp import web

from adapters.playground.page.customers import Customers
from adapters.playground.page.shapes import Json, Platform

LOOK_AGAIN_SECONDS = 1.0
"""Previews and typing end with time, without an event."""
COALESCE_SECONDS = 0.03


class View:
    def __init__(self, platforms: Mapping[str, Platform], customers: Customers) -> None:
        self._platforms = platforms
        self._customers = customers

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Events for `?customer=&platform=&place=` until the page leaves."""
        customer, platform, place = (request.query.get(name, "") for name in ("customer", "platform", "place"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        versions = dict.fromkeys(self._platforms, -1)
        last = ""
        while request.transport is not None and not request.transport.is_closing():
            if (shown := json.dumps(self.snapshot(customer, platform, place))) != last:
                await response.write(f"data: {shown}\n\n".encode())
                last = shown
            await self._changed(versions)
            await asyncio.sleep(COALESCE_SECONDS)
        return response

    def snapshot(self, customer: str, platform: str, place: str) -> Json:
        """Everything that the page shows; what is not there any more is replaced by the first that is."""
        chosen = self._customers.find(customer)
        shown_platform = self._platforms.get(platform) or next(iter(self._platforms.values()))
        person = chosen.people[shown_platform.name]
        places = {each.id: each for each in shown_platform.places(person)}
        shown_place = places.get(place) or next(iter(places.values()))
        return {
            "customers": [{"id": each.id, "name": each.name} for each in self._customers.all],
            "customer": chosen.id,
            "platforms": [self._platform(each, chosen.people[each.name]) for each in self._platforms.values()],
            "platform": shown_platform.name,
            "person": person,
            "place": asdict(shown_place),
            "messages": [asdict(each) for each in shown_platform.messages(person, shown_place.id)],
            "typing": shown_platform.is_typing(person, shown_place.id),
            "commands": [asdict(each) for each in shown_platform.commands()],
            "blocked": shown_platform.is_blocked(person),
        }

    def _platform(self, platform: Platform, person: str) -> Json:
        return {
            "name": platform.name,
            "title": platform.title,
            "connected": platform.is_connected(),
            "places": [asdict(place) for place in platform.places(person)],
        }

    async def _changed(self, versions: dict[str, int]) -> None:
        """Returns when any platform is newer than its version, which is then brought up to date."""
        waits = {
            asyncio.create_task(platform.changed(versions[name], LOOK_AGAIN_SECONDS)): name
            for name, platform in self._platforms.items()
        }
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            versions[waits[task]] = task.result()
