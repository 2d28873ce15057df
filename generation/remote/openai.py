"""A model behind any server of OpenAI's protocol, such as vLLM or llama.cpp: prompts in, words out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.remote.client import Client
from generation.text.layout import Prompt, Said, Speaker
from generation.text.plain_layout import transcript
from generation.text.serving.stopping import StopText

BYTES_PER_TOKEN = 3  # a cautious guess: English has four, Chinese three a character
SERVERS_STOPS = 4  # OpenAI takes no more; all of them are looked for here too


class OpenAITextModel:
    """A remote model behind the text engine's interface; make it on the event loop, end it with `close`.

    `max_requests` run at once and `queue` more wait; beyond that EngineBusy is raised. `context_tokens` is what the
    server's model can read; prompts are cut to it by estimate, oldest turns first.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        max_new_tokens: int = 256,
        temperature: float = 0.7,
        top_p: float = 0.9,
        timeout_seconds: float = 60,
        context_tokens: int = 4096,
        max_requests: int = 32,
        queue: int = 64,
        retries: int = 2,
    ) -> None:
        """`base_url` ends with the version, as in `http://localhost:8000/v1`."""
        self.name = model
        self.context_tokens = context_tokens
        self._client = Client(base_url, api_key, retries=retries, silence=timeout_seconds)
        self._max_new_tokens = min(max_new_tokens, context_tokens // 2)
        self._settings = {"temperature": temperature, "top_p": top_p}
        self._seconds = timeout_seconds
        self._places = asyncio.Semaphore(max_requests)
        self._most = max_requests + queue
        self._asked = 0

    async def check(self) -> None:
        """Raises GenerationError when the server cannot be reached or does not serve the model."""
        found = await self._client.json("GET", "/models")
        names = [model.get("id") for model in found.get("data", [])] if isinstance(found, dict) else []
        if self.name not in names:
            known = ", ".join(map(str, names)) or "none"
            raise GenerationError(f"The server has no model {self.name!r}; it has {known}.")

    def count(self, text: str) -> int:
        """Tokens of a text, estimated: only the server has the tokenizer."""
        return -(-len(text.encode()) // BYTES_PER_TOKEN)

    async def stream(
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int | None = None,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        seed: int | None = None,
        timeout: float | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[str, None]:
        """The assistant's words in pieces, as they come. Closing the iterator ends the generation.

        A request that fails is tried again until its first word is there. Raises EngineBusy, GenerationCancelled
        when the time limit (seconds) is over, and GenerationError.
        """
        room = min(max_new_tokens or self._max_new_tokens, self.context_tokens // 2)
        body = {
            **self._settings,
            "model": self.name,
            "messages": self._messages(prompt, room),
            "max_tokens": room,
            "stream": True,
            **({} if temperature is None else {"temperature": temperature}),
            **({"stop": list(stop[:SERVERS_STOPS])} if stop else {}),
            **({} if seed is None else {"seed": seed}),
        }
        seconds = timeout or self._seconds
        ends = asyncio.get_running_loop().time() + seconds
        text = StopText(stop)
        self._enter()
        try:
            async with aclosing(self._pieces(body)) as pieces:
                while not text.stopped:
                    try:
                        async with asyncio.timeout_at(ends):
                            piece = await anext(pieces)
                    except StopAsyncIteration:
                        break
                    except TimeoutError:
                        raise GenerationCancelled(f"The reply was not complete within {seconds:g} seconds.") from None
                    if shown := text.push(piece):
                        yield shown
            if rest := text.flush():
                yield rest
        finally:
            self._asked -= 1

    async def score(self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Speaker) -> Sequence[float]:
        """Mean log-likelihood per token (nats) of each continuation, said by `role` after its prompt.

        It needs a server whose `/completions` gives the likelihood of a prompt (`echo` with `logprobs`, as vLLM and
        llama.cpp have it, OpenAI itself not); raises GenerationError where there is none.
        """
        starts = [transcript(prompt, prompt.passages, prompt.turns, role) for prompt in prompts]
        texts = [f"{start} {words}" for start, words in zip(starts, continuations, strict=True)]
        self._enter()
        try:
            async with asyncio.timeout(self._seconds), self._places:
                answer = await self._client.json("POST", "/completions", _echo(self.name, texts))
        except TimeoutError:
            raise GenerationCancelled(f"The scoring was not complete within {self._seconds:g} seconds.") from None
        finally:
            self._asked -= 1
        return _means(answer, [len(start) for start in starts])

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.close()

    def _enter(self) -> None:
        if self._asked >= self._most:
            raise EngineBusy("The language model has too many requests waiting.", retry_after=2.0)
        self._asked += 1

    async def _pieces(self, body: dict[str, Any]) -> AsyncGenerator[str, None]:
        async with self._places, aclosing(self._client.events("/chat/completions", body)) as events:
            async for event in events:
                if piece := _content(event):
                    yield piece

    def _messages(self, prompt: Prompt, room: int) -> list[dict[str, str]]:
        """Persona, facts and passages as the system's message, then the turns; oldest turns give way first."""
        turns, passages = list(prompt.turns), list(prompt.passages)
        budget = self.context_tokens - room
        while True:
            messages = [_message(turn) for turn in turns]
            if system := "\n\n".join(part for part in (prompt.persona, *prompt.profile, *passages) if part):
                messages.insert(0, {"role": "system", "content": system})
            if sum(self.count(message["content"]) + 4 for message in messages) <= budget:
                return messages
            if len(turns) > 1:
                turns.pop(0)
            elif passages:
                passages.pop()
            else:
                return messages  # the server says so if it is too long for it


def _message(turn: Said) -> dict[str, str]:
    return {"role": "user" if turn.role == "user" else "assistant", "content": turn.text}


def _content(event: Any) -> str:
    """The words in a streamed event; events about roles, usage or reasoning have none."""
    try:
        return str(event["choices"][0]["delta"].get("content") or "")
    except (KeyError, IndexError, TypeError, AttributeError):
        return ""


def _echo(model: str, texts: Sequence[str]) -> dict[str, Any]:
    return {"model": model, "prompt": list(texts), "max_tokens": 0, "echo": True, "logprobs": 0, "temperature": 0}


def _means(answer: Any, starts: Sequence[int]) -> list[float]:
    """The mean likelihood of the tokens that begin at or after each start (in characters)."""
    try:
        choices = sorted(answer["choices"], key=lambda choice: choice["index"])
        return [_mean(choice["logprobs"], start) for choice, start in zip(choices, starts, strict=True)]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise GenerationError("The server gives no likelihoods of prompts, so it cannot score.") from None


def _mean(likelihoods: Any, start: int) -> float:
    pairs = zip(likelihoods["text_offset"], likelihoods["token_logprobs"], strict=True)
    counted = [value for offset, value in pairs if offset >= start]
    return float(sum(counted) / len(counted))
