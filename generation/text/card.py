"""The model card of a trained model: what it is, what it was made from, how well it does, what it cannot do."""

from __future__ import annotations

from pathlib import Path

from generation.text.model import GPT2
from generation.text.runs import Run, State
from generation.text.samples import PERSONA, sample_conversations

LIMITS = """\
- A small model: it keeps a tone and a thread, but it knows nothing. What it says about a shop must come from \
passages in its context, and must be checked against them.
- It may invent numbers, dates and names; never show its words as facts unchecked.
- Its language is that of its data (see above); in others it babbles.
- It can repeat what its training data says, including its biases and its mistakes.
"""


def write_card(folder: Path, run: Run, state: State, model: GPT2, perplexities: dict[str, tuple[float, float]]) -> None:
    """Writes README.md beside the saved weights; perplexities are (per token, per word) by held-out set."""
    shape = model.shape
    parameters = sum(weight.numel() for weight in model.parameters())
    options = run.identity["options"]
    data = "\n".join(f"| {name} | `{digest[:16]}` |" for name, digest in sorted(run.identity["data"].items()))
    scores = "\n".join(
        f"| {source} | {token:.2f} | {word:.1f} |" for source, (token, word) in sorted(perplexities.items())
    )
    samples = "\n".join(sample_conversations(folder))
    text = f"""# {folder.name}: a GPT-2 for customer conversations

{parameters / 1e6:.1f} million parameters: {shape.layers} layers, {shape.width} wide, {shape.heads} heads, \
context {shape.context}, vocabulary {shape.vocabulary} (byte-level BPE).
Base: `{options["base"]}`{", LoRA" if options["lora"] else ""}. {state.step:,} steps, {state.tokens / 1e6:.2f} million \
tokens, {state.seconds / 60:.0f} minutes, seed {options["seed"]}.

## Data

| file | SHA-256 (start) |
| --- | --- |
{data}

## Held-out perplexity

| set | per token | per word |
| --- | --- | --- |
{scores}

All turns count, both the customer's and the assistant's; words are counted by white space.

## Limits

{LIMITS}
## Sample conversations

Unedited, with fixed seeds, temperature 0.7, top-k 40, top-p 0.9, repetition penalty 1.15. Persona: "{PERSONA}"
{samples}
"""
    (folder / "README.md").write_text(text, "utf-8")
