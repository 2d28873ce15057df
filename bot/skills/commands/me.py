"""/me: what is stored about the person who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import Facts, People, Publish, Records
from bot.skills import personal


class MeSkill:
    """Name, channel, language and messages, what they have told, and what they wish, in words."""

    def __init__(self, records: Records, facts: Facts, people: People, phrases: Phrases) -> None:
        self._records = records
        self._facts = facts
        self._people = people
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        if request.turn.conversation.shared:
            return personal.refusal(request, self._phrases)
        lines = [line async for line in self._lines(request)]
        return Draft("\n".join(lines), "command", 1.0, request.language)

    async def _lines(self, request: Request) -> AsyncIterator[str]:
        conversation, language = request.turn.conversation, request.language
        profile = await self._records.profile(conversation.id)
        accounts = await self._people.accounts(conversation.customer_id)
        facts = await self._facts.known(conversation)
        wants = await self._people.wants_recommendations(conversation.customer_id)
        yield self._say("me_title", language)
        yield self._say("me_name", language, name=profile.name or self._say("me_no_name", language))
        yield self._say("me_channel", language, channel=conversation.channel)
        yield self._say("me_language", language, spoken=personal.spoken(language, language, self._phrases))
        yield self._say("me_messages", language, count=str(profile.messages), since=f"{profile.since:%Y-%m-%d}")
        if len(accounts) > 1:
            named = ", ".join(f"{each.channel} ({each.name})" if each.name else each.channel for each in accounts)
            yield self._say("me_accounts", language, accounts=named)
        yield self._say("me_facts" if facts else "me_no_facts", language)
        for line in personal.listed(facts, language, self._phrases):
            yield line
        yield self._say("me_recommendations_on" if wants else "me_recommendations_off", language)
        yield self._say("me_how", language)

    def _say(self, key: str, language: str, **values: str) -> str:
        return self._phrases.text(key, language, **values)
