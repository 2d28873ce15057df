"""A model behind a server of OpenAI's protocol, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from generation.errors import EngineBusy, GenerationCancelled, GenerationError
from generation.remote.openai import OpenAITextModel
from tests.generation.remote import server
from tests.generation.remote.server import Fault, Server, status
from tests.generation.text.conftest import Prompt, Said

PROMPT = Prompt(
    "Be kind.",
    ("Name: Ann",),
    ("Returns are free.",),
    (Said("user", "Hi"), Said("assistant", "Hello"), Said("user", "?")),
)


@pytest.fixture
async def remote() -> AsyncIterator[Server]:
    async with server.running() as running:
        yield running


@pytest.fixture
async def model(remote: Server) -> AsyncIterator[OpenAITextModel]:
    model = OpenAITextModel(remote.url, "big", api_key="secret", timeout_seconds=10)
    yield model
    await model.close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.remote.client._pause", lambda attempt: 0.0)


async def said(model: OpenAITextModel, prompt: Prompt = PROMPT, **settings: float) -> str:
    return "".join([piece async for piece in model.stream(prompt, **settings)])  # type: ignore[arg-type]


async def test_words_come_as_the_server_sends_them(remote: Server, model: OpenAITextModel) -> None:
    assert [piece async for piece in model.stream(PROMPT)] == ["Hello", " you", "!"]
    assert remote.authorization == "Bearer secret"


async def test_the_prompt_becomes_messages(remote: Server, model: OpenAITextModel) -> None:
    await said(model, temperature=0.1, seed=5, max_new_tokens=9)
    asked = remote.asked[0]
    assert asked["messages"] == [
        {"role": "system", "content": "Be kind.\n\nName: Ann\n\nReturns are free."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "?"},
    ]
    assert (asked["temperature"], asked["seed"], asked["max_tokens"], asked["model"]) == (0.1, 5, 9, "big")


async def test_oldest_turns_give_way_and_persona_and_question_stay(remote: Server) -> None:
    model = OpenAITextModel(remote.url, "big", context_tokens=200, max_new_tokens=50)
    turns = tuple(Said("user", f"{number} " + "word " * 20) for number in range(30))
    await said(model, Prompt("Be kind.", turns=turns))
    await model.close()
    messages = remote.asked[0]["messages"]
    assert messages[0]["content"] == "Be kind."
    assert messages[-1]["content"].startswith("29 ")
    assert 2 < len(messages) < 8


async def test_stop_strings_end_the_reply_even_if_the_server_goes_on(remote: Server, model: OpenAITextModel) -> None:
    remote.words = ["One. ", "Two\nCust", "omer: three"]
    assert "".join([piece async for piece in model.stream(PROMPT, stop=["\nCustomer:"])]) == "One. Two"
    assert remote.asked[0]["stop"] == ["\nCustomer:"]


@pytest.mark.parametrize("fault", [status(500), status(503), status(429), status(429, **{"Retry-After": "0"})])
async def test_what_may_pass_is_tried_again(remote: Server, model: OpenAITextModel, fault: Fault) -> None:
    remote.faults = [fault, fault]
    assert await said(model) == "Hello you!"
    assert len(remote.asked) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(401, "bad key"), r"refuses the API key \(401\): bad key"),
        (status(404, "no such model"), "404: no such model"),
        (status(400, "maximum context length is 4096"), "400: maximum context"),
    ],
)
async def test_what_will_not_pass_is_told_at_once(
    remote: Server, model: OpenAITextModel, fault: Fault, reason: str
) -> None:
    remote.faults = [fault]
    with pytest.raises(GenerationError, match=reason):
        await said(model)
    assert len(remote.asked) == 1


async def test_an_overloaded_server_is_busy_for_as_long_as_it_says(remote: Server, model: OpenAITextModel) -> None:
    remote.faults = [status(429, "slow down", **{"Retry-After": "30"})]
    with pytest.raises(EngineBusy, match="slow down") as caught:
        await said(model)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    ("fault", "reason"), [(server.cut_off, "broke off"), (server.failing_midway, "the engine died")]
)
async def test_an_answer_that_breaks_off_is_an_error_after_the_words_so_far(
    remote: Server, model: OpenAITextModel, fault: Fault, reason: str
) -> None:
    remote.faults = [fault]
    pieces = model.stream(PROMPT)
    assert await anext(pieces) == "Hel"
    with pytest.raises(GenerationError, match=reason):
        await anext(pieces)


async def test_a_server_that_falls_silent_is_left(remote: Server, model: OpenAITextModel) -> None:
    remote.faults = [server.silent]
    with pytest.raises(GenerationCancelled, match=r"within 0\.3 seconds"):
        await said(model, timeout=0.3)


async def test_closing_the_iterator_ends_the_request(remote: Server, model: OpenAITextModel) -> None:
    remote.faults = [remote.endless]
    pieces = model.stream(PROMPT)
    assert await anext(pieces)
    await pieces.aclose()
    await asyncio.wait_for(remote.left.wait(), 10)


async def test_a_server_that_is_not_there_is_told() -> None:
    model = OpenAITextModel("http://127.0.0.1:9/v1", "big", retries=1)
    with pytest.raises(GenerationError, match="cannot be reached"):
        await said(model)
    await model.close()


async def test_more_requests_than_can_wait_are_refused(remote: Server) -> None:
    model = OpenAITextModel(remote.url, "big", max_requests=2, queue=3)
    results = await asyncio.gather(*(said(model) for _ in range(40)), return_exceptions=True)
    assert sum(result == "Hello you!" for result in results) == 5
    assert sum(isinstance(result, EngineBusy) for result in results) == 35
    assert await said(model) == "Hello you!"
    await model.close()


async def test_scores_are_the_mean_likelihood_of_the_words_alone(remote: Server, model: OpenAITextModel) -> None:
    scores = await model.score([PROMPT, Prompt()], ["aaaa", "xx"], "user")
    assert list(scores) == [pytest.approx((4 * -1 - 3) / 5), -3.0]  # a space leads in


@pytest.mark.parametrize("answer", [status(404, "no completions here"), server.begin])
async def test_a_server_without_likelihoods_cannot_score(remote: Server, model: OpenAITextModel, answer: Fault) -> None:
    remote.faults = [answer]
    with pytest.raises(GenerationError):
        await model.score([PROMPT], ["aaaa"], "user")


async def test_the_check_names_the_models_that_there_are(remote: Server, model: OpenAITextModel) -> None:
    await model.check()
    other = OpenAITextModel(remote.url, "huge")
    with pytest.raises(GenerationError, match="no model 'huge'; it has big"):
        await other.check()
    await other.close()


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("Hello there", 4), ("您好", 2)])
async def test_tokens_are_estimated(model: OpenAITextModel, text: str, tokens: int) -> None:
    assert model.count(text) == tokens
