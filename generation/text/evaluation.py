"""How well a language model speaks: measured on dialogues that it has not seen."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
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
Supported = Callable[[str, Sequence[str]], bool]
"""Whether a reply says nothing but what its passages say."""
MOST_DIALOGUES = 200
MOST_REPLIES = 150
CONTEXTS_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A turn and the prompt before it."""

    prompt: Example
    turn: Turn


def evaluate_dialogue(
    model: str,
    files: Sequence[Path],
    *,
    limit: int | None = None,
    voice: Voice = VOICE,
    supported: Supported | None = None,
) -> dict[str, float]:
    """The figures of a model (name or folder) on files of dialogues, cleaned as for training.

    Passages are looked up in the files and in `knowledge.jsonl.gz` or `knowledge.jsonl` beside them. Without `limit`
    the first 200 dialogues count. `perplexity` is per token, `words_perplexity` per word (by white space) of all
    turns, `reply_perplexity` per word of the assistant's; `response_r1` is how often the true reply is chosen among 20
    by how much likelier it is made by its context. `distinct1` and `distinct2`, `repetition`, `bleu4`, `chrf` (0 to 1)
    and, with `supported`, `groundedness` are of greedy replies. Raises ModelUnusable.
    """
    cases = read_cases(files, limit or MOST_DIALOGUES, voice)
    engine = LocalTextModel.load(
        model, temperature=0.0, repetition_penalty=1.0, max_new_tokens=64, max_batch=16, timeout_seconds=3600
    )

    async def run() -> dict[str, float]:
        try:
            return await evaluate(engine, cases, supported=supported)
        finally:
            await engine.close()

    return asyncio.run(run())


def read_cases(files: Sequence[Path], dialogues: int, voice: Voice = VOICE) -> list[Case]:
    """Every turn of the first dialogues of the files; raises ModelUnusable when there is none."""
    names = ("knowledge.jsonl.gz", "knowledge.jsonl")
    beside = {path for file in files for name in names if (path := file.parent / name).is_file()}
    cleaned = clean(read_corpus([*files, *sorted(beside - set(files))]).dialogues, Report())
    cases = [case for dialogue in cleaned[:dialogues] for case in _cases(dialogue, voice)]
    if not cases:
        raise ModelUnusable(f"{', '.join(map(str, files))}: there is no dialogue that can be measured.")
    return cases


def _cases(dialogue: Dialogue, voice: Voice) -> list[Case]:
    cases = []
    for number, turn in enumerate(dialogue.turns):
        given = Example(voice.persona, dialogue.profile, turn.passages[:4], dialogue.turns[:number])
        told = tell(given, voice, random.Random(dialogue.id))
        cases.append(Case(told, Turn(turn.role, voice.fill(turn.text), turn.passages)))
    return cases


async def evaluate(
    engine: LocalTextModel, cases: Sequence[Case], seed: int = 1, *, supported: Supported | None = None
) -> dict[str, float]:
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
        "distinct1": distinct(said, 1),
        "distinct2": distinct(said, 2),
        "repetition": repetition(said),
        **_overlap(said, meant),
        **(_groundedness(said, chosen, supported) if supported else {}),
    }


async def _perplexities(engine: LocalTextModel, cases: Sequence[Case]) -> dict[str, float]:
    nats = {"user": 0.0, "assistant": 0.0}
    tokens, words = Counter[str](), Counter[str]()
    for role in ("user", "assistant"):
        spoken = [case for case in cases if case.turn.role == role]
        for start in range(0, len(spoken), AT_ONCE):
            part = spoken[start : start + AT_ONCE]
            texts = [case.turn.text for case in part]
            means = await engine.score([case.prompt for case in part], texts, "user" if role == "user" else "assistant")
            counts = [engine.count(text) for text in texts]
            nats[role] -= sum(mean * count for mean, count in zip(means, counts, strict=True))
            tokens[role] += sum(counts)
            words[role] += sum(len(text.split()) for text in texts)
    return {
        "perplexity": math.exp(sum(nats.values()) / max(tokens.total(), 1)),
        "words_perplexity": math.exp(sum(nats.values()) / max(words.total(), 1)),
        "reply_perplexity": math.exp(nats["assistant"] / max(words["assistant"], 1)),
    }


async def _response_r1(
    engine: LocalTextModel, chosen: Sequence[Case], pool: Sequence[str], rng: random.Random
) -> float:
    """Share of cases whose true reply has the highest mutual information with its context among 20 replies.

    That is its log-likelihood after this context against the mean of that after other contexts, divided by the square
    root of its tokens, with which the noise of both grows. A context of nothing alone would be no fair comparison:
    after a few turns every usual reply is likelier than at the very beginning.
    """
    others = sorted(set(pool))
    elsewhere = [Example(chosen[0].prompt.persona, (), (), ())] if chosen else []
    elsewhere += [case.prompt for case in rng.sample(chosen, min(CONTEXTS_COMPARED, len(chosen)))]
    usual: dict[str, float] = {}
    right = 0
    for case in chosen:
        wrong = [text for text in others if text != case.turn.text]
        candidates = [case.turn.text, *rng.sample(wrong, min(CANDIDATES - 1, len(wrong)))]
        unknown = [text for text in candidates if text not in usual]
        likelihoods = [await engine.score([other] * len(unknown), unknown, "assistant") for other in elsewhere]
        usual.update((text, statistics.fmean(of)) for text, *of in zip(unknown, *likelihoods, strict=True))
        given = await engine.score([case.prompt] * len(candidates), candidates, "assistant")
        gains = [
            (score - usual[text]) * math.sqrt(engine.count(text)) for score, text in zip(given, candidates, strict=True)
        ]
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


def repetition(texts: Sequence[str], size: int = 4) -> float:
    """The share of word n-grams that came up before in the same text (Welleck et al., 2020)."""
    again = total = 0
    for text in texts:
        words = text.lower().split()
        grams = [tuple(words[place : place + size]) for place in range(len(words) - size + 1)]
        again += len(grams) - len(set(grams))
        total += len(grams)
    return again / max(total, 1)


def _groundedness(said: Sequence[str], cases: Sequence[Case], supported: Supported) -> dict[str, float]:
    """The share of replies, where there were passages to answer from, that these support."""
    answers = [(text, case.turn.passages) for text, case in zip(said, cases, strict=True) if case.turn.passages]
    if not answers:
        return {}
    return {"groundedness": sum(supported(text, passages) for text, passages in answers) / len(answers)}


def _overlap(said: list[str], meant: list[str]) -> dict[str, float]:
    """BLEU-4 and chrF, 0 to 1, as sacrebleu computes them."""
    import sacrebleu

    return {
        "bleu4": sacrebleu.corpus_bleu(said, [meant]).score / 100,
        "chrf": sacrebleu.corpus_chrf(said, [meant]).score / 100,
    }
