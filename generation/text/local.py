"""A language model in this process: prompts in, words out, for any number of conversations at once."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from generation.errors import GenerationCancelled
from generation.text import bases
from generation.text.layout import SPECIAL_TOKENS, Layout, Prompt, Speaker
from generation.text.model import GPT2
from generation.text.plain_layout import PlainLayout
from generation.text.serving.engine import Engine
from generation.text.serving.quantization import quantised
from generation.text.serving.requests import Request
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
    ) -> None:
        self.name = name
        self.context_tokens = layout.context
        self._engine = engine
        self._layout = layout
        self._sampling = sampling
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
        repetition_penalty: float = 1.0,
        timeout_seconds: float = 20,
        queue: int = 64,
        threads: int | None = None,
    ) -> LocalTextModel:
        """Loads `builtin`, a folder or a hub name, and starts its engine. Blocks for a second or more.

        `device` is `cpu`, `cuda` or `auto`; `threads` are those of one step on the CPU. Raises ModelUnusable
        with one line that says what is wrong with the model.
        """
        model, tokenizer = bases.load_any(str(BUILT_IN) if name_or_folder == "builtin" else name_or_folder)
        layout = _layout(model, tokenizer)
        where = _device(device)
        if where.type == "cpu":
            model = quantised(model, torch.tensor([layout.encode(PROBE)[: layout.context]]))
        engine = Engine(model, device=where, max_batch=max_batch, queue=queue, threads=threads or _threads())
        sampling = Sampling(temperature, top_k, top_p, repetition_penalty)
        return cls(name_or_folder, engine, layout, sampling, max_new_tokens, timeout_seconds)

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
    ) -> AsyncGenerator[str, None]:
        """The assistant's words in pieces of whole characters, as they are made.

        Closing the iterator ends the generation. Raises EngineBusy, GenerationCancelled when the time limit
        (seconds) is over, and GenerationError. A prompt that is too long loses its oldest turns.
        """
        room = min(max_new_tokens or self._max_new_tokens, self.context_tokens // 2)
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[int | Exception | None] = asyncio.Queue()  # bounded by `room`

        def put(item: int | Exception | None) -> None:
            try:
                loop.call_soon_threadsafe(arrived.put_nowait, item)
            except RuntimeError:  # the loop is closed: nobody reads any more
                log.debug("a reply outlived its event loop")

        request = Request(
            ids=self._layout.render(prompt, room),
            max_new_tokens=room,
            sampling=self._sampling if temperature is None else self._warmed(temperature),
            stop_ids=self._layout.stop_ids,
            seconds=timeout or self._seconds,
            on_token=put,
            on_end=put,
            seed=seed,
        )
        text = TextStream(self._layout.tokenizer, (*stop, *self._layout.stop_texts))
        active = self._engine.submit(request)
        try:
            while (item := await arrived.get()) is not None and not text.stopped:
                if isinstance(item, Exception):
                    raise item
                if piece := text.push(item):
                    yield piece
            if rest := text.flush():
                yield rest
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

    async def close(self) -> None:
        """Ends what is under way and the engine's thread."""
        await asyncio.to_thread(self._engine.close)

    def _warmed(self, temperature: float) -> Sampling:
        known = self._sampling
        return Sampling(temperature, known.top_k, known.top_p, known.repetition_penalty)


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


def _threads() -> int:
    """Half of the cores: the event loop and the database need the others."""
    return max((os.cpu_count() or 2) // 2, 1)
