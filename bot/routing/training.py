"""Fits the router's weights: `python -m bot.routing.training --data ../shared/data`.

Learns from messages.jsonl (written for this project, part `train`) and, where they are present, from sets that
allow it: clinc150 (CC BY 3.0), banking77 (CC BY 4.0), multidogo (CDLA-Permissive), bitext (CDLA-Sharing, whose
terms leave trained models free), doc2dial (CC BY 3.0), crosswoz and kdconv (Apache 2.0). Prints how it decides
the held-out part.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex

from bot.routing.linear import LinearClassifier

MESSAGES = Path(__file__).parent / "data" / "messages.jsonl"
WEIGHTS = Path(__file__).parent / "data" / "router.npz"

_OWN_IMPORTANCE = 6.0
_PER_PUBLIC_LABEL = 1000
_MIXED = 3000
_FRAGMENTS = 2000
_LONGEST_PUBLIC_SMALL_TALK = 6  # words; longer ones of the public sets are often labelled for their first words
_SEED = 20

_CLINC = {
    "greeting": "greeting",
    "thank_you": "thanks",
    "goodbye": "goodbye",
    "yes": "affirm",
    "no": "deny",
    "maybe": "deny",
    "tell_joke": "joke",
    "what_is_your_name": "who_are_you",
    "who_made_you": "who_made_you",
    "who_do_you_work_for": "who_made_you",
    "are_you_a_bot": "are_you_a_bot",
    "what_can_i_ask_you": "what_can_you_do",
    "how_old_are_you": "personal",
    "where_are_you_from": "personal",
    "do_you_have_pets": "personal",
    "what_are_your_hobbies": "personal",
    "meaning_of_life": "personal",
}
# Neither small talk nor a question to a shop: commands to an assistant at home.
_CLINC_UNFIT = {"fun_fact", "repeat", "user_name", "change_user_name", "change_ai_name", "cancel", "reset_settings"}
_MULTIDOGO = {
    "openinggreeting": "greeting",
    "thankyou": "thanks",
    "closinggreeting": "goodbye",
    "confirmation": "affirm",
    "rejection": "deny",
    "contentonly": "question",
}
_MULTIDOGO_UNFIT = {"outofdomain"}
_BITEXT = {"contact_human_agent": "handoff"}
_BITEXT_UNFIT = {"contact_customer_service", "complaint", "review"}
_CHINESE_QUESTION = regex.compile("[?？吗呢]|什么|多少|哪|几|怎么|如何")


@dataclass(frozen=True)
class Example:
    text: str
    label: str
    language: str = "en"
    importance: float = 1.0


def own(split: str) -> list[Example]:
    """The project's own messages of a split, `train` or `test`."""
    rows = (json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines())
    return [
        Example(row["text"], row["label"], row["language"], _OWN_IMPORTANCE) for row in rows if row["split"] == split
    ]


def public(data: Path, split: str) -> Iterator[Example]:
    """Messages of the public sets below `data`, a set that is missing being left out."""
    yield from _intents(data / "clinc150", split, _CLINC, _CLINC_UNFIT)
    yield from _intents(data / "banking77", split, {}, set())
    yield from _intents(data / "bitext", split, _BITEXT, _BITEXT_UNFIT)
    for text, label, _ in _intent_rows(data / "multidogo", split):
        label = _multidogo_label(label)
        small = _MULTIDOGO.get(label, "question") != "question"
        if label not in _MULTIDOGO_UNFIT and not (small and len(text.split()) > _LONGEST_PUBLIC_SMALL_TALK):
            yield Example(text, _MULTIDOGO.get(label, "question"))
    for row in _lines(data / "doc2dial" / f"qa.{split}.jsonl.gz"):
        if row["question_role"] == "user" and row["question"].rstrip().endswith("?"):
            yield Example(row["question"], "question")
    for name in ("crosswoz", "kdconv"):
        for text in _user_turns(data / name / f"dialogues.{split}.jsonl.gz"):
            if _CHINESE_QUESTION.search(text):
                yield Example(text, "question", "zh")


def fit(examples: Iterable[Example]) -> LinearClassifier:
    chosen = list(examples)
    weights = _balanced(chosen)
    return LinearClassifier.fit(
        [example.text for example in chosen], [example.label for example in chosen], importance=weights
    )


def capped(examples: Iterable[Example], chance: random.Random) -> list[Example]:
    """At most some of each label and language, without texts that came twice, in random order."""
    unique = list({example.text.lower(): example for example in examples}.values())
    chance.shuffle(unique)
    room: Counter[tuple[str, str]] = Counter()
    kept = []
    for example in unique:
        key = (example.label, example.language)
        limit = _PER_PUBLIC_LABEL * (4 if example.label == "question" else 1)
        if room[key] < limit:
            room[key] += 1
            kept.append(example)
    return kept


def mixed(examples: list[Example], chance: random.Random) -> Iterator[Example]:
    """Polite words before a question, a wish or other small talk leave it what it is."""
    openings = [e for e in examples if e.label in ("greeting", "thanks", "affirm", "sorry") and len(e.text) < 25]
    languages = {opening.language for opening in openings}
    by_language = {language: [o for o in openings if o.language == language] for language in languages}
    wishes = [e for e in examples if e.label in ("question", "handoff")]
    courtesies = [e for e in examples if e.label in ("thanks", "goodbye", "how_are_you", "affirm")]
    for number in range(_MIXED):
        last = chance.choice(courtesies if number % 4 == 0 else wishes)
        opening = chance.choice(by_language[last.language]).text.rstrip(".!！。?？")
        comma = "，" if last.language == "zh" else chance.choice([", ", " ", "! ", "\n"])
        yield Example(opening + comma + last.text, last.label, last.language)


def fragments(examples: list[Example], chance: random.Random) -> Iterator[Example]:
    """Bare words of questions: whatever names a thing is a question about it."""
    taken = {example.text.lower() for example in examples if example.label != "question"}
    questions = [example for example in examples if example.label == "question"]
    for _ in range(_FRAGMENTS):
        question = chance.choice(questions)
        words = question.text.split() if question.language != "zh" else list(question.text)
        start = chance.randrange(len(words))
        fragment = words[start : start + chance.choice([1, 1, 2, 3])]
        text = ("" if question.language == "zh" else " ").join(fragment)
        if text.lower().strip(".,!?") not in taken and len(text) > 3:
            yield Example(text, "question", question.language, importance=0.3)


def report(classifier: LinearClassifier, examples: list[Example]) -> str:
    """Shares decided rightly by language (of the label; and of question, chat or handoff), and what was mistaken."""
    confusion: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    total = Counter(example.language for example in examples)
    for example in examples:
        probabilities = classifier.probabilities(example.text)
        guess = max(probabilities, key=lambda label: probabilities[label])
        right["label", example.language] += guess == example.label
        right["route", example.language] += _route(guess) == _route(example.label)
        if guess != example.label:
            confusion[example.label, guess] += 1
    lines = [
        f"{language}: label {right['label', language] / count:.3f}, "
        f"route {right['route', language] / count:.3f} of {count}"
        for language, count in total.items()
    ]
    lines += [f"{count:4} {label} taken for {guess}" for (label, guess), count in confusion.most_common(25)]
    return "\n".join(lines)


def _route(label: str) -> str:
    return label if label in ("question", "handoff") else "chat"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.routing.training", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the public sets")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    options = parser.parse_args(arguments)
    chance = random.Random(_SEED)
    written = own("train")
    examples = written + capped(public(options.data, "train"), chance)
    examples += [*mixed(written, chance), *fragments(examples, chance)]
    sys.stdout.write(f"{len(examples)} messages: {dict(Counter(example.label for example in examples))}\n")
    classifier = fit(examples)
    classifier.save(options.out)
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB\n\nOwn held-out messages\n")
    sys.stdout.write(report(classifier, own("test")) + "\n\nPublic validation messages\n")
    sys.stdout.write(report(classifier, capped(public(options.data, "valid"), chance)) + "\n")


def _balanced(examples: list[Example]) -> list[float]:
    """Rare labels count more (by the square root of their frequency), and the own messages count most."""
    counts = Counter(example.label for example in examples)
    return [example.importance * (1000 / counts[example.label]) ** 0.5 for example in examples]


def _intents(folder: Path, split: str, names: dict[str, str], unfit: set[str]) -> Iterator[Example]:
    for text, label, _ in _intent_rows(folder, split):
        if label not in unfit:
            yield Example(text, names.get(label, "question"))


def _intent_rows(folder: Path, split: str) -> Iterator[tuple[str, str, str]]:
    for row in _lines(folder / "intents.jsonl.gz"):
        if row["split"] == split:
            yield row["text"], row["label"], row.get("domain") or ""


def _multidogo_label(label: str) -> str:
    """Of joined labels the first that is no mere politeness."""
    names = label.split("|")
    return next((name for name in names if name not in _MULTIDOGO), names[0])


def _user_turns(path: Path) -> Iterator[str]:
    for row in _lines(path):
        for turn in row["turns"]:
            if turn["role"] == "user":
                yield turn["text"]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


if __name__ == "__main__":
    main(sys.argv[1:])
