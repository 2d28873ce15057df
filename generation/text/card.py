"""The model card of a trained model: what it is, what it was made from, how well it does, what it cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.text.lineage import Lineage
from generation.text.model import GPT2
from generation.text.report import Report
from generation.text.runs import State
from generation.text.samples import PERSONA, sample_conversations
from generation.text.voices import Voice

LIMITS = """\
- A small model: it keeps a tone and a thread, but it knows nothing. What it says about a shop must come from \
passages in its context, and must be checked against them.
- It may invent numbers, dates and names; never show its words as facts unchecked.
- Its language is that of its data (see above); in others it babbles.
- It can repeat what its training data says, including its biases and its mistakes.
"""


@dataclass(frozen=True)
class Card:
    """What a run tells of its model; perplexities are (per token, per word) by held-out set."""

    options: Mapping[str, Any]
    state: State
    perplexities: Mapping[str, tuple[float, float]]
    lineage: Lineage
    cleaning: Report
    voice: Voice | None = None


def write_card(folder: Path, model: GPT2, card: Card, *, samples: bool = True) -> None:
    """Writes README.md beside the saved weights, with sample conversations if wanted."""
    text = f"""# {folder.name}: a GPT-2 for customer conversations

{_size(model)}
{_course(card)}

## Data

| file | SHA-256 (start) |
| --- | --- |
{_rows((name, f"`{digest[:16]}`") for name, digest in sorted(card.lineage.data.items()))}

{len(card.lineage.training):,} conversations to learn from and {len(card.lineage.validation):,} held out; \
`run/lineage.json` names them. What cleaning did (`run/dropped.csv` names what was left out):

```
{chr(10).join(card.cleaning.lines())}
```

## Held-out perplexity

| set | per token | per word |
| --- | --- | --- |
{_rows((source, f"{token:.2f}", f"{word:.1f}") for source, (token, word) in sorted(card.perplexities.items()))}

{"All turns count" if card.options["user_weight"] else "The assistant's turns count"}; words are counted by white space.

## Limits

{LIMITS}"""
    if samples:
        text += _samples(folder, card.voice.persona if card.voice else PERSONA)
    (folder / "README.md").write_text(text, "utf-8")


def _course(card: Card) -> str:
    options, state, lineage = card.options, card.state, card.lineage
    lora = f", LoRA of rank {options['rank']}" if options["lora"] else ""
    digest = f" (weights `{lineage.base_digest[:16]}`)" if lineage.base_digest else ""
    before = f", itself from {' and '.join(f'`{name}`' for name in lineage.ancestors)}" if lineage.ancestors else ""
    step, loss = state.validation[state.best]
    return (
        f"Base: `{lineage.base}`{digest}{before}{lora}. {state.step:,} steps, {state.tokens / 1e6:.2f} million tokens, "
        f"{state.seconds / 60:.0f} minutes, seed {options['seed']}. The weights are those of step {step:,}, which did "
        f"best in validation ({loss:.3f} nats per token)."
    )


def _samples(folder: Path, persona: str) -> str:
    return f"""
## Sample conversations

Unedited, with fixed seeds, temperature 0.7, top-k 40, top-p 0.9, repetition penalty 1.15. Persona: "{persona}"
{chr(10).join(sample_conversations(folder, persona))}
"""


def _size(model: GPT2) -> str:
    shape = model.shape
    parameters = sum(weight.numel() for weight in model.parameters())
    return (
        f"{parameters / 1e6:.1f} million parameters: {shape.layers} layers, {shape.width} wide, {shape.heads} heads, "
        f"context {shape.context}, vocabulary {shape.vocabulary} (byte-level BPE)."
    )


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
