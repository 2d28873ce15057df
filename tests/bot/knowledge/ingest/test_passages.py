"""How content is cut into passages."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.ingest.blocks import Block, Content, Entry
from bot.knowledge.ingest.passages import MOST, Origin, passages, pieces, size, slug
from bot.messages import Passage

ORIGIN = Origin("d_1", "Help", "help.md")

TEXT = "we ship to every country 4.95 € e.g. Mr. Ms and 退货 运费 free (mostly) “quoted” no. 3"
WORDS = st.sampled_from(TEXT.split())
SENTENCES = st.lists(WORDS, min_size=1, max_size=40).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=30).map(lambda sentences: Block("paragraph", " ".join(sentences)))
HEADINGS = st.builds(Block, st.just("heading"), SENTENCES, st.integers(1, 6))
ITEMS = SENTENCES.map(lambda sentence: Block("item", f"- {sentence}"))
ROWS = SENTENCES.map(lambda sentence: Block("row", f"| {sentence} |"))
BLOCKS = st.lists(st.one_of(PARAGRAPHS, HEADINGS, ITEMS, ROWS), max_size=40)


def cut(*blocks: Block) -> list[Passage]:
    return passages(Content(blocks=blocks), ORIGIN)


def words(text: str) -> Counter[str]:
    return Counter(text.split())


def sentence(number: int) -> str:
    return f"Sentence number {number} says that parcels to country {number} take {number} working days to arrive."


def chinese(number: int) -> str:
    return f"第{number}条规定寄往国家{number}的包裹需要{number}个工作日才能送达。"


@given(BLOCKS)
@settings(deadline=None)
def test_no_word_is_lost(blocks: list[Block]) -> None:
    together = " ".join(passage.text for passage in cut(*blocks))

    expected = words(" ".join(block.text for block in blocks if block.kind != "heading"))
    assert not expected - words(together)


@given(st.lists(PARAGRAPHS, max_size=8))
@settings(deadline=None)
def test_running_text_is_given_once_and_in_order(blocks: list[Block]) -> None:
    together = " ".join(text for text, _ in pieces(blocks))

    assert together.split() == " ".join(block.text for block in blocks).split()


@given(BLOCKS)
@settings(deadline=None)
def test_ids_are_unique_and_do_not_depend_on_other_parts(blocks: list[Block]) -> None:
    found = cut(*blocks)
    ids = [passage.id for passage in found]

    assert len(set(ids)) == len(ids)
    assert [passage.position for passage in found] == list(range(len(ids)))
    more = cut(*blocks, Block("heading", "Something else.", 1), Block("paragraph", "New."))
    assert [passage.id for passage in more][: len(ids)] == ids


@given(st.text(max_size=3000))
@settings(deadline=None)
def test_any_text_is_cut_without_losing_letters(text: str) -> None:
    together = "".join(part for part, _ in pieces([Block("paragraph", text)]))

    assert regex.sub(r"\s", "", together) == regex.sub(r"\s", "", text)


def test_a_long_text_is_cut_between_sentences_into_passages_of_the_wanted_size() -> None:
    sentences = [sentence(number) for number in range(100)]

    texts = [passage.text for passage in cut(Block("paragraph", " ".join(sentences)))]

    assert [one for text in texts for one in regex.split(r"(?<=\.) ", text)] == sentences
    assert all(60 <= len(text.split()) <= 180 for text in texts)


def test_chinese_is_measured_in_characters() -> None:
    sentences = [chinese(number) for number in range(100)]

    texts = [passage.text for passage in cut(Block("paragraph", "".join(sentences)))]

    assert "".join(texts) == "".join(sentences)
    assert all(text.endswith("。") for text in texts)
    assert all(120 <= len(text) <= 400 for text in texts)


def test_short_paragraphs_of_a_section_share_a_passage() -> None:
    (passage,) = cut(Block("paragraph", sentence(1)), Block("paragraph", sentence(2)))

    assert passage.text == f"{sentence(1)}\n\n{sentence(2)}"


def test_sections_are_never_mixed_and_carry_their_path() -> None:
    found = cut(
        Block("heading", "Help", 1),
        Block("heading", "Shipping", 2),
        Block("paragraph", "One."),
        Block("heading", "Express costs?", 3),
        Block("paragraph", "Two."),
        Block("heading", "Returns", 2),
        Block("paragraph", "Three."),
    )

    assert [(passage.heading, passage.title, passage.source, passage.text) for passage in found] == [
        (("Help", "Shipping"), "Help › Shipping", "help.md#shipping", "One."),
        (
            ("Help", "Shipping", "Express costs?"),
            "Help › Shipping › Express costs?",
            "help.md#express-costs",
            "Two.",
        ),
        (("Help", "Returns"), "Help › Returns", "help.md#returns", "Three."),
    ]


def test_a_list_stays_under_its_lead_in_and_both_are_repeated_where_it_is_cut() -> None:
    items = [Block("item", f"- {sentence(number)}") for number in range(30)]

    texts = [passage.text for passage in cut(Block("paragraph", "These are our times:"), *items)]

    assert len(texts) > 1
    assert all(text.startswith("These are our times:\n- ") for text in texts)
    assert all(size(text) <= MOST for text in texts)
    assert [line for text in texts for line in text.split("\n")[1:]] == [item.text for item in items]


def test_a_table_keeps_its_first_row_where_it_is_cut() -> None:
    rows = [Block("row", f"| size {number} | {number} cm to {number + 2} cm |") for number in range(60)]

    texts = [passage.text for passage in cut(Block("row", "| Size | Chest |"), *rows)]

    assert len(texts) > 1
    assert all(text.startswith("| Size | Chest |\n| size") for text in texts)


def test_a_sentence_that_never_ends_is_cut_at_a_space() -> None:
    found = cut(Block("paragraph", "word " * 5000))

    assert all(len(passage.text) <= 4000 for passage in found)
    assert " ".join(passage.text for passage in found).split() == ["word"] * 5000


def test_a_megabyte_of_text_is_cut_in_seconds() -> None:
    text = " ".join(sentence(number) for number in range(12_000))
    started = time.monotonic()

    found = cut(Block("paragraph", text), Block("paragraph", "x" * 1_000_000))

    assert len(found) > 500
    assert time.monotonic() - started < 20


def test_a_question_is_the_title_of_its_answer_and_a_long_answer_keeps_it() -> None:
    long = "\n\n".join(sentence(number) for number in range(30))
    entries = (Entry("Where?", "Here."), Entry("How long?", long, source="https://shop.example", heading=("Store",)))

    found = passages(Content(title="Faq", entries=entries), ORIGIN)

    assert (found[0].title, found[0].text, found[0].source) == ("Where?", "Here.", "help.md")
    assert len(found) > 2
    assert {(one.title, one.source, one.heading) for one in found[1:]} == {
        ("How long?", "https://shop.example", ("Store",))
    }


def test_prepared_passages_are_kept_as_they_are() -> None:
    long = "\n\n".join(sentence(number) for number in range(60))

    (passage,) = passages(Content(entries=(Entry("T", long, id="set:1", language="de"),)), ORIGIN)

    assert (passage.id, passage.text, passage.language) == ("set:1", long, "de")


def test_ids_differ_between_documents_with_the_same_words() -> None:
    content = Content(blocks=(Block("paragraph", "Same."),))

    (one,) = passages(content, ORIGIN)
    (other,) = passages(content, replace(ORIGIN, document_id="d_2"))

    assert one.id != other.id


def test_the_language_is_told_for_each_passage() -> None:
    german = "Die Lieferung nach Deutschland dauert zwei Tage und ist ab 75 Euro für Sie kostenlos."
    mixed = [
        Block("paragraph", german),
        Block("heading", "中文", 1),
        Block("paragraph", "Larkfell 的退货期限是 60 天。"),
    ]
    japanese = cut(Block("paragraph", "返品は60日以内に可能です。"))

    assert [passage.language for passage in cut(*mixed)] == ["de", "zh"]
    assert [passage.language for passage in cut(Block("paragraph", sentence(1)))] == ["en"]
    assert [passage.language for passage in japanese] == ["ja"]
    assert [passage.language for passage in cut(Block("row", "| XS | 34 | 80–84 |"))] == ["en"]


def test_a_page_of_the_web_is_cited_by_its_own_address() -> None:
    blocks = (Block("heading", "Care", 1), Block("heading", "Down", 2, anchor="down"), Block("paragraph", "Wash."))

    (passage,) = passages(Content(link="https://shop.example/care", blocks=blocks), ORIGIN)

    assert passage.source == "https://shop.example/care#down"


def test_anchors_are_those_of_markdown_viewers() -> None:
    assert slug("Where is my order? Track a parcel") == "where-is-my-order-track-a-parcel"
    assert slug("退货、换货与退款") == "退货换货与退款"
