"""The sources of a reply as a message of their own, in the Markdown subset of adapters.markup."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Citation

LONGEST_QUOTE = 400


def sources_text(title: str, citations: Sequence[Citation]) -> str:
    """A numbered list: each source by its name, as a link where it is one, with the words that were used."""
    entries = [f"{number}. {_name(citation)}\n> {_quote(citation)}" for number, citation in enumerate(citations, 1)]
    return "\n\n".join([f"**{title}**", *entries])


def _name(citation: Citation) -> str:
    name = " ".join(citation.title.translate({ord("["): "(", ord("]"): ")"}).split())
    if citation.source.startswith(("https://", "http://")):
        return f"[{name or citation.source}]({citation.source})"
    return f"{name} ({citation.source})" if citation.source and citation.source not in name else name


def _quote(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    return quote if len(quote) <= LONGEST_QUOTE else f"{quote[: LONGEST_QUOTE - 1]}…"
