"""A language model in this process: prompts in, words out, for any number of conversations at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from generation.errors import GenerationCancelled, GenerationError
from generation.text import bases
from generation.text.layout import SPECIAL_TOKENS, Layout, Prompt, Speaker
from generation.text.model import GPT2
from generation.text.plain_layout import PlainLayout
from generation.text.serving.engine import Counts, Engine
from generation.text.serving.requests import Request
from generation.text.serving.rules import Refuses, Rules, never, no_repeat
from generation.text.serving.runners import prepared
from generation.text.serving.sampling import Sampling
from generation.text.serving.streaming import TextStream

BUILT_IN = Path(__file__).parent.parent / "weights" / "text"
PROBE = (
    "Hello! How can I help you today? I would like to return a pair of shoes, and I have two questions about it. "
    "Returns are free within 30 days of delivery. Please keep the receipt; the refund takes three to five days. "
    "Could you tell me your order number? It is 4711. Thank you very much, that was helpful. You're welcome! "
    "Is there anything else that I can do for you? No, that is all. Have a nice day."
)
log = logging.getLogger(__name__)


class LocalTextModel:
    """A GPT-2 behind the text engine's interface; make it with `load`, end it with `close`."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        layout: Layout | PlainLayout,
        sampling: Sampling,
        max_new_tokens: int,
        seconds: float,
        refuses: tuple[Refuses, ...] = (),
    ) -> None:
        self.name = name
        self.context_tokens = layout.context
        self._engine = engine
        self._layout = layout
        self._sampling = sampling
        self._refuses = refuses
        self._max_new_tokens = min(max_new_tokens, layout.context // 2)
        self._seconds = seconds

    @classmethod
    def load(
        cls,
        name_or_folder: str,
        *,
        device: str = "auto",
        max_batch: int = 8,
        max_new_tokens: int = 64,
        temperature: float = 0.7,
        top_k: int = 40,
        top_p: float = 0.9,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        no_repeat_ngram: int = 0,
        banned_words: Sequence[str] = (),
        timeout_seconds: float = 20,
        queue: int = 64,
        threads: int | None = None,
    ) -> LocalTextModel:
        """Loads `builtin`, a folder or a hub name, and starts its engine. Blocks for a second or more.

        `device` is `cpu`, `cuda` or `auto`; `threads` are those of one step on the CPU, by default as many as
        prove quickest. No reply has one of the `banned_words`, nor says `no_repeat_ngram` tokens twice (0: it may).
        Raises ModelUnusable with one line that says what is wrong with the model.
        """
        model, tokenizer = bases.load_any(str(BUILT_IN) if name_or_folder == "builtin" else name_or_folder)
        layout = _layout(model, tokenizer)
        where = _device(device)
        if where.type == "cpu":
            model = prepared(model, torch.tensor([layout.encode(PROBE)[: layout.context]]))
        engine = Engine(model, device=where, max_batch=max_batch, queue=queue, threads=threads)
        sampling = Sampling(temperature, top_k, top_p, repetition_penalty, min_p)
        refuses = _refuses(tokenizer, no_repeat_ngram, banned_words)
        return cls(name_or_folder, engine, layout, sampling, max_new_tokens, timeout_seconds, refuses)

    @property
    def counts(self) -> Counts:
        """What the engine did so far, for metrics."""
        return self._engine.counts

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._layout.encode(text))

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
        """The assistant's words in pieces of whole characters, as they are made.

        Closing the iterator ends the generation. Raises EngineBusy, GenerationCancelled when the time limit
        (seconds) is over, and GenerationError. A prompt that is too long loses its oldest turns. Waiting requests
        of one `conversation` take turns with those of others.
        """
        room = min(max_new_tokens or self._max_new_tokens, self.context_tokens // 2)
        sampling = self._sampling if temperature is None else replace(self._sampling, temperature=temperature)
        tokens = self._tokens(
            prompt, room, sampling, Rules(self._refuses), seed=seed, seconds=timeout, conversation=conversation
        )
        text = TextStream(self._layout.tokenizer, (*stop, *self._layout.stop_texts))
        async with aclosing(tokens):
            async for token in tokens:
                if piece := text.push(token):
                    yield piece
                if text.stopped:
                    break
        if rest := text.flush():
            yield rest

    async def choose(self, prompt: Prompt, options: Sequence[str]) -> str:
        """The one of the options that the model says after the prompt, token by token the likeliest way.

        Raises what `stream` raises; a GenerationError as well when there is no option or one has no words.
        """
        choices = {tuple(self._layout.words(option)): option for option in options}
        if not choices or () in choices:
            raise GenerationError("The model can only choose among options that have words.")
        room = max(map(len, choices))
        if room > self.context_tokens // 2:
            raise GenerationError(f"An option has {room} tokens; {self.context_tokens // 2} can be chosen.")
        rules = Rules(choices=tuple(choices))
        tokens = self._tokens(prompt, room, Sampling(temperature=0.0), rules)
        return choices[tuple([token async for token in tokens])]

    async def _tokens(
        self,
        prompt: Prompt,
        room: int,
        sampling: Sampling,
        rules: Rules,
        *,
        seed: int | None = None,
        seconds: float | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[int, None]:
        """The tokens of a reply as the engine's thread hands them over; closing it cancels the request."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[int | Exception | None] = asyncio.Queue()  # bounded by `room`

        def put(item: int | Exception | None) -> None:
            try:
                loop.call_soon_threadsafe(arrived.put_nowait, item)
            except RuntimeError:  # the loop is closed: nobody reads any more
                log.debug("a reply outlived its event loop")

        active = self._engine.submit(
            Request(
                ids=self._layout.render(prompt, room),
                max_new_tokens=room,
                sampling=sampling,
                stop_ids=self._layout.stop_ids,
                seconds=seconds or self._seconds,
                on_token=put,
                on_end=put,
                seed=seed,
                rules=rules,
                conversation=conversation,
            )
        )
        try:
            while (item := await arrived.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            active.cancel()

    async def score(self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Speaker) -> Sequence[float]:
        """Mean log-likelihood per token (nats) of each continuation, said by `role` after its prompt."""
        words = [self._layout.words(text)[: self.context_tokens // 2] for text in continuations]
        contexts = [self._layout.render(prompt, len(ids), role) for prompt, ids in zip(prompts, words, strict=True)]
        future = asyncio.wrap_future(self._engine.score(contexts, words))
        try:
            return await asyncio.wait_for(future, self._seconds)
        except TimeoutError:
            raise GenerationCancelled(f"The scoring was not complete within {self._seconds:g} seconds.") from None

    async def forget(self, customer_id: str) -> None:
        """Remembers no prompt and no reply any more: whose each was is not known here."""
        self._engine.forget()

    async def close(self) -> None:
        """Ends what is under way and the engine's thread."""
        await asyncio.to_thread(self._engine.close)


def _layout(model: GPT2, tokenizer: Tokenizer) -> Layout | PlainLayout:
    if all(tokenizer.token_to_id(token) is not None for token in SPECIAL_TOKENS):
        return Layout(tokenizer, model.shape.context)
    return PlainLayout(tokenizer, model.shape.context, tokenizer.token_to_id("<|endoftext|>"))


def _device(name: str) -> torch.device:
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    try:
        torch.zeros(1, device="cuda")
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        log.warning("the GPU cannot be used (%s); the language model runs on the CPU", reason)
        return torch.device("cpu")
    return torch.device("cuda")


def _refuses(tokenizer: Tokenizer, no_repeat_ngram: int, banned_words: Sequence[str]) -> tuple[Refuses, ...]:
    banned = [word for word in banned_words if word.strip()]
    return (
        *([no_repeat(no_repeat_ngram)] if no_repeat_ngram else []),
        *([never(banned, tokenizer.decode)] if banned else []),
    )
