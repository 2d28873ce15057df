"""What may be said of a customer, in words: only where nobody else reads along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.messages import Draft, Fact, Request
from bot.phrases import Phrases


def refusal(request: Request, phrases: Phrases) -> Draft:
    """What is said instead where others read along."""
    return Draft(phrases.text("write_privately", request.language), "command", 1.0, request.language)


def listed(facts: Sequence[Fact], language: str, phrases: Phrases) -> Iterator[str]:
    """One numbered line for each fact: what it is, since when, and the words that support it."""
    for number, fact in enumerate(facts, 1):
        yield phrases.text(
            "me_fact",
            language,
            number=str(number),
            kind=phrases.text(f"fact_{fact.kind}", language),
            value=spoken(fact.value, language, phrases) if fact.kind == "language" else fact.value,
            when=f"{fact.created_at:%Y-%m-%d}",
            quote=" ".join(fact.quote.split()),
        )


def spoken(code: str, language: str, phrases: Phrases) -> str:
    """A language by its own name, if the bot speaks it."""
    return phrases.text("language_name", code) if code in phrases.languages else code
