from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import regex

from generation.text.cleaning import PLACEHOLDER, clean, rewrite
from generation.text.dialogues import Dialogue, Turn
from generation.text.personal import Invented
from generation.text.report import Report


def dialogue(name: str, *texts: str, language: str = "en") -> Dialogue:
    turns = [Turn("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]
    return Dialogue(name, "shop", language, tuple(turns))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Call {{Customer Support Phone Number}}.", "Call our support line."),
        ("Use the {{Live Chat}} on our {{Website Name}}.", "Use the live chat on our website."),
        ("Visit our website at {{Website URL}}.", "Visit our website."),
        ("We are here {{Customer Support Availability}}.", "We are here during opening hours."),
        ("Open during {{Customer Service Hours}}!", "Open during opening hours!"),
        ("Go to {{Order History}}.", "Go to Order History."),
        ("Welcome to {{Company Name}}", "Welcome to {shop}"),
        ("Thank you for contacting Amazon India.", "Thank you for contacting {shop}."),
        ("**Total:** 5", "Total: 5"),
        ("Two  spaces\x07 and\ttabs", "Two spaces and tabs"),
        ("Step 1\n\n  Step 2", "Step 1\nStep 2"),
    ],
)
def test_what_a_customer_must_never_read_is_reworded(said: str, meant: str) -> None:
    assert rewrite(said, Invented("x"), Counter()) == meant


def test_redacted_values_become_invented_ones_so_that_no_mark_is_learnt() -> None:
    rules: Counter[str] = Counter()
    text = rewrite("Card [card], then [phone] or [email]. [card] again", Invented("d"), rules)
    assert regex.fullmatch(r"Card (\d{4} \d{4} \d{4} \d{4}), then 0\d{3} \d{7} or \w+@example\.com\. \1 again", text)
    assert rules["redacted value"] == 4


def test_blanked_numbers_become_digits_the_same_in_the_whole_dialogue() -> None:
    cleaned = clean([dialogue("a", "Order 701-XXXX-YYYY is late", "Is it 701-XXXX-YYYY?")], Report())
    first, second = (turn.text for turn in cleaned[0].turns)
    number = first.removeprefix("Order ").removesuffix(" is late")
    assert second == f"Is it {number}?"
    assert number.replace("-", "").isdigit()


def test_the_report_says_what_was_dropped_and_why() -> None:
    report = Report()
    kept = clean(
        [
            dialogue("good", "Hi", "Hello, this is Flipkart."),
            dialogue("again", "hi!", "Hello, this is flipkart"),
            dialogue("french", "Bonjour", "Salut", language="fr"),
            dialogue("silent", "Anyone?"),
            dialogue("endless", "Hi", "la " * 1000),
            dialogue("blank", "Hi", "Dear [Customer Last Name], hello"),
        ],
        report,
        ["en", "zh"],
    )
    assert [dialogue.id for dialogue in kept] == ["good", "again"]
    assert report.dropped == {"language": 1, "no reply": 1, "too long": 1, "placeholder": 1}
    assert report.rewritten["other shop's name"] == 1
    assert "Kept 2 of 6 dialogues." in list(report.lines())


def test_the_same_conversation_is_learnt_once() -> None:
    report = Report()
    clean([dialogue("a", "Hi!", "Hello."), dialogue("b", "hi", "hello")], report)
    assert report.dropped == {"duplicate": 1}


def test_neighbouring_turns_of_one_role_are_joined_and_empty_ones_go() -> None:
    turns = (Turn("user", "Hi"), Turn("user", "there"), Turn("assistant", " "), Turn("assistant", "Hello", ("fact",)))
    (kept,) = clean([Dialogue("a", "shop", "en", turns)], Report())
    assert kept.turns == (Turn("user", "Hi there"), Turn("assistant", "Hello", ("fact",)))


@pytest.mark.parametrize("blank", ["{{Anything At All}}", "{{ x }}", "{{555}}", "[Live Chat]", "{{Order Number}}"])
def test_no_double_brace_survives(blank: str) -> None:
    assert not PLACEHOLDER.search(rewrite(f"See {blank} now", Invented("x"), Counter()))


def test_the_report_is_a_table_and_two_files(tmp_path: Path) -> None:
    report = Report()
    clean([dialogue("good", "Call me: +49 30 901820", "We will do so."), dialogue("silent", "Anyone?")], report)
    table = "\n".join(report.lines())
    assert re.search(r"from shop +1 of 2\n", table)
    assert re.search(r"dropped: no reply +1\n", table)
    assert re.search(r"replaced: phone number +1\n", table)
    assert re.search(r"words of the user .* +5 / 5 / 5 / 5", table)
    report.write(tmp_path)
    assert json.loads((tmp_path / "cleaning.json").read_text())["replaced"] == {"phone number": 1}
    assert json.loads((tmp_path / "cleaning.json").read_text())["openers"] == []
    assert (tmp_path / "dropped.csv").read_text().splitlines() == ["dialogue,source,reason", "silent,shop,no reply"]


def test_a_language_that_the_data_does_not_name_is_told_from_the_words_if_they_are_enough() -> None:
    german = replace(dialogue("de", "Wo ist mein Paket?", "Es ist leider noch unterwegs."), language="")
    short = replace(dialogue("short", "ok", "ok!"), language="")
    kept = clean([german, short], report := Report(), ["en"])
    assert [one.id for one in kept] == ["short"]
    assert report.dropped == {"language": 1}
    assert report.languages == {"und": 1}


def test_the_report_names_what_the_assistant_habitually_begins_with(tmp_path: Path) -> None:
    report = Report()
    names = ("Ann", "Bob", "Cem")
    clean([dialogue(name, f"I am {name}", f"Ahoy, captain! {name} is a name. Fair winds!") for name in names], report)
    report.write(tmp_path)
    assert json.loads((tmp_path / "cleaning.json").read_text())["openers"] == ["Ahoy", "Fair"]
