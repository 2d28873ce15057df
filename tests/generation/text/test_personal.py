"""Personal details are replaced by invented ones of the same form; what the shop gives to everybody stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import regex

from generation.text.cleaning import clean
from generation.text.dialogues import Dialogue, Turn
from generation.text.personal import Detail, Invented, details, hide, shop_details
from generation.text.report import Report


def dialogue(name: str, *texts: str, published: bool = False) -> Dialogue:
    turns = [Turn("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]
    return Dialogue(name, "shop", "en", tuple(turns), published=published)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I am ann.smith+shop@mail.example.org", "e-mail address"),
        ("DE89 3704 0044 0532 0130 00", "bank account"),
        ("GB82WEST12345698765432", "bank account"),
        ("card 4111 1111 1111 1111", "card number"),
        ("call +49 30 901820", "phone number"),
        ("call (555) 123-4567", "phone number"),
        ("call 071-555 0142", "phone number"),
        ("我的电话是13812345678。", "phone number"),
        ("from 192.168.1.77", "internet address"),
        ("I am @ann_smith there", "user name"),
    ],
)
def test_details_are_found_and_replaced_by_others_of_the_same_form(text: str, kind: str) -> None:
    (found,) = details(text)
    assert found.kind == kind
    rules: Counter[str] = Counter()
    hidden = hide(text, dialogue("d"), Invented("d"), (), rules)
    assert found.words not in hidden
    assert rules == {kind: 1}
    if kind not in ("e-mail address", "user name"):
        assert regex.sub(r"\d", "0", hidden) == regex.sub(r"\d", "0", text)


@pytest.mark.parametrize(
    "text",
    [
        "My order 701-445 of 2026-01-31 cost €1,299.00.",
        "Order number 4111 1111 1111 1112",  # its check digit is wrong: no card
        "Version 1.2.3 and 300.1.1.1",
        "We are open 9:00-17:00, call us 24/7",
        "It weighs 1,150 g and holds 20,000 mm",
        "A 10 @ 5 each",
    ],
)
def test_numbers_of_other_kinds_stay(text: str) -> None:
    assert hide(text, dialogue("d"), Invented("d"), (), Counter()) == text


def test_a_detail_stays_the_same_within_its_conversation() -> None:
    (kept,) = clean([dialogue("d", "I am a@b.example, again: a@b.example", "a@b.example, got it")], Report())
    first, second = (turn.text for turn in kept.turns)
    name = first.removeprefix("I am ").split(",")[0]
    assert first == f"I am {name}, again: {name}"
    assert second == f"{name}, got it"
    assert name != "a@b.example"


def test_what_the_shop_tells_in_several_conversations_or_has_published_is_its_own() -> None:
    told = [dialogue(str(number), "Your mail?", "It is help@shop.example") for number in range(3)]
    once = dialogue("once", "My colleague's?", "It is tom@shop.example")
    published = dialogue("faq", "Phone?", "+31 71 555 0142", published=True)
    assert shop_details([*told, once, published]) == {"help@shop.example", "+31 71 555 0142"}
    report = Report()
    words = [turn.text for kept in clean([*told, once, published], report) for turn in kept.turns]
    assert "It is help@shop.example" in words
    assert "+31 71 555 0142" in words
    assert not any("tom@" in text for text in words)
    assert report.rewritten["e-mail address"] == 1


def test_names_of_those_who_wrote_are_replaced_and_the_agent_becomes_the_bot() -> None:
    spoken = dialogue("d", "hi, annabel smith here", "Hello Annabel, I am Mia.")
    (kept,) = clean([replace(spoken, customers=("Annabel Smith",), agents=("Mia",))], Report())
    asked, answered = (turn.text for turn in kept.turns)
    name = regex.fullmatch(r"hi, (\w+) here", asked)
    assert name
    assert name[1] not in ("annabel", "Annabel")
    assert answered == f"Hello {name[1]}, I am {{bot}}."
    assert kept.customers == ()


def test_what_else_tells_personal_details_takes_the_place_of_forms_but_not_of_user_names() -> None:
    def secret(text: str) -> list[Detail]:
        return [Detail("password", match[0], match.start()) for match in regex.finditer(r"hunter\d", text)]

    told = dialogue("d", "It is hunter2, call +49 30 901820 or @ann_smith", "Thank you")
    report = Report()
    (kept,) = clean([told], report, find=secret)
    assert regex.fullmatch(r"It is hunter\d, call \+49 30 901820 or @\w+", kept.turns[0].text)
    assert {name: count for name, count in report.rewritten.items() if count} == {"password": 1, "user name": 1}
