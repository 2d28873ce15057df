"""Pictures for callers who have no conversation."""

from __future__ import annotations

from bot.errors import LimitReached, UsageError
from bot.pictures.studio import Studio, today
from bot.protocols import Artwork, Pictures
from bot.routing.language import detect


class HouseArtist:
    """bot.protocols.Artist: draws in the studio, at most `daily` pictures a day for one user."""

    def __init__(self, studio: Studio, pictures: Pictures, daily: int) -> None:
        self._studio = studio
        self._pictures = pictures
        self._daily = daily

    async def is_open(self) -> bool:
        """Whether any generator is installed."""
        return await self._studio.is_open()

    async def paint(
        self, prompt: str, *, count: int, size: int | None = None, channel: str = "", user: str = ""
    ) -> Artwork:
        """Raises UsageError where no word can be drawn, LimitReached, and what the engine raises."""
        if user and await self._pictures.made_for(channel, user, today()) + count > self._daily:
            raise LimitReached(f"{user!r} may have {self._daily} pictures a day (images.daily_per_user).")
        commission = await self._studio.understand(prompt, detect(prompt, "en"))
        if commission.is_hopeless:
            raise UsageError(f"prompt: this cannot be drawn. The generator knows: {', '.join(commission.known)}.")
        understood = commission.understood
        drawings = await self._studio.engine.draw(understood.tags, count=count, size=size)
        kept = await self._studio.keep(drawings)
        await self._pictures.record(kept.pictures, channel=channel, user=user)
        return Artwork(drawings, [each.url for each in kept.attachments], understood.unused)
