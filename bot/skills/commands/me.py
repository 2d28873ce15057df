"""/me: what is stored about the person who asks."""

from __future__ import annotations

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Publish, Records


class MeSkill:
    """Name, channel, language and messages, in words."""

    def __init__(self, records: Records, phrases: Phrases) -> None:
        self._records = records
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        conversation = request.turn.conversation
        profile = await self._records.profile(conversation.id)
        language = request.language
        known = language in self._phrases.languages
        spoken = self._phrases.text("language_name", language) if known else language
        lines = {
            "me_title": {},
            "me_name": {"name": profile.name or self._phrases.text("me_no_name", language)},
            "me_channel": {"channel": conversation.channel},
            "me_language": {"spoken": spoken},
            "me_messages": {"count": str(profile.messages), "since": f"{profile.since:%Y-%m-%d}"},
        }
        words = "\n".join(self._phrases.text(key, language, **values) for key, values in lines.items())
        return Draft(words, "command", 1.0, language)
