"""Which messages ask what was said earlier, and what they ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.analysis import terms
from bot.memory.asking import Side
from bot.memory.question import is_about_the_past, read

NOW = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "subject", "side"),
    [
        ("What did I ask you last week about my order?", "order", "customer"),
        ("what did you recommend to me for hiking?", "hike", "shop"),
        ("Do you remember what I told you about my knee?", "knee", "customer"),
        ("Remind me what you said about the warranty", "warranti", "shop"),
        ("which boots have you recommended", "boot", "shop"),
        ("Did I already mention my allergy?", "allergi", "customer"),
        ("When did I complain about the zipper?", "zipper", "customer"),
        ("Was habe ich dich letzte Woche zu meiner Bestellung gefragt?", "bestellung", "customer"),
        ("Welche Stiefel hast du mir empfohlen?", "stiefel", "shop"),
        ("Qu'est-ce que je vous ai demandé ?", "", None),
        ("Qu'est-ce que j'ai demandé sur ma commande ?", "command", "customer"),
        ("Quelle taille m'avez-vous conseillée ?", "taill", None),
        ("¿Qué te pregunté sobre mi pedido?", "pedido", "customer"),
        ("¿Qué botas me recomendaste?", "bota", "shop"),
        ("我上次问你什么了？", "", "customer"),
        ("你给我推荐过哪一部电影？", "电影", "shop"),
        ("我曾经和你分享过做糖醋鱼的经历，还记得吗？", "糖醋鱼", "customer"),
        ("在5月2号我们聊了哪些话题？", "话题", "customer"),
    ],
)
def test_questions_about_what_was_said(text: str, subject: str, side: Side | None) -> None:
    wanted = read(text, NOW, ZONE)
    if side is not None:
        assert is_about_the_past(text)
        assert wanted.sides == {side}
    if subject.isascii():
        found = [term for term in terms(wanted.text) if term in subject.split()]
        assert found == subject.split()
    else:
        assert subject in wanted.text


@pytest.mark.parametrize(
    "text",
    [
        "How long does shipping take?",
        "Can I ask you a question?",
        "I want to ask about my order",
        "What do you recommend for hiking?",
        "Which shoes would you recommend?",
        "When will my order arrive?",
        "How do I report a defect?",
        "Where do I write to complain?",
        "Tell me about returns",
        "My friend said that you deliver to Norway, is that so?",
        "What is said in the terms about returns?",
        "Do you remember me?",
        "Why didn't you tell me that earlier?",
        "Why am I being told that my card is blocked?",
        "Was empfehlen Sie für den Winter?",
        "Wie kann ich eine Frage stellen?",
        "Que recommandez-vous ?",
        "¿Qué recomiendas?",
        "你们推荐什么鞋？",
        "我想问一下运费是多少？",
        "请问可以退货吗？",
        "你好",
        "",
    ],
)
def test_other_messages_are_left_alone(text: str) -> None:
    assert not is_about_the_past(text)


def test_the_time_and_the_last_time_are_understood() -> None:
    assert read("what did I ask you last time?", NOW, ZONE).last_time
    wanted = read("what did I ask you yesterday about boots?", NOW, ZONE)
    assert wanted.period is not None
    assert wanted.period[0].day == 13
    assert not wanted.last_time
    assert "yesterday" not in wanted.text
