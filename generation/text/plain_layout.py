"""A layout in plain text, for GPT-2s that were never taught our special tokens."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from generation.text.layout import Prompt, Said, Speaker

NAMES = {"user": "Customer", "assistant": "Assistant"}


class PlainLayout:
    """Renders prompts as a transcript; a reply ends where the next speaker's line would begin."""

    stop_texts: tuple[str, ...] = ("\nCustomer:", "\nAssistant:")

    def __init__(self, tokenizer: Tokenizer, context: int, end: int | None) -> None:
        self.tokenizer = tokenizer
        self.context = context
        self.stop_ids = frozenset(() if end is None else (end,))

    def encode(self, text: str) -> list[int]:
        """The tokens of plain words."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def words(self, text: str) -> list[int]:
        """The tokens of words that follow a speaker's name."""
        return self.encode(f" {text}")

    def render(self, prompt: Prompt, room: int, role: Speaker = "assistant") -> list[int]:
        """Ids up to the point where `role` speaks; oldest turns go first when it is too long, then later passages."""
        budget = max(self.context - room, 8)
        turns = list(prompt.turns)
        passages = list(prompt.passages)
        while True:
            ids = self.encode(transcript(prompt, passages, turns, role))
            if len(ids) <= budget:
                return ids
            if len(turns) > 1:
                turns.pop(0)
            elif passages:
                passages.pop()
            else:
                return ids[: budget // 3] + ids[len(ids) - (budget - budget // 3) :]


def transcript(prompt: Prompt, passages: Sequence[str], turns: Sequence[Said], role: Speaker) -> str:
    """The prompt as plain text, with these of its passages and turns, up to where `role` speaks."""
    head = "\n".join(part for part in (prompt.persona, *prompt.profile, *passages) if part)
    lines = [f"{NAMES['user' if turn.role == 'user' else 'assistant']}: {turn.text}" for turn in turns]
    return "\n".join([head, *lines, f"{NAMES[role]}:"]).lstrip()
