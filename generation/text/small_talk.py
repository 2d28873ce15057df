"""Small talk of our own writing, made into conversations: greetings, thanks, jokes, complaints, goodbyes.

No reply states a fact about a shop; names come from the persona through the slots `{bot}` and `{shop}`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from generation.text.cleaning import SHOP
from generation.text.dialogues import Dialogue, Turn
from generation.text.personal import BOT

OPENERS = frozenset({"greeting", "greeting_time"})
CLOSERS = frozenset({"thanks", "goodbye", "goodnight", "holiday", "okay"})
NAMING = 3  # copying a name from the persona is the hardest thing to learn here
ANSWERS = {"how_are_you": "user_is_well", "joke": "laugh"}  # what people say next


@dataclass(frozen=True, slots=True)
class Topic:
    """Ways in which customers say one thing, and replies that fit any of them."""

    topic: str
    lang: str
    user: tuple[str, ...]
    assistant: tuple[str, ...]


def read_topics() -> list[Topic]:
    """The topics that come with this package."""
    file = resources.files("generation.text") / "data" / "small_talk.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [Topic(row["topic"], row["lang"], tuple(row["user"]), tuple(row["assistant"])) for row in rows]


def small_talk(topics: Sequence[Topic], count: int, rng: random.Random) -> list[Dialogue]:
    """`count` conversations of one to five exchanges.

    Every way of saying something comes up equally often, where the assistant names itself or its shop more so.
    """
    weights = {topic: len(topic.user) * (NAMING if _names(topic) else 1) for topic in topics}
    languages = sorted({topic.lang for topic in topics})
    shares = [sum(weights[topic] for topic in topics if topic.lang == language) for language in languages]
    spoken = rng.choices(languages, shares, k=count)
    return [
        _conversation([topic for topic in topics if topic.lang == language], rng, n, weights)
        for n, language in enumerate(spoken)
    ]


def _names(topic: Topic) -> bool:
    return sum(BOT in reply or SHOP in reply for reply in topic.assistant) * 2 > len(topic.assistant)


def _conversation(topics: Sequence[Topic], rng: random.Random, number: int, weights: dict[Topic, int]) -> Dialogue:
    def pick(names: frozenset[str], among: bool) -> Topic:
        fitting = [topic for topic in topics if (topic.topic in names) == among]
        return rng.choices(fitting, [weights[topic] for topic in fitting])[0]

    chain: list[Topic] = [pick(OPENERS, True)] if rng.random() < 0.3 else []
    for _ in range(rng.choice((1, 1, 2, 3))):
        chain.append(pick(OPENERS | CLOSERS, False))
        follow = ANSWERS.get(chain[-1].topic)
        if follow and rng.random() < 0.4:
            chain += [topic for topic in topics if topic.topic == follow]
    if rng.random() < 0.4:
        chain.append(pick(CLOSERS, True))
    turns = [turn for topic in chain for turn in _exchange(topic, rng)]
    return Dialogue(f"small_talk:{number}", "small_talk", chain[0].lang, tuple(turns))


def _exchange(topic: Topic, rng: random.Random) -> tuple[Turn, Turn]:
    return Turn("user", _typed(rng.choice(topic.user), rng)), Turn("assistant", rng.choice(topic.assistant))


def _typed(text: str, rng: random.Random) -> str:
    """The words as one person or another would type them: capitals and the closing mark come and go."""
    if rng.random() < 0.2:
        text = text.lower()
    if rng.random() < 0.2:
        text = text.rstrip("?!.？！。") or text
    if rng.random() < 0.1 and text[-1].isalpha() and text.isascii():
        text += rng.choice((".", "!", "?") if text[-1] != "?" else ("",))
    return text
