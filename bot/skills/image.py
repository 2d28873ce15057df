"""Pictures: drawn from words, or from photos that the customer has sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.errors import Busy, InvalidMessage, ModelError, NotFound, UnlikeTraining
from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.pictures import photos, wishes
from bot.pictures.studio import Studio, generator, today
from bot.pictures.wishes import ACTIONS, MOST, Action, Wish
from bot.plugins import Ingredients
from bot.protocols import Drawing, Pictures, Publish

log = structlog.get_logger()

SHOWN_TAGS = 40
AFTER_DRAWING = ("picture_again", "picture_similar", "picture_four")


@dataclass(frozen=True, slots=True)
class _Made:
    """Pictures with the key of their caption; `unused` are words that were no help, `sources` photos that went in."""

    drawings: Sequence[Drawing]
    caption: str
    offers: tuple[str, ...]
    unused: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class _Told(Exception):
    """There is no picture, and the customer is told why in these words."""


class ImageSkill:
    """Draws at most `daily` pictures a day for one customer."""

    def __init__(self, studio: Studio, pictures: Pictures, phrases: Phrases, daily: int) -> None:
        self._studio = studio
        self._pictures = pictures
        self._phrases = phrases
        self._daily = daily

    async def run(self, request: Request, publish: Publish) -> Draft:
        if not await self._studio.is_open():
            return self._draft(request, self._text(request, "image_unavailable"))
        try:
            wish = await self._within_limit(request, _wish(request))
            made = await self._made(request, wish, _Queue(self._phrases, request.language, publish))
            return await self._shown(request, made)
        except _Told as told:
            return self._draft(request, str(told))
        except (UnlikeTraining, InvalidMessage, NotFound, Busy, ModelError) as error:
            log.info("no picture", conversation=request.turn.conversation.id, reason=str(error))
            return self._draft(request, self._text(request, _reason(error)))

    async def _within_limit(self, request: Request, wish: Wish) -> Wish:
        made = await self._pictures.made_since(request.turn.conversation.customer_id, today())
        left = self._daily - made
        if left <= 0:
            raise _Told(self._text(request, "picture_limit", count=str(self._daily)))
        return replace(wish, count=min(wish.count, left, MOST))

    async def _made(self, request: Request, wish: Wish, queue: _Queue) -> _Made:
        match wish.action:
            case "draw":
                return await self._drawn(request, wish, queue)
            case "vary" | "blend":
                return await self._from_photos(request, wish, queue)
            case _:
                return await self._from_latest(request, wish, queue)

    async def _drawn(self, request: Request, wish: Wish, queue: _Queue) -> _Made:
        commission = await self._studio.understand(wish.text, request.language)
        understood = commission.understood
        if commission.is_hopeless:
            raise _Told(self._help(request, commission.known, understood.unused))
        drawings = await self._studio.engine.draw(
            understood.tags, count=wish.count, seed=wish.seed, on_place=queue.tell
        )
        return _Made(drawings, "picture_caption", AFTER_DRAWING, understood.unused)

    async def _from_photos(self, request: Request, wish: Wish, queue: _Queue) -> _Made:
        urls = photos.sent_now(request) if len(photos.sent_now(request)) > 1 else photos.sent_lately(request)
        needed = 2 if wish.action == "blend" else 1
        if len(urls) < needed:
            raise _Told(self._text(request, "picture_no_photo" if needed == 1 else "picture_no_second"))
        return await self._of_photos(tuple(urls[-needed:]), wish, queue)

    async def _of_photos(self, urls: tuple[str, ...], wish: Wish, queue: _Queue) -> _Made:
        contents = await self._studio.photos(urls)
        engine = self._studio.engine
        if len(contents) == 1:
            drawings = await engine.vary(contents[0], count=wish.count, seed=wish.seed, on_place=queue.tell)
            return _Made(drawings, "picture_varied_caption", ("picture_vary",), sources=urls)
        drawings = await engine.blend(*contents, moving=wish.moving or wish.count < MOST, on_place=queue.tell)
        return _Made(drawings, "picture_blended_caption", ("picture_blend",), sources=urls)

    async def _from_latest(self, request: Request, wish: Wish, queue: _Queue) -> _Made:
        """What the buttons under a picture ask for."""
        latest = await self._pictures.latest(request.turn.conversation.id)
        if not latest:
            known = await self._studio.engine.tags()
            raise _Told(self._text(request, "picture_none_yet") + "\n" + self._help(request, known))
        base = latest[0]
        if base.sources:
            return await self._of_photos(base.sources, wish, queue)
        if wish.action == "similar":
            drawings = await self._studio.resembling(base, wish.count, queue.tell)
            return _Made(drawings, "picture_similar_caption", AFTER_DRAWING)
        drawings = await self._studio.engine.draw(
            base.tags, count=wish.count, kind=generator(base), on_place=queue.tell
        )
        return _Made(drawings, "picture_caption", AFTER_DRAWING)

    async def _shown(self, request: Request, made: _Made) -> Draft:
        kept = await self._studio.keep(made.drawings, made.sources)
        lines = [self._caption(request, made)]
        if made.unused:
            lines.append(self._text(request, "picture_unused", words=", ".join(made.unused)))
        return replace(
            self._draft(request, "\n".join(lines), _trace(made)),
            attachments=kept.attachments,
            drawn=kept.pictures,
            quick_replies=tuple(self._text(request, key) for key in made.offers),
        )

    def _caption(self, request: Request, made: _Made) -> str:
        tags = self._studio.named(made.drawings[0].tags, request.language)
        key = made.caption
        if key == "picture_caption" and len(made.drawings) > 1:
            key = "pictures_caption"
        shown = ", ".join(tags) or self._text(request, "picture_anything")
        return self._text(request, key, tags=shown, seed=", ".join(str(drawing.seed) for drawing in made.drawings))

    def _help(self, request: Request, known: Sequence[str], unused: Sequence[str] = ()) -> str:
        """What can be drawn, and how to ask for it."""
        names = self._studio.named(known[:SHOWN_TAGS], request.language)
        lines = [self._text(request, "picture_not_understood")] if unused else []
        example = " ".join(self._studio.named(self._studio.example(known), request.language))
        lines.append(self._text(request, "picture_ask", example=example))
        lines.append(self._text(request, "picture_known", tags=", ".join(names)))
        return "\n".join(lines)

    def _text(self, request: Request, key: str, **values: str) -> str:
        return self._phrases.text(key, request.language, **values)

    def _draft(self, request: Request, words: str, trace: dict[str, Any] | None = None) -> Draft:
        return Draft(words, "image", 1.0, request.language, trace=trace or {})


class _Queue:
    """Tells the customer once how many are before them, if any."""

    def __init__(self, phrases: Phrases, language: str, publish: Publish) -> None:
        self._phrases = phrases
        self._language = language
        self._publish = publish
        self._told = False

    def tell(self, place: int) -> None:
        if not self._told and place > 1:
            self._publish(self._phrases.text("picture_place", self._language, count=str(place - 1)))
        self._told = True


def build(ingredients: Ingredients) -> ImageSkill:
    daily = ingredients.settings.images.daily_per_user
    return ImageSkill(ingredients.studio, ingredients.pictures, ingredients.phrases, daily)


def _wish(request: Request) -> Wish:
    """What a command or plain words ask for; photos that come with it are what it is about."""
    action: Action = next((each for each in ACTIONS if each == request.kind), "draw")
    wish = wishes.read(request.argument, action)
    if wish.action == "draw" and (sent := photos.sent_now(request)):
        wish = replace(wish, action="blend" if len(sent) > 1 else "vary")
    return replace(wish, count=MOST) if wish.action in ("similar", "four", "vary", "blend") else wish


def _reason(error: Exception) -> str:
    match error:
        case UnlikeTraining():
            return "picture_unlike"
        case InvalidMessage():
            return "picture_refused"
        case NotFound():
            return "file_missing"
        case Busy():
            return "busy"
        case _:
            return "picture_failed"


def _trace(made: _Made) -> dict[str, Any]:
    first = made.drawings[0]
    return {
        "pictures": {
            "model": first.model,
            "tags": first.tags,
            "seeds": [drawing.seed for drawing in made.drawings],
            "unused": made.unused,
        }
    }
