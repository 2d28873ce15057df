"""HTTP to a server of OpenAI's protocol: events as they come, tries again, and plain words for what went wrong.

aiohttp serves the web chat already; the `openai` package would bring a second HTTP stack for two requests.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from generation.errors import EngineBusy, GenerationError

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses that another try may change
Body = dict[str, Any] | None
LONGEST_PAUSE = 8.0  # seconds between two tries
log = logging.getLogger(__name__)


class Client:
    """Requests to one server, `retries` more for each that fails before its answer begins."""

    def __init__(self, base_url: str, api_key: str, *, retries: int, silence: float) -> None:
        """`silence` is how many seconds the server may send nothing."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        times = aiohttp.ClientTimeout(total=None, connect=10, sock_connect=10, sock_read=silence)
        self._session = aiohttp.ClientSession(headers=headers, timeout=times)
        self._base_url = base_url.rstrip("/")
        self._retries = retries

    async def close(self) -> None:
        """Ends its connections."""
        await self._session.close()

    async def json(self, method: str, path: str, body: Body = None) -> Any:
        """What the server answers. Raises GenerationError, EngineBusy when it is overloaded."""
        async with self._answer(method, path, body) as answer:
            try:
                return await answer.json(content_type=None)
            except (aiohttp.ClientError, ValueError):
                raise GenerationError(f"{self._base_url}{path} did not answer with JSON.") from None
            except TimeoutError:
                raise GenerationError(f"{self._base_url} fell silent.") from None

    async def events(self, path: str, body: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """The server-sent events that answer a request, parsed; it ends with `[DONE]` or with the answer.

        Closing it ends the request. Raises GenerationError, also when the answer breaks off.
        """
        async with self._answer("POST", path, body) as answer:
            try:
                async for line in answer.content:
                    data = line.decode("utf-8", "replace").strip()
                    if data == "data: [DONE]" or data == "data:[DONE]":
                        return
                    if data.startswith("data:"):
                        yield _event(data.removeprefix("data:"))
            except (aiohttp.ClientError, ValueError) as error:
                raise GenerationError(f"The answer of {self._base_url} broke off: {error}") from None
            except TimeoutError:
                raise GenerationError(f"{self._base_url} fell silent in the middle of its answer.") from None

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        answer = await self._tried(method, path, body)
        try:
            yield answer
        finally:
            answer.close()  # not released: a server stops working for a connection that is gone

    async def _tried(self, method: str, path: str, body: Body) -> aiohttp.ClientResponse:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                answer = await self._session.request(method, self._base_url + path, json=body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if last:
                    raise GenerationError(f"{self._base_url} cannot be reached: {error or 'no answer'}.") from None
                await asyncio.sleep(_pause(attempt))
                continue
            if answer.status < 400:
                return answer
            asked = _retry_after(answer)
            if last or answer.status not in PASSING or (asked or 0) > LONGEST_PAUSE:
                raise await self._refusal(answer, asked)
            answer.close()
            log.warning("%s answered %d; trying again", self._base_url, answer.status)
            await asyncio.sleep(_pause(attempt) if asked is None else asked)
        raise AssertionError("the last attempt returns or raises")

    async def _refusal(self, answer: aiohttp.ClientResponse, retry_after: float | None) -> GenerationError:
        reason = _reason(await _text(answer))
        answer.close()
        if answer.status in (429, 503, 529):
            return EngineBusy(f"{self._base_url} is overloaded: {reason}", retry_after or 2.0)
        if answer.status in (401, 403):
            return GenerationError(f"{self._base_url} refuses the API key ({answer.status}): {reason}")
        return GenerationError(f"{self._base_url} answered {answer.status}: {reason}")


async def _text(answer: aiohttp.ClientResponse) -> str:
    try:
        return (await answer.content.read(4096)).decode("utf-8", "replace")
    except (aiohttp.ClientError, TimeoutError):
        return ""


def _event(data: str) -> Any:
    event = json.loads(data)
    if isinstance(event, dict) and "error" in event:
        raise GenerationError(f"The server stopped: {_reason(data)}")
    return event


def _reason(text: str) -> str:
    """The message of an error in OpenAI's form, else the beginning of the text."""
    try:
        error = json.loads(text)["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        pass
    return " ".join(str(text).split())[:200] or "no reason given"


def _retry_after(answer: aiohttp.ClientResponse) -> float | None:
    try:
        return max(float(answer.headers["Retry-After"]), 0.0)
    except (KeyError, ValueError):
        return None


def _pause(attempt: int) -> float:
    """Longer from try to try, and not the same for all who wait."""
    return float(min(0.25 * 2**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1.0))
