"""/why: what the last reply is founded on, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import NotFound
from bot.messages import Draft, Explanation, Message, Request
from bot.phrases import Phrases
from bot.protocols import Publish, Records


class WhySkill:
    """Explains the latest reply that is not itself a command's, by the trace that was stored with it."""

    def __init__(self, records: Records, phrases: Phrases) -> None:
        self._records = records
        self._phrases = phrases

    async def run(self, request: Request, publish: Publish) -> Draft:
        words = await self._words(_last_reply(request), request.language)
        return Draft(words, "command", 1.0, request.language)

    async def _words(self, reply: Message | None, language: str) -> str:
        if reply is None:
            return self._phrases.text("why_nothing", language)
        if reply.role == "operator":
            return self._phrases.text("why_operator", language)
        try:
            explanation = await self._records.explanation(reply.id)
        except NotFound:
            return self._phrases.text("why_nothing", language)
        return "\n".join([self._reason(explanation, language), *self._passages(explanation, language)])

    def _reason(self, explanation: Explanation, language: str) -> str:
        reply, trace = explanation.reply, explanation.trace
        if trace.get("remembered"):
            return self._phrases.text("why_memory", language)
        if "threshold" in trace:
            key = "why_answer" if reply.route == "answer" else "why_decline"
            limits = {"confidence": _percent(reply.confidence), "threshold": _percent(trace["threshold"])}
            return self._phrases.text(key, language, **limits)
        if "passages" in trace:
            return self._phrases.text("why_not_found", language)
        if "recommended" in trace:
            return self._phrases.text("why_recommendation", language)
        if reply.route == "chat":
            return self._phrases.text("why_chat", language, probability=_percent(trace["routing"]["probability"]))
        return self._phrases.text("why_handoff" if reply.route == "handoff" else "why_fixed", language)

    def _passages(self, explanation: Explanation, language: str) -> Iterator[str]:
        read = explanation.trace.get("passages", ())
        cited = {citation.passage_id for citation in explanation.reply.citations}
        if read:
            yield self._phrases.text("why_passages", language)
        for passage in read:
            mark = f", {self._phrases.text('why_cited', language)}" if passage["id"] in cited else ""
            yield f"- {passage['title']} ({_percent(passage['score'])}{mark})"


def _last_reply(request: Request) -> Message | None:
    replies = (each for each in reversed(request.turn.history) if each.role != "user" and each.route != "command")
    return next(replies, None)


def _percent(share: float) -> str:
    return f"{share:.0%}"
