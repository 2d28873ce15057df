"""/link and /unlink: several accounts of one person."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.messages import Draft, Request
from bot.phrases import Phrases
from bot.protocols import People, Publish
from bot.skills import personal

WRONG_CODES = 5
HOUR = 3600.0
CUSTOMERS_REMEMBERED = 10_000


class WrongCodes:
    """How often a customer has sent a wrong code: five in an hour, then no more are looked at.

    Each process counts for itself. That is enough: a code has 50 random bits and lives for ten minutes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def too_many(self, customer: str) -> bool:
        recent = [each for each in self._tries.get(customer, ()) if each > self._clock() - HOUR]
        return len(recent) >= WRONG_CODES

    def add(self, customer: str) -> None:
        self._tries.setdefault(customer, []).append(self._clock())
        self._tries[customer] = self._tries[customer][-WRONG_CODES:]
        self._tries.move_to_end(customer)
        if len(self._tries) > CUSTOMERS_REMEMBERED:
            self._tries.popitem(last=False)


class LinkSkill:
    """Without a code it gives one; with the code of another account it makes both one person."""

    def __init__(self, people: People, phrases: Phrases, wrong_codes: WrongCodes) -> None:
        self._people = people
        self._phrases = phrases
        self._wrong_codes = wrong_codes

    async def run(self, request: Request, publish: Publish) -> Draft:
        code, conversation = request.argument.strip(), request.turn.conversation
        if conversation.shared:
            return await self._refuse(request, code)
        if not code:
            fresh = await self._people.link_code(conversation)
            return self._draft(request, "link_code", code=fresh)
        if self._wrong_codes.too_many(conversation.customer_id):
            return self._draft(request, "link_wait")
        result = await self._people.link(conversation, code)
        if result == "unknown":
            self._wrong_codes.add(conversation.customer_id)
        return self._draft(request, f"link_{result}")

    async def _refuse(self, request: Request, code: str) -> Draft:
        """A code that others could read is a code of theirs too."""
        if not code:
            return personal.refusal(request, self._phrases)
        await self._people.burn(code)
        return self._draft(request, "link_burnt")

    def _draft(self, request: Request, key: str, **values: str) -> Draft:
        return Draft(self._phrases.text(key, request.language, **values), "command", 1.0, request.language)


class UnlinkSkill:
    """Makes the account that asks a person of its own again."""

    def __init__(self, people: People, phrases: Phrases) -> None:
        self._people = people
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        if request.turn.conversation.shared:
            return personal.refusal(request, self._phrases)
        parted = await self._people.unlink(request.turn.conversation)
        words = self._phrases.text("unlinked" if parted else "unlink_none", request.language)
        return Draft(words, "command", 1.0, request.language)
