"""What is personal is replaced, in any language; what a shop needs to answer stays."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.redaction.__main__ import measure, messages
from bot import logs
from bot.learnable import rows
from bot.privacy.redaction import Redactor, find, redact, redact_all


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Mein IBAN DE89 3704 0044 0532 0130 00 bitte", "Mein IBAN [iban] bitte"),
        ("card 4111 1111 1111 1111, 12/27", "card [card], 12/27"),
        ("４１１１ １１１１ １１１１ １１１１", "[card]"),
        ("我的邮箱是anna@example.com，电话13812345678。", "我的邮箱是[email]，电话[phone]。"),
        ("write to anna [at] example [dot] com", "write to [email]"),
        ("call +49 (0)171 2345678 or 030 12345678", "call [phone] or [phone]"),
        ("身份证11010519491231002X", "身份证[national_id]"),
        ("CPF 529.982.247-25", "CPF [national_id]"),
        ("my aadhaar 2341 2341 2346", "my aadhaar [national_id]"),
    ],
)
def test_personal_values_are_replaced_by_what_they_were(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "My order 4155552671 and order #4155552671",
        "Bestellnummer 01712345678",
        "订单号13812345678还没到",
        "tracking number 4111111111111111 shows nothing",
        "It came on 2024-05-01 12:30 and cost 1.299,00 €",
        "4111 1111 1111 1112 has a wrong check digit",
        "see logo@2x.png and @shop on 192.168.100.200",
        "version 5.17.1338, 20x30x15 cm",
    ],
)
def test_orders_dates_prices_and_wrong_check_digits_stay(text: str) -> None:
    assert redact(text) == text


def test_precision_and_recall_on_generated_messages_of_twelve_countries() -> None:
    figures: Any = measure(messages(600, seed=3))["figures"]
    assert figures["all"]["precision"] >= 0.98
    assert figures["all"]["recall"] >= 0.98


@given(st.text(max_size=200))
def test_redacting_again_changes_nothing_and_other_text_stays(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    if not find(text):
        assert once == text


def test_long_runs_of_digits_and_signs_take_no_time() -> None:
    for text in ("1 " * 20_000, "a" * 40_000 + "@", "(" * 20_000 + "1", "DE89" * 5_000, "1-" * 20_000, "a.b@" * 5_000):
        redact(text)


def test_only_the_wanted_kinds_are_replaced() -> None:
    assert Redactor(["email"])("anna@example.com, 4111 1111 1111 1111") == "[email], 4111 1111 1111 1111"
    assert Redactor([])("anna@example.com") == "anna@example.com"


def test_values_inside_of_json_are_replaced() -> None:
    assert redact_all({"query": ["anna@example.com"], "score": 0.5}) == {"query": ["[email]"], "score": 0.5}


def test_logs_carry_nothing_personal_not_even_in_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(serving=True)
    log = structlog.get_logger()
    try:
        raise ValueError("no such person: anna@example.com")
    except ValueError:
        log.exception("failed for 4111 1111 1111 1111", phone="+49 171 2345678")
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "[card]" in said
    assert not any(value in said for value in ("anna@", "4111", "2345678"))


def test_libraries_log_lines_are_redacted_too() -> None:
    record = logging.LogRecord("library", logging.WARNING, "", 0, "lost %s", ("anna@example.com",), None)
    assert logs._RedactingFormatter("%(message)s").format(record) == "lost [email]"


def test_training_rows_carry_no_personal_values_of_customers_and_operators() -> None:
    export = {
        "conversation": {"id": "c1"},
        "feedback": [],
        "messages": [
            {"id": "m1", "role": "user", "text": "I am anna@example.com"},
            {"id": "m2", "role": "operator", "text": "I call +49 171 2345678", "route": None, "citations": []},
        ],
    }
    (dialogue,) = rows(export, None)
    assert [turn["text"] for turn in dialogue["turns"]] == ["I am [email]", "I call [phone]"]
