"""The engines that `benchmarks.text_engine` compares: ours, `transformers.generate` and CTranslate2.

Every one of them gives the same number of tokens of the same model, drawn from the 50 likeliest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import torch
import transformers
from tokenizers import Tokenizer, models

from generation.text import checkpoint
from generation.text.serving.engine import Engine
from generation.text.serving.requests import Request
from generation.text.serving.runners import prepared
from generation.text.serving.sampling import Sampling

TOP_K = 50
Ids = list[int]
OnToken = Callable[[], bool]
"""Told of each token; False where nobody wants another one."""


class Peer(Protocol):
    """One engine with one model; both methods block."""

    name: str

    def batch(self, prompts: Sequence[Ids], count: int) -> None:
        """`count` new tokens for each of the prompts, which are given at once."""

    def stream(self, prompt: Ids, count: int, on_token: OnToken) -> None:
        """`count` new tokens for one of many chats; called from a thread for each chat."""

    def close(self) -> None:
        """Frees memory and threads."""


def make_checkpoint(folder: Path, *, vocabulary: int, width: int, layers: int, heads: int) -> None:
    """A GPT-2 of random weights that all peers can load: speed does not depend on what they say."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=vocabulary, n_embd=width, n_layer=layers, n_head=heads, bos_token_id=0, eos_token_id=0
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({str(number): number for number in range(vocabulary)}, unk_token="0"))
    fast: Any = transformers.PreTrainedTokenizerFast
    fast(tokenizer_object=words, bos_token="0", eos_token="0", unk_token="0").save_pretrained(folder)


class Transformers:
    """`generate` in float32, in bf16 on a GPU; chats wait for each other."""

    name = "transformers"

    def __init__(self, folder: Path, device: str) -> None:
        self._device = device
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        loaded: Any = transformers.GPT2LMHeadModel.from_pretrained(folder, dtype=dtype)
        self._model: Any = loaded.to(device)
        self._model.generation_config.eos_token_id = None
        self._one_at_a_time = threading.Lock()

    def batch(self, prompts: Sequence[Ids], count: int, streamer: Any = None) -> None:
        ids = torch.tensor(prompts, device=self._device)
        self._model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=count,
            do_sample=True,
            top_k=TOP_K,
            pad_token_id=0,
            streamer=streamer,
        )

    def stream(self, prompt: Ids, count: int, on_token: OnToken) -> None:
        with self._one_at_a_time, suppress(_Enough):
            self.batch([prompt], count, _Streamer(on_token))

    def close(self) -> None:
        del self._model


class _Enough(Exception):
    """Nobody wants the rest."""


class _Streamer:
    """Tells of each new token; the first thing that `generate` puts is the prompt."""

    def __init__(self, on_token: OnToken) -> None:
        self._on_token = on_token
        self._begun = False

    def put(self, value: object) -> None:
        if self._begun and not self._on_token():
            raise _Enough
        self._begun = True

    def end(self) -> None:
        """Nothing is held back."""


class CTranslate2:
    """int8, in two ways: a batch with both cores, or a stream a chat with one core for each of two workers."""

    name = "CTranslate2 int8"

    def __init__(self, folder: Path, threads: int) -> None:
        import ctranslate2
        from ctranslate2.converters import TransformersConverter

        converted = folder / "ctranslate2"
        if not converted.is_dir():
            TransformersConverter(str(folder)).convert(str(converted), quantization="int8")
        self._generator: Any = ctranslate2.Generator(str(converted), compute_type="int8", intra_threads=threads)
        self._workers: Any = ctranslate2.Generator(
            str(converted), compute_type="int8", inter_threads=threads, intra_threads=1
        )

    def batch(self, prompts: Sequence[Ids], count: int) -> None:
        self._generator.generate_batch(
            [_words(prompt) for prompt in prompts],
            max_length=count,
            min_length=count,
            sampling_topk=TOP_K,
            include_prompt_in_result=False,
        )

    def stream(self, prompt: Ids, count: int, on_token: OnToken) -> None:
        given = _words(prompt)
        for _ in self._workers.generate_tokens(given, max_length=count, min_length=count, sampling_topk=TOP_K):
            if not on_token():
                break

    def close(self) -> None:
        self._generator.unload_model()
        self._workers.unload_model()


def _words(prompt: Ids) -> list[str]:
    return [str(number) for number in prompt]


class Ours:
    """The engine of `generation.text`, with int8 layers (bf16 on a GPU) and a place for each chat."""

    name = "ours"

    def __init__(self, folder: Path, device: str, threads: int, chats: int) -> None:
        model, _ = checkpoint.load(folder)
        if device == "cpu":
            model = prepared(model, torch.arange(64)[None])
        self._engine = Engine(model, device=torch.device(device), max_batch=chats, queue=4 * chats, threads=threads)

    def batch(self, prompts: Sequence[Ids], count: int) -> None:
        ends = [self._submit(prompt, count, lambda: True) for prompt in prompts]
        for end in ends:
            end.result()

    def stream(self, prompt: Ids, count: int, on_token: OnToken) -> None:
        self._submit(prompt, count, on_token).result()

    def _submit(self, prompt: Ids, count: int, on_token: OnToken) -> Future[None]:
        ended: Future[None] = Future()

        def told(token: int) -> None:
            on_token()  # a reply is soon over: none is cut off

        def end(reason: Exception | None) -> None:
            ended.set_exception(reason) if reason else ended.set_result(None)

        self._engine.submit(Request(prompt, count, Sampling(1.0, TOP_K, 1.0), frozenset(), 600, told, end))
        return ended

    def close(self) -> None:
        self._engine.close()
