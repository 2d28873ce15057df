"""5,000 invented messages with values of twelve countries: how many are found, and how much else is.

A value counts as found when its kind and both of its ends are right. Half of the messages also carry a number that is
none of a person's: an order, a parcel, a date, a price.

    python -m benchmarks.redaction [--quick] [--json] [--seed N] [--missed N]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass
from random import Random

from rich.console import Console
from rich.table import Table

from benchmarks.redaction import values
from benchmarks.redaction.templates import BY_ITSELF, NAMED, NUMBERS, PLAIN, SPOKEN
from bot.privacy.redaction import Found, find

MESSAGES, QUICK = 5000, 500
KINDS = ("card", "iban", "email", "phone", "national_id")


@dataclass(frozen=True)
class Message:
    """A text, and what is personal in it."""

    text: str
    country: str
    personal: frozenset[Found]


def messages(count: int, seed: int) -> list[Message]:
    """Invented messages, the same for the same seed; every fifth has nothing personal."""
    random = Random(seed)
    return [_message(random, values.COUNTRIES[number % len(values.COUNTRIES)]) for number in range(count)]


def _message(random: Random, country: str) -> Message:
    language = SPOKEN[country]
    if random.random() < 0.1:
        language = "en"
    text, personal = "", set()
    sentences = [_number(random, language)] if random.random() < 0.5 else []
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        kind = random.choice(KINDS)
        words, needs_name = _value(random, kind, country)
        kind = "card" if kind == "iban" and country not in values.IBANS else kind
        by_itself = not needs_name and random.random() < 0.3
        template = random.choice(BY_ITSELF if by_itself else NAMED[language][kind])
        sentences.append(template.replace("{value}", f"\x01{kind}\x02{words}\x03"))
    random.shuffle(sentences)
    for part in " ".join(sentences or [_number(random, language)]).split("\x01"):
        kind, is_value, rest = part.partition("\x02")
        words, _, after = rest.partition("\x03")
        if is_value:
            personal.add(Found(kind, len(text), len(text) + len(words)))  # type: ignore[arg-type]
        text += words + after if is_value else part
    return Message(text, country, frozenset(personal))


def _value(random: Random, kind: str, country: str) -> tuple[str, bool]:
    if kind == "phone":
        return values.phone(random, country)
    if kind == "national_id":
        return values.national_id(random, country)
    make = {"card": values.card, "iban": values.account, "email": values.email}[kind]
    return make(random, country), False


def _number(random: Random, language: str) -> str:
    if random.random() < 0.3:
        return random.choice(PLAIN).format(plain=values.plain_number(random))
    return random.choice(NUMBERS[language]).format(number=values.near_miss(random))


def measure(texts: list[Message], missed: int = 0) -> dict[str, object]:
    """Precision and recall in all, by kind and by country."""
    right, found, there = Counter[str](), Counter[str](), Counter[str]()
    shown: list[str] = []
    begun = time.perf_counter()
    for message in texts:
        marked = set(find(message.text))
        for counter, each in ((right, marked & message.personal), (found, marked), (there, message.personal)):
            counter.update(key for one in each for key in ("all", one.kind, message.country))
        if marked != message.personal and len(shown) < missed:
            wrong = sorted(marked ^ message.personal, key=lambda one: one.start)
            words = [(one.kind, message.text[one.start : one.end], one in message.personal) for one in wrong]
            shown.append(f"{message.text!r}: {words}")
    seconds = time.perf_counter() - begun
    figures = {
        key: {
            "precision": right[key] / max(found[key], 1),
            "recall": right[key] / max(there[key], 1),
            "values": there[key],
        }
        for key in ("all", *KINDS, *values.COUNTRIES)
    }
    return {"messages": len(texts), "seconds_per_message": seconds / len(texts), "figures": figures, "wrong": shown}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--missed", type=int, default=0, help="show so many of the wrong ones")
    options = parser.parse_args()
    result = measure(messages(QUICK if options.quick else MESSAGES, options.seed), options.missed)
    if options.json:
        print(json.dumps(result))
        return
    table = Table("", "values", "precision", "recall", title=f"{result['messages']} messages, wanted: .98 and .98")
    for name, row in result["figures"].items():  # type: ignore[attr-defined]
        table.add_row(name, str(row["values"]), f"{row['precision']:.4f}", f"{row['recall']:.4f}")
    Console().print(table)
    for line in result["wrong"]:  # type: ignore[attr-defined]
        print(line)
    print(f"{1000 * float(str(result['seconds_per_message'])):.2f} ms a message")


if __name__ == "__main__":
    main()
