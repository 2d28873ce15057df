"""The compiled kernel computes what PyTorch does, and where it cannot be compiled PyTorch goes on."""

from __future__ import annotations

import copy
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.errors import GenerationError
from generation.text import bases
from generation.text.local import PROBE
from generation.text.model import GPT2, Shape
from generation.text.serving import kernel
from generation.text.serving.cache import Branch, Segment
from generation.text.serving.engine import Engine
from generation.text.serving.kernel_runner import KernelRunner
from generation.text.serving.quantization import quantised_by_row
from generation.text.serving.runners import make_runner, prepared
from generation.text.serving.sampling import Sampling
from generation.text.serving.torch_runner import TorchRunner
from generation.text.small_talk import read_topics
from tests.generation.text.serving.replies import ask

CPU = torch.device("cpu")
SHAPES = (  # vocabularies and contexts that fill no whole vectors and blocks, heads of one and of several vectors
    Shape(500, context=100, width=64, layers=2, heads=4),
    Shape(211, context=90, width=80, layers=1, heads=1),
    Shape(1030, context=256, width=128, layers=2, heads=2),
)


@pytest.fixture
def compiled() -> kernel.Kernel:
    found = kernel.load()
    if found is None:
        pytest.skip("no compiler, or a processor without AVX-512 VNNI")
    return found


def random_model(shape: Shape) -> GPT2:
    torch.manual_seed(shape.vocabulary)
    model = GPT2(shape)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4) if weight.ndim == 2 else weight.add_(0.1 * torch.randn_like(weight))
    return model


def int8(model: GPT2) -> GPT2:
    """Random weights have more to lose than trained ones: none of their layers stays float here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generation.text.serving.quantization.LARGEST_CHANGE", 10.0)
        small = quantised_by_row(model, torch.arange(32)[None])
    assert small is not None
    return small


def words(rng: random.Random, shape: Shape, count: int) -> list[int]:
    return [rng.randrange(shape.vocabulary) for _ in range(count)]


@pytest.mark.parametrize("shape", SHAPES)
@torch.inference_mode()
def test_logits_of_ragged_segments_are_as_near_to_float_as_those_of_pytorch(
    compiled: kernel.Kernel, shape: Shape
) -> None:
    model, rng = random_model(shape), random.Random(1)
    small = int8(model)
    runners = KernelRunner(compiled, small, 4), TorchRunner(model, 4, CPU), TorchRunner(small, 4, CPU)
    lengths = [0] * 4
    for _ in range(6):
        segments = []
        for slot in rng.sample(range(4), rng.randint(1, 4)):
            count = rng.choice([1, 1, rng.randint(2, 14)])
            segments.append(Segment(slot, lengths[slot], words(rng, shape, count), rng.random() < 0.8))
            lengths[slot] += count
        ours, right, theirs = (runner._read(segments, runner._ids(segments)) for runner in runners)
        assert ours.shape == right.shape
        if len(right):
            assert (ours - right).abs().mean() <= 1.2 * (theirs - right).abs().mean() + 1e-3


@pytest.mark.parametrize("shape", SHAPES)
@torch.inference_mode()
def test_its_accuracy_is_the_one_that_is_checked_on_load(compiled: kernel.Kernel, shape: Shape) -> None:
    small, rng = int8(random_model(shape)), random.Random(5)
    ids = words(rng, shape, 60)
    checked = small.logits(small(torch.tensor([ids])))[0]
    ours = KernelRunner(compiled, small, 1)._branch_logits([Branch(0, 0, ids)], [59])
    assert (ours - checked[:-1]).abs().mean() < 0.02 * checked.std()  # keys and values have eight bits


@pytest.mark.parametrize("shape", SHAPES)
@torch.inference_mode()
def test_scores_of_branches_are_those_of_the_whole_texts(compiled: kernel.Kernel, shape: Shape) -> None:
    rng = random.Random(2)
    runner = KernelRunner(compiled, int8(random_model(shape)), 3)
    context = words(rng, shape, 40)
    runner.read(Segment(1, 0, context, speaks=False))
    runner.copy(1, 0, 33)  # not a whole number of blocks
    tails = [words(rng, shape, rng.randint(2, 20)) for _ in range(30)]
    starts = [(rng.choice([0, 1]), rng.choice([16, 31, 33])) for _ in tails]
    branches = [Branch(slot, known, tail) for (slot, known), tail in zip(starts, tails, strict=True)]
    counts = [len(tail) - 1 for tail in tails]
    whole = [Branch(2, 0, context[:known] + tail) for (_, known), tail in zip(starts, tails, strict=True)]
    assert runner.log_likelihoods(branches, counts) == pytest.approx(runner.log_likelihoods(whole, counts), abs=1e-4)


@pytest.fixture
def engine(compiled: kernel.Kernel) -> Iterator[Engine]:
    engine = Engine(int8(random_model(SHAPES[0])), device=CPU, max_batch=4, queue=40)
    yield engine
    engine.close()


def test_a_reply_is_the_same_to_the_token_alone_and_in_company(engine: Engine) -> None:
    assert isinstance(engine._runner, KernelRunner)
    rng, warm = random.Random(3), Sampling(temperature=1.2, top_k=50)
    prompts = [words(rng, SHAPES[0], rng.randint(1, 40)) for _ in range(12)]
    alone = [ask(engine, prompt, 20, warm, seed=number)[0].wait() for number, prompt in enumerate(prompts)]
    replies = [ask(engine, prompt, 20, warm, seed=number)[0] for number, prompt in enumerate(prompts)]
    assert [reply.wait() for reply in replies] == alone


def test_values_that_are_not_numbers_end_one_reply_with_an_error(compiled: kernel.Kernel) -> None:
    spoiled = copy.deepcopy(int8(random_model(SHAPES[0])))
    with torch.no_grad():
        spoiled.transformer.wpe.weight[10] = float("nan")  # whoever gets as far as position 10
    engine = Engine(spoiled, device=CPU, max_batch=2)
    long, short = ask(engine, [1] * 8, 20)[0], ask(engine, [1], 5)[0]
    assert len(short.wait()) == 5
    with pytest.raises(GenerationError, match="not numbers"):
        long.wait()
    engine.close()


def test_models_that_the_kernel_cannot_run_are_run_by_pytorch() -> None:
    of_twelve = int8(random_model(Shape(64, context=32, width=48, layers=1, heads=4)))  # numbers a head
    for model in (random_model(SHAPES[0]), of_twelve):
        assert isinstance(make_runner(model, 2, CPU), TorchRunner)


def test_a_model_that_int8_changes_too_much_keeps_layers_in_float(monkeypatch: pytest.MonkeyPatch) -> None:
    model, probe = random_model(SHAPES[0]), torch.arange(32)[None]
    monkeypatch.setattr("generation.text.serving.quantization.LARGEST_CHANGE", -1.0)
    assert prepared(model, probe) is model


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """As on the first start: nothing is compiled."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kernel.load.cache_clear()
    yield tmp_path
    kernel.load.cache_clear()


def test_it_is_compiled_once(compiled: kernel.Kernel, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel.load()
    (library,) = fresh.glob("parley/*")
    kernel.load.cache_clear()
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("compiled again"))
    assert kernel.load()
    assert library.suffix == ".so"


def test_a_home_that_cannot_be_written_to_is_no_hindrance(
    compiled: kernel.Kernel, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = fresh / "cc"  # what it is asked to compile has been compiled before
    compiler.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp {compiled.library} "$2"\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    monkeypatch.setenv("XDG_CACHE_HOME", str(compiler))
    assert kernel.load()


@pytest.mark.parametrize(
    ("compiler", "said"),
    [("", "without a C compiler"), ("/bin/false", "cannot be compiled"), ("/no/such/compiler", "cannot be compiled")],
)
def test_without_a_working_compiler_pytorch_goes_on_and_the_log_says_why(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, compiler: str, said: str
) -> None:
    monkeypatch.setenv("CC", compiler)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    caplog.set_level("INFO")
    assert isinstance(make_runner(int8(random_model(SHAPES[0])), 2, CPU), TorchRunner)
    assert said in caplog.text


def test_it_keeps_the_perplexity_of_the_built_in_model_within_one_percent(compiled: kernel.Kernel) -> None:
    model, tokenizer = bases.load_any("builtin")
    small = quantised_by_row(model, torch.tensor([tokenizer.encode(PROBE).ids]))
    assert small is not None
    texts = [tokenizer.encode(answer).ids for topic in read_topics() for answer in topic.assistant][:40]
    branches, counts = [Branch(0, 0, ids) for ids in texts], [len(ids) - 1 for ids in texts]
    with torch.inference_mode():
        runners = KernelRunner(compiled, small, 1), TorchRunner(model, 1, CPU)
        ours, right = (np.average(runner.log_likelihoods(branches, counts), weights=counts) for runner in runners)
    assert np.exp(right - ours) == pytest.approx(1, abs=0.01)
