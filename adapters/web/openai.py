"""The OpenAI-compatible routes: any client of that interface can talk to the bot.

The client keeps the conversation: its earlier messages are handed over as history and each request is a
conversation of its own. System and developer messages are read past, because the persona is the operator's.
Specification: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field

from adapters.web.bodies import Body, Identifier, check_text, clean, read
from adapters.web.errors import Refusal
from adapters.web.events import EventStream
from adapters.web.files import FileAddresses, base
from adapters.web.options import WebOptions
from adapters.web.replies import Replies, message_key
from adapters.web.shapes import Json, dump, reply_json
from bot.messages import Accepted, Incoming, Reply, Utterance

CHANNEL = "openai"
MODEL = "parley"
CountTokens = Callable[[str], int]


def _joined(content: Any) -> Any:
    """Text parts as one text; anything else is left for the validation to refuse."""
    if content is None:
        return ""
    if not isinstance(content, list):
        return content
    if any(not isinstance(part, dict) or part.get("type") != "text" for part in content):
        raise ValueError("only text parts are understood")
    return "\n".join(str(part.get("text", "")) for part in content)


class ChatMessage(Body):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, BeforeValidator(_joined)] = ""


class StreamOptions(Body):
    include_usage: bool = False


class ChatBody(Body):
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    user: Identifier | None = None


class OpenAI:
    """The routes of chats under /v1. Without `count_tokens` no usage is reported, rather than a guess."""

    def __init__(
        self, options: WebOptions, replies: Replies, files: FileAddresses, count_tokens: CountTokens | None = None
    ) -> None:
        self._options = options
        self._replies = replies
        self._files = files
        self._count_tokens = count_tokens
        self._started = int(time.time())

    def routes(self) -> list[web.AbstractRouteDef]:
        """The table of routes."""
        return [
            web.post("/v1/chat/completions", self._post_chat),
            web.get("/v1/models", self._get_models),
            web.get("/v1/models/{id}", self._get_model),
        ]

    async def _get_models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [self._model()]}, dumps=dump)

    async def _get_model(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != MODEL:
            raise Refusal(404, "model_not_found", f"There is no such model; this server has {MODEL!r}.")
        return web.json_response(self._model(), dumps=dump)

    def _model(self) -> Json:
        return {"id": MODEL, "object": "model", "created": self._started, "owned_by": self._options.bot_name}

    async def _post_chat(self, request: web.Request) -> web.StreamResponse:
        body = await read(request, ChatBody)
        incoming = _incoming(body)
        check_text(incoming.text, self._options.message_characters)
        accepted = await self._replies.accept(incoming)
        if body.stream:
            return await self._stream(request, body, accepted)
        reply = self._files.addressed(await self._replies.wait(accepted), base(request))
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": _with_choices(reply), "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
        answer = self._frame(accepted, "chat.completion") | {"choices": [choice]} | _extras(reply)
        if usage := await self._usage(body, reply):
            answer["usage"] = usage
        return web.json_response(answer, dumps=dump)

    async def _stream(self, request: web.Request, body: ChatBody, accepted: Accepted) -> web.StreamResponse:
        frame = self._frame(accepted, "chat.completion.chunk")
        async with EventStream(request) as events, aclosing(self._replies.stream(accepted)) as parts:
            await events.send(frame | _choice({"role": "assistant", "content": ""}))
            said = ""
            async for part in parts:
                if isinstance(part, Reply):
                    part = self._files.addressed(part, base(request))
                words = part if isinstance(part, str) else _rest(said, _with_choices(part))
                said += words
                if words:
                    await events.send(frame | _choice({"content": words}))
                if isinstance(part, Reply):
                    await events.send(frame | _choice({}, "stop") | _extras(part))
                    if body.stream_options and body.stream_options.include_usage:
                        await events.send(frame | {"choices": [], "usage": await self._usage(body, part)})
                    await events.send_text("[DONE]")
        return events.response

    def _frame(self, accepted: Accepted, kind: str) -> Json:
        return {"id": f"chatcmpl-{accepted.message_id}", "object": kind, "created": int(time.time()), "model": MODEL}

    async def _usage(self, body: ChatBody, reply: Reply) -> Json | None:
        if self._count_tokens is None:
            return None
        asked = await asyncio.to_thread(self._count_tokens, "\n".join(message.content for message in body.messages))
        said = await asyncio.to_thread(self._count_tokens, _with_choices(reply))
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _incoming(body: ChatBody) -> Incoming:
    """The last user message as the new one, what stands before it as history, in a fresh conversation."""
    if body.messages[-1].role != "user":
        raise Refusal(400, "invalid_request", "messages: the last one must have the role user.")
    conversation = secrets.token_urlsafe(18)
    user = body.user or f"anonymous-{conversation}"
    return Incoming(
        channel=CHANNEL,
        external_id=message_key(user, conversation, None),
        conversation=conversation,
        user=user,
        text=clean(body.messages[-1].content),
        history=tuple(_utterances(body.messages[:-1])),
    )


def _utterances(messages: Sequence[ChatMessage]) -> list[Utterance]:
    said = [(message.role, clean(message.content)) for message in messages]
    return [Utterance(role, text) for role, text in said if text and (role == "user" or role == "assistant")]


def _with_choices(reply: Reply) -> str:
    """The text, and below a decline what it offers: clients of this protocol have no buttons. Pictures are Markdown,
    which many of them show."""
    offered = reply.quick_replies if reply.route == "decline" else ()
    shown = [f"![{each.name}]({each.url})" for each in reply.attachments if each.kind == "image"]
    return "\n".join([reply.text, *(f"- {choice}" for choice in offered), *shown])


def _rest(said: str, text: str) -> str:
    """What is missing after the streamed words; the whole text again in the rare case that words were lost."""
    if text.startswith(said):
        return text[len(said) :]
    return f"\n\n{text}"


def _choice(delta: Json, finish_reason: str | None = None) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]}


def _extras(reply: Reply) -> Json:
    """Our own fields beside OpenAI's."""
    wanted = (
        "conversation_id",
        "message_id",
        "route",
        "confidence",
        "language",
        "citations",
        "attachments",
        "trace_id",
    )
    fields = reply_json(reply)
    return {name: fields[name] for name in wanted}
