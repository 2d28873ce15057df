"""How well a language model speaks: measured on dialogues that it has not seen."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generation.errors import ModelUnusable
from generation.text.cleaning import clean
from generation.text.dialogues import Dialogue, Turn
from generation.text.examples import Example, tell
from generation.text.local import LocalTextModel
from generation.text.report import Report
from generation.text.sources import read_corpus
from generation.text.voices import Voice

VOICE = Voice("Parley", "Sample Shop", "You are Parley, the assistant of Sample Shop.")
AT_ONCE = 64  # scorings in one call
CANDIDATES = 20
MOST_DIALOGUES = 200
MOST_REPLIES = 150


@dataclass(frozen=True, slots=True)
class Case:
    """A turn and the prompt before it."""

    prompt: Example
    turn: Turn


def evaluate_dialogue(model: str, file: Path, *, limit: int | None = None) -> dict[str, float]:
    """The figures of a model (name or folder) on a file of dialogues, cleaned as for training.

    Passages are looked up in `knowledge.jsonl.gz` or `knowledge.jsonl` beside the file. Without `limit` the first
    200 dialogues count. `perplexity` is per token, `words_perplexity` per word (by white space) of all turns;
    `response_r1` is how often the true reply is chosen among 20 by how much likelier it is made by its context;
    `distinct2`, `bleu4` and `chrf` (0 to 1) are of greedy replies. Raises ModelUnusable.
    """
    cases = read_cases(file, limit or MOST_DIALOGUES)
    engine = LocalTextModel.load(
        model, temperature=0.0, repetition_penalty=1.0, max_new_tokens=64, max_batch=16, timeout_seconds=3600
    )

    async def run() -> dict[str, float]:
        try:
            return await evaluate(engine, cases)
        finally:
            await engine.close()

    return asyncio.run(run())


def read_cases(file: Path, dialogues: int) -> list[Case]:
    """Every turn of the first dialogues of a file; raises ModelUnusable when there is none."""
    beside = [path for name in ("knowledge.jsonl.gz", "knowledge.jsonl") if (path := file.parent / name).is_file()]
    cleaned = clean(read_corpus([file, *beside]).dialogues, Report())
    cases = [case for dialogue in cleaned[:dialogues] for case in _cases(dialogue)]
    if not cases:
        raise ModelUnusable(f"{file} holds no dialogue that can be measured.")
    return cases


def _cases(dialogue: Dialogue) -> list[Case]:
    cases = []
    for number, turn in enumerate(dialogue.turns):
        given = Example(VOICE.persona, dialogue.profile, turn.passages[:4], dialogue.turns[:number])
        told = tell(given, VOICE, random.Random(dialogue.id))
        cases.append(Case(told, Turn(turn.role, VOICE.fill(turn.text), turn.passages)))
    return cases


async def evaluate(engine: LocalTextModel, cases: Sequence[Case], seed: int = 1) -> dict[str, float]:
    """The figures of an engine on turns."""
    rng = random.Random(seed)
    replies = [case for case in cases if case.turn.role == "assistant" and case.prompt.turns]
    chosen = rng.sample(replies, min(len(replies), MOST_REPLIES))
    said = await _replies(engine, chosen)
    meant = [case.turn.text for case in chosen]
    return {
        "turns": float(len(cases)),
        "replies": float(len(chosen)),
        **await _perplexities(engine, cases),
        "response_r1": await _response_r1(engine, chosen, [case.turn.text for case in replies], rng),
        "distinct2": distinct(said, 2),
        **_overlap(said, meant),
    }


async def _perplexities(engine: LocalTextModel, cases: Sequence[Case]) -> dict[str, float]:
    nats = 0.0
    for role in ("user", "assistant"):
        spoken = [case for case in cases if case.turn.role == role]
        for start in range(0, len(spoken), AT_ONCE):
            part = spoken[start : start + AT_ONCE]
            texts = [case.turn.text for case in part]
            means = await engine.score([case.prompt for case in part], texts, "user" if role == "user" else "assistant")
            nats -= sum(mean * engine.count(text) for mean, text in zip(means, texts, strict=True))
    tokens = sum(engine.count(case.turn.text) for case in cases)
    words = sum(len(case.turn.text.split()) for case in cases)
    return {"perplexity": math.exp(nats / tokens), "words_perplexity": math.exp(nats / words)}


async def _response_r1(
    engine: LocalTextModel, chosen: Sequence[Case], pool: Sequence[str], rng: random.Random
) -> float:
    """Share of cases whose true reply has the highest mutual information with its context among 20 replies."""
    others = sorted(set(pool))
    alone: dict[str, float] = {}
    right = 0
    for case in chosen:
        wrong = [text for text in others if text != case.turn.text]
        candidates = [case.turn.text, *rng.sample(wrong, min(CANDIDATES - 1, len(wrong)))]
        unknown = [text for text in candidates if text not in alone]
        bare = Example(case.prompt.persona, (), (), ())
        alone.update(zip(unknown, await engine.score([bare] * len(unknown), unknown, "assistant"), strict=True))
        given = await engine.score([case.prompt] * len(candidates), candidates, "assistant")
        gains = [(score - alone[text]) * engine.count(text) for score, text in zip(given, candidates, strict=True)]
        right += max(range(len(gains)), key=gains.__getitem__) == 0
    return right / max(len(chosen), 1)


async def _replies(engine: LocalTextModel, cases: Sequence[Case]) -> list[str]:
    async def reply(case: Case) -> str:
        return "".join([piece async for piece in engine.stream(case.prompt, seed=1)])

    texts: list[str] = []
    for start in range(0, len(cases), 16):
        texts += await asyncio.gather(*(reply(case) for case in cases[start : start + 16]))
    return texts


def distinct(texts: Sequence[str], size: int) -> float:
    """Different word n-grams as a share of all (Li et al., 2016)."""
    grams = [
        tuple(words[place : place + size])
        for text in texts
        for words in [text.lower().split()]
        for place in range(len(words) - size + 1)
    ]
    return len(set(grams)) / max(len(grams), 1)


def _overlap(said: list[str], meant: list[str]) -> dict[str, float]:
    """BLEU-4 and chrF, 0 to 1, as sacrebleu computes them."""
    import sacrebleu

    return {
        "bleu4": sacrebleu.corpus_bleu(said, [meant]).score / 100,
        "chrf": sacrebleu.corpus_chrf(said, [meant]).score / 100,
    }
