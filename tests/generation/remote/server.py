"""A server of OpenAI's protocol that says what it is told and fails as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """`faults` answer the next requests instead of the words."""

    url: str = ""
    words: list[str] = field(default_factory=lambda: ["Hello", " you", "!"])
    faults: list[Fault] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    authorization: str = ""
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_post("/v1/completions", self._completions)
        application.router.add_get("/v1/models", self._models)
        return application

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.authorization = request.headers.get("Authorization", "")
        self.asked.append(await request.json())
        if self.faults:
            return await self.faults.pop(0)(request)
        answer = await begin(request, *self.words)
        await answer.write(b"data: [DONE]\n\n")
        return answer

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        """Every letter is a token, of likelihood -1 for a vowel and -3 for others."""
        self.asked.append(await request.json())
        if self.faults:
            return await self.faults.pop(0)(request)
        return web.json_response({"choices": [_echoed(n, text) for n, text in enumerate(self.asked[-1]["prompt"])]})

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "big"}]})

    async def endless(self, request: web.Request) -> web.StreamResponse:
        """Speaks until the other side has gone."""
        answer = await begin(request)
        try:
            while True:
                await answer.write(event({"choices": [{"delta": {"content": "word "}}]}))
                await asyncio.sleep(0)
        finally:
            self.left.set()


def _echoed(number: int, text: str) -> dict[str, Any]:
    likelihoods = [None, *(-1.0 if letter in "aeiou" else -3.0 for letter in text[1:])]
    return {"index": number, "logprobs": {"text_offset": list(range(len(text))), "token_logprobs": likelihoods}}


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


async def begin(request: web.Request, *words: str) -> web.StreamResponse:
    """The beginning of a streamed answer."""
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    await answer.write(b": a comment\n\n")
    await answer.write(event({"choices": [{"delta": {"role": "assistant"}}]}))
    for word in words:
        await answer.write(event({"choices": [{"delta": {"content": word}}]}))
    return answer


def status(code: int, message: str = "no", **headers: str) -> Fault:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": message}}, status=code, headers=headers)

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Breaks the connection in the middle of the answer."""
    answer = await begin(request, "Hel")
    assert request.transport is not None
    request.transport.close()
    return answer


async def silent(request: web.Request) -> web.StreamResponse:
    """Begins, and says no more."""
    answer = await begin(request, "Hel")
    await asyncio.sleep(30)
    return answer


async def failing_midway(request: web.Request) -> web.StreamResponse:
    answer = await begin(request, "Hel")
    await answer.write(event({"error": {"message": "the engine died"}}))
    return answer


@asynccontextmanager
async def running() -> AsyncIterator[Server]:
    server = Server()
    site = TestServer(server.application())
    await site.start_server()
    server.url = str(site.make_url("/v1"))
    try:
        yield server
    finally:
        await site.close()
