"""The way of one turn through the core: guard, language, intent, skill, trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.guard import Guard
from bot.messages import Attachment, Claim, Conversation, Draft, Message, Request, Role, Turn
from bot.phrases import Phrases
from bot.pipeline import Pipeline
from bot.protocols import Publish
from bot.routing.router import Router

PHRASES = Phrases()
ROUTER = Router.load(PHRASES)


class Recorder:
    """A skill that remembers what it was asked and says so."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.requests: list[Request] = []

    async def run(self, request: Request, publish: Publish) -> Draft:
        self.requests.append(request)
        publish("certain ")
        return Draft(f"{self._name}: {request.text}", "answer", 0.9, request.language, trace={"why": self._name})


class Bench:
    def __init__(self, language: str = "auto") -> None:
        self.skills = {
            name: Recorder(name) for name in ("question", "chat", "handoff", "command", "image", "attachment")
        }
        guard = Guard(message_characters=1000, messages_per_minute=30)
        self.pipeline = Pipeline(guard=guard, router=ROUTER, skills=self.skills, phrases=PHRASES, language=language)
        self.published: list[str] = []

    async def say(self, *texts: str, before: Sequence[tuple[Role, str]] = (), **more: Any) -> Draft:
        return await self.pipeline.reply(turn(texts, before, **more), self.published.append)


def turn(
    texts: Sequence[str],
    before: Sequence[tuple[Role, str]] = (),
    spoke: str | None = None,
    chose: str | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> Turn:
    """Messages to answer, the first with the attachments, after those before them."""
    lines: list[tuple[Role, str]] = [*before, *(("user", text) for text in texts)]
    messages = [Message(str(n), n, role, text, datetime.now(UTC)) for n, (role, text) in enumerate(lines, 1)]
    messages[len(before)] = replace(messages[len(before)], attachments=attachments)
    conversation = Conversation("c", "web", "c", "ada", language=spoke, chosen_language=chose)
    return Turn(Claim("c", "w", 1), conversation, tuple(messages[len(before) :]), tuple(messages[: len(before)]))


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("How long does shipping take?", "question"),
        ("hi", "chat"),
        ("Can I talk to a real person?", "handoff"),
        ("我要找人工客服", "handoff"),
        ("/help", "command"),
        ("<script>alert(1)</script>", "question"),
        ("'; DROP TABLE messages; --", "question"),
        ("مرحبا، كم تكلفة الشحن؟", "question"),
    ],
)
async def test_each_intent_has_its_skill(text: str, skill: str) -> None:
    bench = Bench()
    draft = await bench.say(text)
    assert [name for name, recorder in bench.skills.items() if recorder.requests] == [skill]
    assert draft.trace["routing"]["intent"] == skill
    assert draft.trace["why"] == skill
    assert set(draft.trace["seconds"]) == {"guard", "route", "facts", skill}
    assert bench.published == ["certain "]


async def test_a_burst_is_one_request() -> None:
    bench = Bench()
    await bench.say("hi", "my order", "is late, how do I find it?")
    assert bench.skills["question"].requests[0].text == "hi\nmy order\nis late, how do I find it?"


async def test_the_skill_sees_the_conversation_before() -> None:
    bench = Bench()
    await bench.say("and how much is that?", before=[("user", "do you ship abroad?"), ("assistant", "Yes.")])
    assert [turn.text for turn in bench.skills["question"].requests[0].history] == ["do you ship abroad?", "Yes."]


async def test_the_command_and_its_argument_reach_the_skill() -> None:
    bench = Bench()
    await bench.say("/language zh")
    request = bench.skills["command"].requests[0]
    assert (request.kind, request.argument) == ("language", "zh")


@pytest.mark.parametrize(
    ("text", "key"),
    [("", "empty"), ("\x00\x01\x1b", "empty"), ("x" * 1001, "too_long"), (" \n\t ", "empty")],
)
async def test_what_cannot_be_read_gets_a_polite_word(text: str, key: str) -> None:
    bench = Bench()
    draft = await bench.say(text)
    assert draft.text == PHRASES.text(key, "en")
    assert draft.route == "decline"
    assert not any(recorder.requests for recorder in bench.skills.values())


async def test_the_polite_word_is_in_the_customers_language() -> None:
    assert (await Bench().say("你" * 1001)).text == PHRASES.text("too_long", "zh")
    assert (await Bench().say("", spoke="de")).text == PHRASES.text("empty", "de")


async def test_emoji_alone_are_small_talk_in_the_language_spoken_before() -> None:
    bench = Bench()
    draft = await bench.say("😀😀", spoke="zh")
    assert bench.skills["chat"].requests
    assert draft.language == "zh"


async def test_the_operator_may_fix_the_language() -> None:
    assert (await Bench(language="zh").say("How long does shipping take?")).language == "zh"


async def test_thirty_one_messages_in_a_minute_are_too_fast() -> None:
    bench = Bench()
    drafts = [await bench.say("hello there") for _ in range(31)]
    assert drafts[29].trace["why"] == "chat"
    assert drafts[30].text == PHRASES.text("too_fast", "en")


async def test_after_a_failure_the_customer_is_told_and_a_person_is_fetched() -> None:
    draft = Bench().pipeline.apology(turn(["你好，请问运费多少？"]))
    assert (draft.route, draft.state, draft.text) == ("handoff", "waiting", PHRASES.text("apology", "zh"))


FILE = Attachment("image", "file:f_1", "image/png")


async def test_files_without_a_word_have_a_skill_of_their_own() -> None:
    bench = Bench()
    draft = await bench.say("", "", spoke="de", attachments=(FILE,))
    assert (draft.text, draft.language) == ("attachment: ", "de")
    assert bench.skills["attachment"].requests[0].turn.messages[0].attachments == (FILE,)


async def test_a_wish_for_a_picture_reaches_its_skill_with_what_to_draw() -> None:
    bench = Bench()
    await bench.say("Please draw me a red dress!")
    request = bench.skills["image"].requests[0]
    assert (request.kind, request.argument) == ("draw", "a red dress")


async def test_words_beside_a_file_are_answered() -> None:
    bench = Bench()
    await bench.say("", "How do I wash this jacket?", attachments=(FILE,))
    assert bench.skills["question"].requests[0].text == "How do I wash this jacket?"


async def test_a_language_that_the_customer_has_chosen_is_kept_whatever_they_write() -> None:
    bench = Bench()
    for text in ("ok", "How long does shipping take to the other side of the world?"):
        assert (await bench.say(text, spoke="en", chose="zh")).language == "zh"


async def test_the_operators_choice_of_a_language_comes_before_the_customers() -> None:
    assert (await Bench(language="de").say("hello", chose="zh")).language == "de"
