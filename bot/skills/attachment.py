"""Files without a word: they are kept, a person is offered, and for a photo pictures like it."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.pictures import photos
from bot.pictures.studio import Studio
from bot.plugins import Ingredients
from bot.protocols import Publish


class AttachmentSkill:
    """Says that the bot cannot look at a file itself; offers variations where a generator takes photos."""

    def __init__(self, phrases: Phrases, studio: Studio) -> None:
        self._phrases = phrases
        self._studio = studio

    async def run(self, request: Request, publish: Publish) -> Draft:
        keys, buttons = ["attachment_unread", "offer_person"], ["person_button"]
        if photos.sent_now(request) and await self._studio.takes_photos():
            keys.append("picture_offer")
            buttons += ["picture_vary", "picture_blend"] if len(photos.sent_lately(request)) > 1 else ["picture_vary"]
        words = "\n".join(self._phrases.text(key, request.language) for key in keys)
        quick_replies = tuple(self._phrases.text(key, request.language) for key in buttons)
        return Draft(
            words, "decline", 1.0, request.language, quick_replies=quick_replies, trace={"fixed": "attachment_unread"}
        )


def build(ingredients: Ingredients) -> AttachmentSkill:
    return AttachmentSkill(ingredients.phrases, ingredients.studio)
