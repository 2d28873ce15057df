"""Trains and measures the classifier that ships in `bot/moderation/data/classifier.npz`.

    python -m bot.moderation.training --data ../shared/data

learns from the phrases beside it, from the router's own messages, and from customers' turns of cucom, star,
banking77, multidogo, clinc150, crosswoz and kdconv (licences of sharing alike take no part). Furious turns of cucom
are what a complaint sounds like: they are fine, unless they call the shop's people names.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import regex

from bot.moderation.classifier import CLASSIFIER, Classifier
from bot.routing.linear import LinearClassifier
from bot.routing.training import own

PHRASES = Path(__file__).parent / "data" / "phrases.toml"
BUCKETS = 1 << 15
REPEATED = 3.0
"""How much a phrase counts against a turn of the data sets, which hardly ever has something to withhold."""
FILLINGS = 60
"""So many ways to fill a phrase, so that none outweighs the others."""
MOST = 3000
"""Turns of one set."""
CLAUSE = regex.compile(r"[^，。？！；、,?!;\s]+")
HAN = regex.compile(r"\p{Han}")
NAME_CALLING = regex.compile(
    r"\b(?:yo?u|ur|you'?re|y'all|you (?:guys|people|all)|your (?:team|people|staff|company)) "
    r"(?:(?:are|r|all|guys|people|such|so|a|an|bunch|of|fucking|damn|bloody|stupid) ){0,5}"
    r"(?:idiots?|morons?|stupid|dumb|fools?|liars?|cheats?|cheaters?|thie(?:f|ves)|scammers?|frauds?|useless|pathetic)\b",
    regex.IGNORECASE,
)
Labelled = list[tuple[str, str]]


def phrases(part: str) -> Labelled:
    """The phrases of `train` or `test` with their labels, filled in every way."""
    languages = tomllib.loads(PHRASES.read_text("utf-8"))
    return [
        (text, label)
        for language in languages.values()
        for label, forms in language[part].items()
        for form in forms
        for text in _some(list(_filled(form, language["fill"])), form, FILLINGS)
    ]


def _filled(form: str, words: dict[str, list[str]]) -> Iterator[str]:
    names = [name for name in words if f"{{{name}}}" in form]
    for values in itertools.product(*(words[name] for name in names)):
        yield form.format(**dict(zip(names, values, strict=True)))


def customers(data: Path, part: str) -> Labelled:
    """Customers' turns, fine or an insult by whether they call the shop's people names."""
    found: Labelled = []
    for name in ("cucom", "star", "crosswoz", "kdconv"):
        turns = [
            turn["text"]
            for row in _rows(data / name / f"dialogues.{part}.jsonl.gz")
            for turn in row["turns"]
            if turn["role"] == "user"
        ]
        found += [(text, "insult" if NAME_CALLING.search(text) else "fine") for text in _some(turns, name)]
    for name in ("banking77", "multidogo", "clinc150"):
        texts = [row["text"] for row in _rows(data / name / "intents.jsonl.gz") if row["split"] == part]
        found += [(text, "fine") for text in _some(texts, name)]
    return found


def messages(part: str) -> Labelled:
    """What the router's own messages say, in five languages: fine but for insults."""
    return [(each.text, "insult" if each.label == "insult" else "fine") for each in own(part)]


def _some(texts: list[str], seed: str, most: int = MOST) -> list[str]:
    return Random(seed).sample(texts, min(most, len(texts)))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def train(data: Path) -> LinearClassifier:
    """Learns from both, and from phrases among words that customers say: what counts is the phrase alone."""
    said = customers(data, "train")
    said += [(clause, "fine") for clause in _clauses(text for text, _ in said)]
    written = phrases("train") + messages("train")
    among = _among(written, [text for text, label in said if label == "fine"])
    texts, labels = zip(*written, *among, *said, strict=True)
    importance = [REPEATED] * (len(written) + len(among)) + [1.0] * len(said)
    return LinearClassifier.fit(texts, labels, importance=importance, buckets=BUCKETS, regularization=100)


def _clauses(texts: Iterable[str]) -> list[str]:
    """Those of Chinese turns, which are long: what a customer types is as short as an insult."""
    clauses = {clause for text in texts if HAN.search(text) for clause in CLAUSE.findall(text)}
    return _some(sorted(clauses), "clauses")


def _among(written: Labelled, said: list[str]) -> Labelled:
    random = Random(0)
    chinese = [text for text in said if HAN.search(text)]
    others = [text for text in said if not HAN.search(text)]
    found: Labelled = []
    for text, label in written:
        words = random.choice(chinese if HAN.search(text) else others).split()
        place = random.randrange(len(words) + 1)
        before, after = " ".join(words[max(0, place - 6) : place]), " ".join(words[place : place + 6])
        found.append((random.choice((f"{before} {text}", f"{text} {after}", f"{before} {text} {after}")), label))
    return found


def measure(classifier: Classifier, labelled: Labelled, threshold: float) -> dict[str, float]:
    """Precision and recall of withholding (threats and slurs), and of noticing rudeness of any kind."""
    withheld = [classifier.withheld(text) >= threshold for text, _ in labelled]
    rude = [withheld[place] or classifier.insult(text) >= threshold for place, (text, _) in enumerate(labelled)]
    bad = [label in ("threat", "slur") for _, label in labelled]
    any_rude = [label != "fine" for _, label in labelled]
    return {
        "texts": len(labelled),
        "withheld_precision": _share(bad, withheld),
        "withheld_recall": _share(withheld, bad),
        "rude_precision": _share(any_rude, rude),
        "rude_recall": _share(rude, any_rude),
        "fine_withheld": sum(w and not b for w, b in zip(withheld, any_rude, strict=True)),
    }


def _share(hits: list[bool], of: list[bool]) -> float:
    chosen = [hit for hit, counts in zip(hits, of, strict=True) if counts]
    return round(sum(chosen) / len(chosen), 4) if chosen else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.9)
    options = parser.parse_args()
    train(options.data).save(CLASSIFIER)
    classifier = Classifier.load()
    for name, labelled in (
        ("phrases", phrases("test")),
        ("messages", messages("test")),
        ("customers", customers(options.data, "valid")),
    ):
        sys.stdout.write(f"{name}: {json.dumps(measure(classifier, labelled, options.threshold))}\n")


if __name__ == "__main__":
    main()
