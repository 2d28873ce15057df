"""Plays stories with a bot and says where it departs from them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import regex

from bot.messages import Reply
from bot.stories.reading import Expectation, Step, Story

Say = Callable[[str], Awaitable[Reply]]
"""Sends the next message of one conversation."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A reply that is not what its step wants: `wanted` and `got` are lines, one for each requirement missed."""

    step: Step
    reply: Reply
    wanted: tuple[str, ...]
    got: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a story went."""

    story: Story
    departures: tuple[Departure, ...]

    @property
    def passed(self) -> bool:
        return not self.departures

    def lines(self) -> Iterator[str]:
        """One line for a story that passed; for another what was said and, as in a diff, wanted (-) and got (+)."""
        yield f"{'passed' if self.passed else 'FAILED'}  {self.story.file}: {self.story.name}"
        for departure in self.departures:
            yield f"    line {departure.step.line}"
            yield f"    user: {departure.step.user}"
            yield f"    bot ({departure.reply.route}): {' '.join(departure.reply.text.split())}"
            for wanted, got in zip(departure.wanted, departure.got, strict=True):
                yield f"      - {wanted}"
                yield f"      + {got}"


async def play(story: Story, say: Say) -> Outcome:
    """Plays one story to its end, also after a departure, since later steps may show more."""
    departures = []
    for step in story.steps:
        reply = await say(step.user)
        missed = list(_missed(step.bot, reply))
        if missed:
            wanted, got = zip(*missed, strict=True)
            departures.append(Departure(step, reply, wanted, got))
    return Outcome(story, tuple(departures))


def _missed(wanted: Expectation, reply: Reply) -> Iterator[tuple[str, str]]:
    """Each requirement that the reply does not meet, with what there is instead."""
    if wanted.routes and reply.route not in wanted.routes:
        yield f"route: {' or '.join(wanted.routes)}", f"route: {reply.route}"
    cited = [f"{citation.source} {citation.title} {citation.quote}" for citation in reply.citations]
    sources = ", ".join(citation.source for citation in reply.citations) or "none"
    for text in wanted.citations:
        if not any(_contains(words, text) for words in cited):
            yield f"citation: {text}", f"citations: {sources}"
    for text in wanted.contains:
        if not _contains(reply.text, text):
            yield f"contains: {text}", "it does not"
    for text in wanted.never:
        if _contains(reply.text, text):
            yield f"never: {text}", "it does"


def _contains(text: str, part: str) -> bool:
    """Whether the part occurs, whatever the case and the white space; letters at its ends begin and end words."""
    plain, wanted = (" ".join(words.split()) for words in (text, part))
    start = r"(?<!\w)" if wanted[0].isalnum() and wanted[0].isascii() else ""
    end = r"(?!\w)" if wanted[-1].isalnum() and wanted[-1].isascii() else ""
    return regex.search(start + regex.escape(wanted, special_only=True) + end, plain, regex.IGNORECASE) is not None
