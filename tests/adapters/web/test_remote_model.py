"""One bot as the language model of another: our client of OpenAI's protocol against our own routes."""

from __future__ import annotations

from dataclasses import dataclass

from generation.remote.openai import OpenAITextModel
from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import Site


@dataclass(frozen=True)
class Said:
    role: str
    text: str


@dataclass(frozen=True)
class Prompt:
    persona: str = "Be kind."
    profile: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    turns: tuple[Said, ...] = (Said("user", "Hello"), Said("assistant", "Hi"), Said("user", "one two three"))


async def test_words_are_streamed_and_turns_handed_over(site: Site, echo: Echo) -> None:
    model = OpenAITextModel(f"{site.url}/v1", "parley")
    await model.check()
    pieces = [piece async for piece in model.stream(Prompt())]
    await model.close()
    assert "".join(pieces) == "You said: one two three"
    assert len(pieces) > 1
    assert [turn.text for turn in echo.turns[-1].history] == ["Hello", "Hi"]
