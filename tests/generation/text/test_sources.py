"""Files as teams have them: what becomes a conversation, who speaks for the shop, and what is wrong with a file."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.errors import ModelUnusable
from generation.text.dialogues import Dialogue, Turn
from generation.text.sources import read_corpus
from generation.text.sources.chats import SILENCE

HOUR = 3600


def said(dialogue: Dialogue) -> list[str]:
    return [f"{turn.role}: {turn.text}" for turn in dialogue.turns]


def write(folder: Path, name: str, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, "utf-8")
    return folder / name


# --- question-answer pairs ---


@pytest.mark.parametrize(
    "table",
    [
        'question,answer\n"Ships to Norway?","Yes, in 5 days."\n',
        "\ufeffQuestion;Answer\nShips to Norway?;Yes, in 5 days.\n",
        "id\tA\tQ\n7\tYes, in 5 days.\tShips to Norway?\n",
        '问题,回答\nShips to Norway?,"Yes, in 5 days."\n',
    ],
)
def test_pairs_are_read_however_the_table_was_written(table: str, tmp_path: Path) -> None:
    (dialogue,) = read_corpus([write(tmp_path, "faq.csv", table)]).dialogues
    assert said(dialogue) == ["user: Ships to Norway?", "assistant: Yes, in 5 days."]
    assert dialogue.published


def test_a_pair_may_name_its_language_and_the_passage_it_rests_on(tmp_path: Path) -> None:
    table = "question,answer,language,passage\nVersand?,Frei.,de,Der Versand ist frei.\n"
    (dialogue,) = read_corpus([write(tmp_path, "faq.csv", table)]).dialogues
    assert dialogue.language == "de"
    assert dialogue.turns[1] == Turn("assistant", "Frei.", ("Der Versand ist frei.",))


def test_a_pair_keeps_its_id_when_rows_are_added(tmp_path: Path) -> None:
    one = write(tmp_path, "one.csv", "question,answer\nA?,Yes.\n")
    two = write(tmp_path, "two.csv", "question,answer\nB?,No.\nA?,Yes.\n")
    assert read_corpus([two]).dialogues[1].id == read_corpus([one]).dialogues[0].id


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("frage,antwort\nA?,B.\n", "needs a column `question` and a column `answer`; it has frage, antwort"),
        ("", "it has none"),
        ('question,answer\nA?,"never ends\n', r"line \d"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_the_reason(content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=reason):
        read_corpus([write(tmp_path, "faq.csv", content)])


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_bytes("question,answer\nGröße?,Groß.\n".encode("latin-1"))
    with pytest.raises(ModelUnusable, match="not UTF-8"):
        read_corpus([tmp_path / "faq.csv"])


# --- Telegram ---


def telegram(number: int, who: str, text: Any, hour: float = 0, **more: Any) -> dict[str, Any]:
    message = {"id": number, "type": "message", "from": who, "from_id": f"user{who}", "text": text}
    return {**message, "date": "2026-01-01T00:00:00", "date_unixtime": str(1_767_000_000 + hour * HOUR), **more}


PRIVATE_CHAT = {
    "name": "Ann",
    "type": "personal_chat",
    "id": 42,
    "messages": [
        {"id": 1, "type": "service", "action": "phone_call", "text": ""},
        telegram(2, "Ann", ["Where is ", {"type": "bold", "text": "my parcel"}, "?"]),
        telegram(3, "Shop", "On its way."),
        telegram(4, "Ann", "", media_type="sticker"),
        telegram(5, "Ann", "Thanks!", hour=5),
        telegram(6, "Ann", "Hello again", hour=5 + SILENCE / HOUR + 1),
        telegram(7, "Shop", "Hello Ann!", hour=24),
        telegram(8, "Shop", "Look at this", hour=24, forwarded_from="News"),
    ],
}


def test_a_private_telegram_chat_is_parted_where_the_customer_was_silent_for_long(tmp_path: Path) -> None:
    first, second = read_corpus([write(tmp_path, "result.json", PRIVATE_CHAT)]).dialogues
    assert said(first) == ["user: Where is my parcel?", "assistant: On its way.", "user: Thanks!"]
    assert said(second) == ["user: Hello again", "assistant: Hello Ann!"]
    assert (first.id, first.customers, first.agents) == ("telegram:42:2", ("Ann",), ("Shop",))


def test_in_an_export_of_all_chats_the_owner_speaks_for_the_shop(tmp_path: Path) -> None:
    export = {"personal_information": {"user_id": "Shop"}, "chats": {"list": [PRIVATE_CHAT]}}
    assert said(read_corpus([write(tmp_path, "result.json", export)]).dialogues[1])[1] == "assistant: Hello Ann!"


GROUP = {
    "name": "Help",
    "type": "private_supergroup",
    "id": 7,
    "messages": [
        telegram(1, "Mia", "Welcome, everybody"),
        telegram(2, "Ann", "Do you ship to Norway?"),
        telegram(3, "Bob", "Is it waterproof?"),
        telegram(4, "Mia", "Yes, in 5 days.", reply_to_message_id=2),
        telegram(5, "Mia", "And it is waterproof."),
        telegram(6, "Mia", "Fully.", reply_to_message_id=3),
    ],
}


def test_in_a_group_each_customer_has_a_conversation_of_their_own(tmp_path: Path) -> None:
    ann, bob = read_corpus([write(tmp_path, "group.json", GROUP)], assistants=["Mia"]).dialogues
    assert said(ann) == [
        "user: Do you ship to Norway?",
        "assistant: Yes, in 5 days.",
        "assistant: And it is waterproof.",
    ]
    assert said(bob) == ["user: Is it waterproof?", "assistant: Fully."]


def test_a_group_that_does_not_tell_who_speaks_for_the_shop_asks_and_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"'Help'\? Name them with --assistant NAME \(Ann, Bob, Mia\)"):
        read_corpus([write(tmp_path, "group.json", GROUP)])


# --- Discord ---


def discord(number: int, who: str, text: str, **more: Any) -> dict[str, Any]:
    author = {"id": f"9{who}", "name": who, "isBot": who == "helper"}
    message = {"id": str(number), "type": "Default", "timestamp": "2026-01-01T10:00:00.1234567+00:00"}
    return {**message, "content": text, "author": author, **more}


CHANNEL = {
    "guild": {"id": "1", "name": "Shop"},
    "channel": {"id": "5", "name": "support"},
    "messages": [
        discord(1, "ann", "<@!123> is my <:parcel:77> lost?"),
        discord(2, "bob", "joined", type="GuildMemberJoin"),
        discord(3, "bob", "And mine?"),
        discord(4, "helper", "Yours is on its way, ann.", type="Reply", reference={"messageId": "1"}),
    ],
}


def test_a_discord_channel_is_read_and_its_bot_speaks_for_the_shop(tmp_path: Path) -> None:
    ann, bob = read_corpus([write(tmp_path, "support.json", CHANNEL)]).dialogues
    assert said(ann) == ["user: is my :parcel: lost?", "assistant: Yours is on its way, ann."]
    assert said(bob) == ["user: And mine?"]
    assert ann.id == "discord:5:1"


DISCORD_CSV = """AuthorID,Author,Date,Content,Attachments,Reactions
"1","ann","2026-01-01T10:00:00.0000000+00:00","Is it lost?","",""
"2","mia","01/01/2026 10:05 AM","No.","",""
"2","mia","2026-01-01T10:05:00.0000000+00:00","","https://cdn.example/a.png",""
"""


def test_a_discord_csv_needs_to_be_told_who_speaks_for_the_shop(tmp_path: Path) -> None:
    file = write(tmp_path, "support.csv", DISCORD_CSV)
    (dialogue,) = read_corpus([file], assistants=["mia"]).dialogues
    assert said(dialogue) == ["user: Is it lost?", "assistant: No."]
    with pytest.raises(ModelUnusable, match=r"nobody speaks for the shop.*ann, mia"):
        read_corpus([file])


def test_a_date_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    content = DISCORD_CSV.replace("01/01/2026 10:05 AM", "yesterday")
    with pytest.raises(ModelUnusable, match="'yesterday' is not a date"):
        read_corpus([write(tmp_path, "support.csv", content)], assistants=["mia"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "not valid JSON"), ("[]", "neither Telegram's nor"), ('{"messages": 3}', "neither Telegram's nor")],
)
def test_other_json_is_refused(content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=reason):
        read_corpus([write(tmp_path, "export.json", content)])


@pytest.mark.parametrize("turn", ["words", {"text": "no role"}, {"role": "user"}])
def test_a_dialogue_with_broken_turns_is_named(turn: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"talk\.jsonl, dialogue d9: each of its turns"):
        read_corpus([write(tmp_path, "talk.jsonl", {"id": "d9", "turns": [turn]})])


KEYS = ("name", "type", "id", "messages", "chats", "list", "text", "from", "date", "channel", "author", "turns", "role")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("message"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


PARTS = dict.fromkeys(("id", "text", "content", "from", "from_id", "author", "date", "timestamp", "reference"), JSON)
MESSAGE = st.fixed_dictionaries({"type": st.sampled_from(("message", "Default"))}, optional=PARTS)
CHAT = st.fixed_dictionaries(
    {"messages": st.lists(JSON | MESSAGE, max_size=3), "type": JSON},
    optional={"channel": JSON, "id": JSON, "name": JSON},
)
ALL_CHATS = st.fixed_dictionaries(
    {"chats": st.fixed_dictionaries({"list": JSON | st.lists(JSON | CHAT, max_size=2)})},
    optional={"personal_information": JSON},
)
TURNS = st.fixed_dictionaries({"turns": JSON, "id": JSON}, optional={"customers": JSON, "user_persona": JSON})


@given(JSON | CHAT | ALL_CHATS | TURNS)
@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_whatever_the_json_is_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: Any
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    file.write_text(json.dumps(content))
    with contextlib.suppress(ModelUnusable):
        read_corpus([file], assistants=["shop"])


@given(st.text(max_size=80) | st.text(alphabet='question,answer;"\n\tx', max_size=80))
@settings(max_examples=300, deadline=None)
def test_whatever_the_table_is_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_text("question,answer\n" + content.encode("utf-8", "replace").decode(), "utf-8")
    with contextlib.suppress(ModelUnusable):
        assert all(dialogue.turns for dialogue in read_corpus([file]).dialogues)
