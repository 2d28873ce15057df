"""Questions about what was said before: answered with the words themselves and their dates, never from imagination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.knowledge.analysis import terms
from bot.memory.past import says_nothing
from bot.memory.question import Wanted
from bot.memory.recall import Recall, Recalled
from bot.messages import Draft, Request, Said
from bot.phrases import Phrases
from bot.plugins import Ingredients
from bot.protocols import Publish, Skill
from bot.skills import answer
from bot.skills.words import publish_words

_LOOKED_THROUGH = 40
_SHOWN = 3
_QUOTE_CHARACTERS = 300
_SMALL_TALK = frozenset({"chat", "command"})


class MemorySkill:
    """Shows the earlier messages that are asked for; where there are none the documents may know an answer."""

    def __init__(self, recall: Recall, question: Skill, phrases: Phrases, zone: ZoneInfo) -> None:
        self._recall = recall
        self._question = question
        self._phrases = phrases
        self._zone = zone

    async def run(self, request: Request, publish: Publish) -> Draft:
        wanted = self._recall.wanted(request)
        if not terms(wanted.text) and wanted.period is None:
            wanted = replace(wanted, last_time=True)
        found = await self._recall.find(request, wanted, _LOOKED_THROUGH)
        shown = _about(found, wanted) if terms(wanted.text) else _of_the_time(found)
        if not shown:
            return await self._not_remembered(request, publish)
        words = self._words(shown, request.language)
        publish_words(words, publish)
        trace = {"remembered": [_summary(each) for each in shown], "wanted": _wanted(wanted)}
        return Draft(words, "answer", 1.0, request.language, trace=trace)

    async def _not_remembered(self, request: Request, publish: Publish) -> Draft:
        draft = await self._question.run(request, publish)
        trace = {**draft.trace, "remembered": []}
        if draft.route != "decline":
            return replace(draft, trace=trace)
        words = self._phrases.text("memory_nothing", request.language)
        return replace(draft, text=f"{words}\n{draft.text}", trace=trace)

    def _words(self, shown: Sequence[Recalled], language: str) -> str:
        lines = [self._phrases.text("memory_found", language)]
        for recalled in sorted(shown, key=lambda each: (each.said.created_at, each.said.number)):
            lines.append(self._line(recalled.said, language))
            if recalled.answer and not says_nothing(recalled.answer):
                lines.append(self._line(recalled.answer, language))
        return "\n".join(dict.fromkeys(lines))

    def _line(self, said: Said, language: str) -> str:
        when = f"{said.created_at.astimezone(self._zone):%Y-%m-%d %H:%M}"
        return self._phrases.text(f"memory_{said.role}", language, when=when, quote=_quote(said.text))


def build(ingredients: Ingredients) -> Skill:
    """Without memory such a question is one like any other."""
    question = answer.build(ingredients)
    if ingredients.recall is None:
        return question
    zone = ZoneInfo(ingredients.settings.handoff.timezone)
    return MemorySkill(ingredients.recall, question, ingredients.phrases, zone)


def _about(found: Sequence[Recalled], wanted: Wanted) -> list[Recalled]:
    """The best that are about the subject; of the time that the customer names, if any are."""
    about = [each for each in found if each.is_about_it]
    return _without_answers([each for each in about if each.in_period] or about)[:_SHOWN]


def _of_the_time(found: Sequence[Recalled]) -> list[Recalled]:
    """What the customer wrote last at that time, apart from small talk."""
    wrote = [each for each in found if each.in_period and each.said.role == "user" and not _is_small_talk(each)]
    return sorted(wrote, key=lambda each: (each.said.created_at, each.said.number))[-_SHOWN:]


def _is_small_talk(recalled: Recalled) -> bool:
    return recalled.answer is not None and recalled.answer.route in _SMALL_TALK


def _without_answers(shown: Sequence[Recalled]) -> list[Recalled]:
    """An answer is shown with what it answers, not once more."""
    answers = {each.answer.message_id for each in shown if each.answer}
    return [each for each in shown if each.said.message_id not in answers]


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE_CHARACTERS else words[:_QUOTE_CHARACTERS].rstrip() + "…"


def _summary(recalled: Recalled) -> dict[str, Any]:
    return {
        "message": recalled.said.message_id,
        "said_at": recalled.said.created_at.isoformat(timespec="seconds"),
        "score": round(recalled.score, 3),
        "cover": round(recalled.cover, 3),
        "near": round(recalled.near, 3),
    }


def _wanted(wanted: Wanted) -> dict[str, Any]:
    period = [moment.isoformat(timespec="seconds") for moment in wanted.period] if wanted.period else None
    return {"subject": wanted.text, "sides": sorted(wanted.sides), "period": period, "last_time": wanted.last_time}
