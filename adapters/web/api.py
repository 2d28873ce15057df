"""The HTTP API: a message in, a reply out, at once or word by word."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from adapters.web.bodies import Body, Identifier, Text, check_text, read
from adapters.web.errors import Refusal
from adapters.web.events import EventStream
from adapters.web.files import FileAddresses, base
from adapters.web.options import WebOptions
from adapters.web.replies import Replies, message_key
from adapters.web.shapes import dump, message_json, passage_json, reply_json
from bot.messages import Accepted, Incoming, Passage
from bot.protocols import History, KnowledgeStore

CHANNEL = "api"
PAGE = 500


class MessageBody(Body):
    user: Identifier
    text: Text
    conversation: Identifier | None = None
    external_id: Identifier | None = None


class FeedbackBody(Body):
    user: Identifier
    score: Literal[1, -1]
    comment: Annotated[Text, Field(max_length=2000)] = ""


class Api:
    """The routes under /api."""

    def __init__(
        self,
        options: WebOptions,
        replies: Replies,
        history: History,
        knowledge: KnowledgeStore,
        files: FileAddresses,
    ) -> None:
        self._options = options
        self._replies = replies
        self._history = history
        self._knowledge = knowledge
        self._files = files

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [
            web.post("/api/messages", self._post_message),
            web.post("/api/messages/{id:[^/]+}/feedback", self._post_feedback),
            web.get("/api/conversations/{id:[^/]+}/messages", self._get_messages),
            web.get("/api/passages/{id:[^/]+}", self._get_passage),
        ]

    async def _post_message(self, request: web.Request) -> web.StreamResponse:
        body = await read(request, MessageBody)
        check_text(body.text, self._options.message_characters)
        conversation = body.conversation or body.user
        accepted = await self._replies.accept(
            Incoming(
                channel=CHANNEL,
                external_id=message_key(body.user, conversation, body.external_id),
                conversation=conversation,
                user=body.user,
                text=body.text,
            )
        )
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, accepted)
        reply = self._files.addressed(await self._replies.wait(accepted), base(request))
        return web.json_response(reply_json(reply), dumps=dump)

    async def _stream(self, request: web.Request, accepted: Accepted) -> web.StreamResponse:
        async with EventStream(request) as events, aclosing(self._replies.stream(accepted)) as parts:
            async for part in parts:
                if isinstance(part, str):
                    await events.send({"text": part}, "token")
                else:
                    await events.send(reply_json(self._files.addressed(part, base(request))), "reply")
        return events.response

    async def _post_feedback(self, request: web.Request) -> web.Response:
        body = await read(request, FeedbackBody)
        message_id = request.match_info["id"]
        await self._history.rate(message_id, body.user, CHANNEL, body.score, body.comment)
        return web.json_response({"message_id": message_id, "score": body.score}, dumps=dump)

    async def _get_messages(self, request: web.Request) -> web.Response:
        limit = _number(request, "limit", default=100, low=1, high=PAGE)
        after = _number(request, "after", default=0, low=0, high=2**53)
        conversation = request.match_info["id"]
        page = await self._history.messages(CHANNEL, conversation, after=after, limit=limit)
        cursor = await self._cursor(conversation, page[-1].number) if len(page) == limit else None
        messages = [message_json(self._files.addressed(item, base(request))) for item in page]
        return web.json_response({"messages": messages, "next": cursor}, dumps=dump)

    async def _cursor(self, conversation: str, last: int) -> str | None:
        """Where the next page begins; None when nothing follows."""
        return str(last) if await self._history.messages(CHANNEL, conversation, after=last, limit=1) else None

    async def _get_passage(self, request: web.Request) -> web.Response:
        passage: Passage = await self._knowledge.passage(request.match_info["id"])
        return web.json_response(passage_json(passage), dumps=dump)


def _number(request: web.Request, name: str, *, default: int, low: int, high: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not low <= int(text[:20]) <= high:
        raise Refusal(400, "invalid_request", f"{name} must be a whole number from {low} to {high}.")
    return int(text)
