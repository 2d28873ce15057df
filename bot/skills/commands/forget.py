"""/forget: one fact, all of them, or everything that is stored about the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from bot.messages import Draft, Fact, Request
from bot.phrases import Phrases
from bot.protocols import SINGLE_VALUED, Facts, Publish, Skill
from bot.protocols.privacy import Eraser
from bot.routing.wishes import ALL, EVERYTHING, fact_kind
from bot.skills import personal
from bot.skills.words import publish_words

CONFIRMED = f"{EVERYTHING} yes"
_NUMBERS = regex.compile(r"\d{1,4}(?:[\s,;]+\d{1,4})*")


class ForgetSkill:
    """Ends facts by their number in the list, their kind, or words of theirs. To have everything erased asks for
    confirmation, then `erase` does it."""

    def __init__(self, facts: Facts, erase: Skill, phrases: Phrases) -> None:
        self._facts = facts
        self._erase = erase
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        if request.turn.conversation.shared:
            return personal.refusal(request, self._phrases)
        wish = " ".join(request.argument.lower().split())
        if wish == CONFIRMED:
            return await self._erase.run(request, publish)
        if wish == EVERYTHING:
            return self._draft(request, "forget_confirm", buttons=(f"/forget {CONFIRMED}",))
        known = await self._facts.known(request.turn.conversation)
        if not wish:
            return self._offer(request, known)
        chosen = known if wish == ALL else _chosen(known, wish)
        return await self._forget(request, chosen) if chosen else self._draft(request, "forget_unknown")

    def _offer(self, request: Request, known: Sequence[Fact]) -> Draft:
        language = request.language
        title = self._phrases.text("me_facts" if known else "me_no_facts", language)
        how = self._phrases.text("forget_how", language)
        words = "\n".join([title, *personal.listed(known, language, self._phrases), how])
        buttons = (f"/forget {ALL}",) if known else ()
        return Draft(words, "command", 1.0, language, quick_replies=(*buttons, f"/forget {EVERYTHING}"))

    async def _forget(self, request: Request, chosen: Sequence[Fact]) -> Draft:
        """Also what they replaced: who wants an address forgotten does not mean the newest alone."""
        kinds = {fact.kind for fact in chosen} & SINGLE_VALUED
        told = await self._facts.told(request.turn.conversation.customer_id)
        ended = {fact.id: fact for fact in (*chosen, *(fact for fact in told if fact.kind in kinds))}
        what = ", ".join(f"{self._phrases.text(f'fact_{fact.kind}', request.language)} {fact.value}" for fact in chosen)
        return replace(self._draft(request, "forgotten", what=what), ended=tuple(ended))

    def _draft(self, request: Request, key: str, buttons: tuple[str, ...] = (), **values: str) -> Draft:
        words = self._phrases.text(key, request.language, **values)
        return Draft(words, "command", 1.0, request.language, quick_replies=buttons)


class EraseAtOnce:
    """Erases the person who asks; this conversation goes when the reply has arrived."""

    def __init__(self, eraser: Eraser, phrases: Phrases) -> None:
        self._eraser = eraser
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        conversation = request.turn.conversation
        report = await self._eraser.erase(conversation.customer_id, sparing=conversation.id)
        words = self._phrases.text("erased", request.language)
        return Draft(words, "command", 1.0, request.language, trace={"erasure": report.id})


class EraseByPerson:
    """Passes the wish on to a person, who can fulfil it."""

    def __init__(self, handoff: Skill, phrases: Phrases) -> None:
        self._handoff = handoff
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = self._phrases.text("forget", request.language) + "\n"
        publish_words(words, publish)
        draft = await self._handoff.run(request, publish)
        return replace(draft, text=words + draft.text)


def _chosen(known: Sequence[Fact], wish: str) -> Sequence[Fact]:
    """The facts with these numbers, of this kind, or with these words in them."""
    if _NUMBERS.fullmatch(wish):
        numbers = {int(number) for number in regex.findall(r"\d+", wish)}
        chosen = [fact for number, fact in enumerate(known, 1) if number in numbers]
        if chosen or len(wish) < 4:
            return chosen
    if kind := fact_kind(wish.removeprefix("my ")):
        return [fact for fact in known if fact.kind == kind]
    return [fact for fact in known if wish in fact.value.lower()]
