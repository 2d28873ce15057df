"""The engine gives the tokens that transformers gives, whoever joins or leaves, and keeps its bounds."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.text.model import GPT2
from generation.text.serving.cache import Segment
from generation.text.serving.decoder import Decoder
from generation.text.serving.engine import Engine
from generation.text.serving.requests import Active, Request
from generation.text.serving.rules import Rules, no_repeat
from generation.text.serving.runner import Runner, Tokens
from generation.text.serving.sampling import Sampling
from tests.generation.text.serving.replies import GREEDY, Reply, ask, expected


@pytest.fixture
def engine(model: GPT2) -> Iterator[Engine]:
    engine = Engine(model, device=torch.device("cpu"), max_batch=3, queue=40, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    return transformers.GPT2LMHeadModel.from_pretrained(folder)


def test_greedy_tokens_equal_those_of_transformers_in_ragged_batches_with_joins_and_leaves(
    engine: Engine, reference: Any, model: GPT2
) -> None:
    rng = random.Random(3)
    asked = []
    for _ in range(12):  # four times as many as fit at once, each of another length: they join and leave all the time
        ids = [rng.randrange(model.shape.vocabulary) for _ in range(rng.randint(1, 40))]
        count = rng.randint(1, 20)
        asked.append((ids, count, ask(engine, ids, count)[0]))
    for ids, count, reply in asked:
        assert reply.wait() == expected(reference, ids, count)


def test_a_long_prompt_is_read_between_the_words_of_others(model: GPT2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.text.serving.engine.STRETCH", 7)
    passes: list[list[int]] = []
    whole_pass = Runner.launch

    def noting(runner: Runner, segments: Sequence[Segment], speaking: Sequence[Active]) -> Tokens:
        passes.append([len(segment.ids) for segment in segments])
        return whole_pass(runner, segments, speaking)

    monkeypatch.setattr(Runner, "launch", noting)
    engine = Engine(model, device=torch.device("cpu"), max_batch=2)
    gate, reply = Gate(), Reply()
    engine.submit(Request([1], 30, GREEDY, frozenset(), 20, gate.on_token, reply.on_end))
    gate.said.get(timeout=20)
    long, _ = ask(engine, [random.Random(5).randrange(300) for _ in range(40)], 2)
    gate.go.release(50)
    assert len(long.wait()) == 2
    while_reading = [lengths for lengths in passes[1:] if max(lengths) > 1]
    assert while_reading == [[1, 7]] * 5 + [[1, 5]]  # a word of the first reply in every pass
    engine.close()


def test_a_prompt_longer_than_one_stretch_is_read_in_parts(
    reference: Any, model: GPT2, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.text.serving.engine.STRETCH", 7)
    engine = Engine(model, device=torch.device("cpu"), max_batch=2)
    ids = [random.Random(5).randrange(model.shape.vocabulary) for _ in range(45)]
    try:
        assert ask(engine, ids, 12)[0].wait() == expected(reference, ids, 12)
    finally:
        engine.close()


def test_a_seed_gives_the_same_tokens_alone_and_in_company(engine: Engine) -> None:
    warm = Sampling(temperature=1.5, top_k=50, top_p=0.95)
    alone = ask(engine, [5, 6, 7], 20, warm, seed=11)[0].wait()
    company = [ask(engine, [9] * 9, 20, warm, seed=number)[0] for number in range(5)]
    together = ask(engine, [5, 6, 7], 20, warm, seed=11)[0].wait()
    others = [reply.wait() for reply in company]
    assert together == alone
    assert any(other != alone for other in others)


def test_a_stop_token_ends_the_reply_and_is_not_said(engine: Engine, reference: Any) -> None:
    words = expected(reference, [5, 6, 7], 20)
    reply = Reply()
    engine.submit(Request([5, 6, 7], 20, GREEDY, frozenset({words[4]}), 20, reply.on_token, reply.on_end))
    assert reply.wait() == words[: words.index(words[4])]


class Gate:
    """Lets a reply's tokens through only when told, so that a test decides how far the engine is."""

    def __init__(self) -> None:
        self.said: queue.Queue[int] = queue.Queue()
        self.go = threading.Semaphore(0)

    def on_token(self, token: int) -> None:
        self.said.put(token)
        assert self.go.acquire(timeout=20)


def test_a_cancelled_reply_leaves_and_its_place_is_used_again(engine: Engine) -> None:
    gates, replies, actives = [], [], []
    for _ in range(3):
        gate, reply = Gate(), Reply()
        actives.append(engine.submit(Request([1], 50, GREEDY, frozenset(), 20, gate.on_token, reply.on_end)))
        gates.append(gate)
        replies.append(reply)
    waiting, _ = ask(engine, [2, 3], 4)
    gates[0].said.get(timeout=20)
    for active in actives:
        active.cancel()
    for gate in gates:
        gate.go.release(50)
    for reply in replies:
        with pytest.raises(GenerationCancelled):
            reply.wait()
    assert len(waiting.wait()) == 4


def test_a_reply_that_takes_too_long_is_cut_off(engine: Engine) -> None:
    gate, reply = Gate(), Reply()
    engine.submit(Request([1], 50, GREEDY, frozenset(), 0.05, gate.on_token, reply.on_end))
    gate.said.get(timeout=20)
    assert not reply.ended.wait(0.1)
    gate.go.release(50)
    with pytest.raises(GenerationCancelled, match=r"within 0\.05 seconds"):
        reply.wait()


def test_a_full_queue_refuses_at_once(model: GPT2) -> None:
    engine = Engine(model, device=torch.device("cpu"), max_batch=1, queue=2)
    gate, reply = Gate(), Reply()
    engine.submit(Request([1], 3, GREEDY, frozenset(), 20, gate.on_token, reply.on_end))
    gate.said.get(timeout=20)
    queued = [ask(engine, [2], 3)[0] for _ in range(2)]
    with pytest.raises(EngineBusy) as caught:
        ask(engine, [3], 3)
    assert caught.value.retry_after > 0
    assert engine.counts.refused == 1
    gate.go.release(50)
    assert [len(reply.wait()) for reply in queued] == [3, 3]
    engine.close()


def test_ten_thousand_requests_at_once_are_answered_or_refused(model: GPT2) -> None:
    engine = Engine(model, device=torch.device("cpu"), max_batch=4, queue=20)
    accepted, refused = [], 0
    for _ in range(10_000):
        try:
            accepted.append(ask(engine, [1, 2], 1)[0])
        except EngineBusy:
            refused += 1
    assert refused
    assert all(len(reply.wait()) == 1 for reply in accepted)
    engine.close()


def test_an_empty_prompt_is_refused(engine: Engine) -> None:
    with pytest.raises(GenerationError, match="empty"):
        ask(engine, [], 5)


def test_a_reply_is_one_of_the_choices(engine: Engine, reference: Any) -> None:
    free = expected(reference, [5, 6, 7], 3)
    choices = (tuple(free), (1, 2), (1, 2, 3), (9,))
    assert tuple(ask(engine, [5, 6, 7], 5, rules=Rules(choices=choices))[0].wait()) == tuple(free)
    others = Rules(choices=choices[1:])
    assert tuple(ask(engine, [5, 6, 7], 5, rules=others)[0].wait()) in choices[1:]


def test_what_the_rules_refuse_is_not_said_and_others_say_what_they_would(engine: Engine, reference: Any) -> None:
    free = expected(reference, [5, 6, 7], 12)
    company, _ = ask(engine, [5, 6, 7], 12)
    ruled = ask(engine, [5, 6, 7], 12, rules=Rules((no_repeat(1), lambda _, token: token == free[0])))[0].wait()
    assert free[0] not in ruled
    assert len(set(ruled)) == len(ruled) == 12
    assert company.wait() == free


def test_a_reply_whose_rules_refuse_everything_ends(engine: Engine) -> None:
    reply = Reply()
    nothing = Rules((lambda *_: True,))
    engine.submit(Request([1], 9, GREEDY, frozenset({3}), 20, reply.on_token, reply.on_end, rules=nothing))
    assert reply.wait() == []


def test_it_counts_what_it_did(engine: Engine) -> None:
    for _ in range(2):
        ask(engine, [*range(30)], 4)[0].wait()
    counts = engine.counts
    assert (counts.prompt_tokens, counts.reused_tokens, counts.new_tokens, counts.steps) == (60, 29, 8, 8)
    assert counts.hit_rate == pytest.approx(29 / 60)


@pytest.mark.parametrize("stray", [-1, 100_000])
def test_tokens_that_the_model_does_not_have_are_refused(engine: Engine, stray: int) -> None:
    with pytest.raises(GenerationError, match="has tokens 0 to"):
        ask(engine, [1, stray], 5)
    with pytest.raises(GenerationError, match="has tokens 0 to"):
        engine.score([[1]], [[stray]])


def test_a_prompt_beyond_the_context_is_refused(engine: Engine) -> None:
    with pytest.raises(GenerationError, match="exceed 64"):
        ask(engine, [1] * 60, 5)


def test_closing_ends_what_runs_and_what_waits(model: GPT2) -> None:
    engine = Engine(model, device=torch.device("cpu"), max_batch=1, queue=5)
    gate, running = Gate(), Reply()
    engine.submit(Request([1], 50, GREEDY, frozenset(), 20, gate.on_token, running.on_end))
    gate.said.get(timeout=20)
    waiting, _ = ask(engine, [2], 3)
    closer = threading.Thread(target=engine.close)
    closer.start()
    gate.go.release(50)
    closer.join(20)
    for reply in (running, waiting):
        with pytest.raises(GenerationCancelled, match="shutting down"):
            reply.wait()
    with pytest.raises(GenerationCancelled):
        ask(engine, [3], 3)


def test_values_that_are_not_numbers_end_one_reply_with_an_error(model: GPT2) -> None:
    spoiled = GPT2(model.shape)
    spoiled.load_state_dict(model.state_dict())
    with torch.no_grad():
        spoiled.transformer.wpe.weight[10] = float("nan")  # whoever gets as far as position 10
    engine = Engine(spoiled, device=torch.device("cpu"), max_batch=2)
    long, short = ask(engine, [1] * 8, 20)[0], ask(engine, [1], 5)[0]
    assert len(short.wait()) == 5
    with pytest.raises(GenerationError, match="not numbers"):
        long.wait()
    engine.close()


def test_a_failing_round_ends_its_replies_and_the_next_ones_are_answered(
    model: GPT2, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(model, device=torch.device("cpu"), max_batch=2)
    with monkeypatch.context() as patch:
        patch.setattr("generation.text.serving.runner.choose", lambda *_: 1 / 0)
        with pytest.raises(GenerationError, match="division by zero"):
            ask(engine, [1], 3)[0].wait()
    assert len(ask(engine, [1], 3)[0].wait()) == 3
    engine.close()


def test_out_of_memory_the_batch_shrinks_and_requests_are_tried_once_more(
    model: GPT2, reference: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole_step = Runner.launch

    def small_memory(runner: Runner, segments: Sequence[Segment], speaking: Sequence[Active]) -> Tokens:
        if len(segments) > 2 or len(segments[0].ids) > 30:
            raise torch.OutOfMemoryError("no room")
        return whole_step(runner, segments, speaking)

    monkeypatch.setattr(Runner, "launch", small_memory)
    engine = Engine(model, device=torch.device("cpu"), max_batch=4)
    replies = [ask(engine, [number] * 10, 40)[0] for number in range(4)]
    for number, reply in enumerate(replies):
        assert reply.wait() == expected(reference, [number] * 10, 40)
    assert engine.counts.retried
    assert "out of memory" in caplog.text
    with pytest.raises(GenerationError, match="no room"):
        ask(engine, [*range(200, 240)], 2)[0].wait()
    engine.close()


def test_a_gpu_without_room_for_the_model_is_only_a_warning(
    model: GPT2, reference: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_room(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("generation.text.serving.runners.GraphRunner", no_room)
    engine = Engine(model, device=torch.device("cuda"), max_batch=2)
    assert ask(engine, [5, 6, 7], 6)[0].wait() == expected(reference, [5, 6, 7], 6)
    assert "runs on the CPU" in caplog.text
    engine.close()


def test_after_a_device_fails_replies_come_from_the_cpu(model: GPT2, reference: Any) -> None:
    engine = Engine(model, device=torch.device("meta"), max_batch=2)  # a device that can compute no value
    assert ask(engine, [5, 6, 7], 6)[0].wait() == expected(reference, [5, 6, 7], 6)
    engine.close()


def test_scores_are_mean_log_likelihoods(engine: Engine, reference: Any) -> None:
    rng = random.Random(1)
    contexts = [[rng.randrange(300) for _ in range(rng.randint(1, 30))] for _ in range(30)]
    continuations = [[rng.randrange(300) for _ in range(rng.randint(1, 12))] for _ in range(30)]
    scores = engine.score(contexts, continuations).result(20)
    for context, continuation, score in zip(contexts, continuations, scores, strict=True):
        with torch.no_grad():
            logits = reference(torch.tensor([context + continuation])).logits[0, len(context) - 1 : -1]
        chances = logits.log_softmax(-1).gather(-1, torch.tensor(continuation)[:, None])
        assert score == pytest.approx(float(chances.mean()), abs=1e-4)


def test_a_context_that_continuations_share_is_read_once_and_scores_are_the_same(
    engine: Engine, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = [0]
    whole = Decoder.__call__

    def counting(decoder: Decoder, ids: torch.Tensor, *others: Any) -> torch.Tensor:
        read[0] += len(ids)
        return whole(decoder, ids, *others)

    monkeypatch.setattr(Decoder, "__call__", counting)
    context = [random.Random(4).randrange(300) for _ in range(40)]
    continuations = [[number, number + 1, 7] for number in range(12)]
    scores = engine.score([context] * 12, continuations).result(20)
    assert read[0] == 40 + 12 * (1 + 3)  # the last token of the context foretells the first word
    for continuation, score in zip(continuations, scores, strict=True):
        with torch.no_grad():
            logits = reference(torch.tensor([context + continuation])).logits[0, len(context) - 1 : -1]
        chances = logits.log_softmax(-1).gather(-1, torch.tensor(continuation)[:, None])
        assert score == pytest.approx(float(chances.mean()), abs=1e-4)


def test_a_reply_asked_for_several_times_at_once_is_read_once(engine: Engine) -> None:
    prompt = [random.Random(6).randrange(300) for _ in range(40)]
    gate, reply = Gate(), Reply()
    engine.submit(Request([1], 2, GREEDY, frozenset(), 20, gate.on_token, reply.on_end))
    gate.said.get(timeout=20)  # the three come while the engine is busy
    replies = [ask(engine, prompt, 3)[0] for _ in range(3)]
    gate.go.release(50)
    assert len({tuple(reply.wait()) for reply in replies}) == 1
    assert engine.counts.reused_tokens == 2 * 39


def test_a_context_beyond_the_model_loses_its_beginning(engine: Engine) -> None:
    long, short = [*range(100)], [*range(100 - 61, 100)]
    assert engine.score([long], [[1, 2, 3]]).result(20) == engine.score([short], [[1, 2, 3]]).result(20)


def test_words_flow_while_a_large_scoring_runs(engine: Engine) -> None:
    scoring = engine.score([[1] * 40] * 400, [[2] * 10] * 400)
    reply, _ = ask(engine, [1, 2], 5)
    assert len(reply.wait()) == 5
    assert not scoring.done()
    assert len(scoring.result(20)) == 400


def test_what_is_forgotten_is_computed_anew(engine: Engine) -> None:
    ask(engine, [*range(30)], 4)[0].wait()
    engine.forget()
    ask(engine, [*range(30)], 4)[0].wait()
    assert engine.counts.reused_tokens == 0
