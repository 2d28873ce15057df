"""The index over a real store: what it finds, and that it stays in step."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.knowledge.index import KnowledgeIndex
from bot.messages import Document, Passage, Query, Utterance
from storage.database import Database
from storage.knowledge import SqlKnowledge

SHOP = {
    "Shipping costs": "Standard shipping to Germany costs 4.95 euros. Delivery takes two to three working days.",
    "Returns": "You can send items back within 30 days of delivery. Print the label in your account.",
    "Opening hours": "Our store in Leiden is open from Monday to Saturday, ten to six.",
    "Gift cards - How long are they valid?": "A gift card is valid for three years.",
    "Gift cards - Where can I buy them?": "Gift cards are sold in the store and on the website.",
    "Warranty - How long is it?": "Boots have a warranty of two years, jackets one of five.",
    "运费": "寄到德国的运费是五欧元，两到三个工作日送达。",
    "退货": "收到商品后三十天之内可以退货，请在账户里打印退货标签。",
}


class CountingEmbedder:
    """Letters counted: real vectors, deterministic, and it keeps what it was asked to encode."""

    languages = frozenset({"en"})

    def __init__(self, name: str = "letters", dimensions: int = 26) -> None:
        self.name = name
        self.dimensions = dimensions
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        rows = np.array([[text.lower().count(chr(97 + n)) for n in range(self.dimensions)] for text in texts])
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        vectors: NDArray[np.float32] = (rows / lengths).astype(np.float32)
        return vectors


def passages(entries: dict[str, str], document: str = "shop") -> list[Passage]:
    return [
        Passage(f"{document}-{number}", title, text, f"{document}.md", document, position=number)
        for number, (title, text) in enumerate(entries.items())
    ]


def document(name: str, count: int) -> Document:
    return Document(name, f"{name}.md", f"{name}.md", f"digest-{count}", count, datetime(2026, 1, 1, tzinfo=UTC))


async def put(knowledge: SqlKnowledge, entries: dict[str, str], name: str = "shop") -> None:
    await knowledge.replace(document(name, len(entries)), passages(entries, name))


@pytest.fixture
async def knowledge(sqlite_url: str) -> AsyncIterator[SqlKnowledge]:
    database = await Database.open(sqlite_url)
    yield SqlKnowledge(database)
    await database.close()


@pytest.fixture
async def index(knowledge: SqlKnowledge) -> AsyncIterator[KnowledgeIndex]:
    await put(knowledge, SHOP)
    index = KnowledgeIndex(knowledge)
    yield index
    await index.close()


async def titles(index: KnowledgeIndex, query: Query, k: int = 20) -> list[str]:
    return [evidence.passage.title for evidence in await index.search(query, k)]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How much is shipping to Germany?", "Shipping costs"),
        ("can I send something back", "Returns"),
        ("When is the store open on Saturday?", "Opening hours"),
        ("How long is a gift card valid?", "Gift cards - How long are they valid?"),
        ("运费多少钱？", "运费"),
        ("我想退货", "退货"),
    ],
)
async def test_a_question_finds_its_passage(index: KnowledgeIndex, question: str, title: str) -> None:
    assert (await titles(index, Query(question)))[0] == title


@pytest.mark.parametrize(
    ("before", "question", "title"),
    [
        ("Do you have gift cards?", "where can I buy them?", "Gift cards - Where can I buy them?"),
        ("Do you have gift cards?", "how long are they valid?", "Gift cards - How long are they valid?"),
        ("Is there a warranty on boots?", "how long is it?", "Warranty - How long is it?"),
        ("我要退货", "要多少天之内？", "退货"),
    ],
)
async def test_a_follow_up_is_about_what_was_named_before(
    index: KnowledgeIndex, before: str, question: str, title: str
) -> None:
    history = (Utterance("user", before), Utterance("assistant", "Yes."))

    assert (await titles(index, Query(question, history)))[0] == title


async def test_evidence_is_best_first_with_shares_and_features(index: KnowledgeIndex) -> None:
    found = await index.search(Query("shipping to Germany"), k=3)
    scores = [evidence.score for evidence in found]

    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1.0001
    assert found[0].features["cover"] == pytest.approx(1)


async def test_there_are_at_most_k(index: KnowledgeIndex) -> None:
    assert len(await index.search(Query("gift card store germany"), k=2)) == 2


async def test_a_question_without_a_known_word_finds_nothing(index: KnowledgeIndex) -> None:
    assert await titles(index, Query("qwertz 🙂")) == []
    assert await titles(index, Query("")) == []


async def test_without_knowledge_nothing_is_found(knowledge: SqlKnowledge) -> None:
    for embedder in (None, CountingEmbedder()):
        assert await titles(KnowledgeIndex(knowledge, embedder), Query("shipping")) == []


async def test_a_change_is_found_after_a_refresh(knowledge: SqlKnowledge, index: KnowledgeIndex) -> None:
    await index.refresh()
    await put(knowledge, {"Bicycles": "We repair bicycles on Tuesdays."}, "bicycles")
    await index.refresh()

    assert (await titles(index, Query("bicycle repair")))[0] == "Bicycles"


async def test_searches_go_on_over_the_old_index_while_the_new_one_is_built(knowledge: SqlKnowledge) -> None:
    class SlowEmbedder(CountingEmbedder):
        """Waits for leave to encode new passages; questions go through."""

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if any("bicycles" in text for text in texts):
                assert leave.wait(timeout=30)
            return super().encode(texts)

    leave = threading.Event()
    await put(knowledge, SHOP)
    index = KnowledgeIndex(knowledge, SlowEmbedder())
    await index.refresh()
    await put(knowledge, {"Bicycles": "We repair bicycles on Tuesdays."}, "bicycles")

    during = await asyncio.wait_for(titles(index, Query("shipping to Germany")), timeout=20)
    leave.set()
    await index.refresh()

    assert during[0] == "Shipping costs"
    assert "Bicycles" in await titles(index, Query("repair on Tuesdays"))
    await index.close()


async def test_removed_knowledge_is_not_found_any_more(knowledge: SqlKnowledge, index: KnowledgeIndex) -> None:
    await index.refresh()
    await knowledge.remove("shop")
    await index.refresh()

    assert await titles(index, Query("shipping")) == []


async def test_vectors_are_made_once_and_kept(knowledge: SqlKnowledge) -> None:
    await put(knowledge, SHOP)
    first, second = CountingEmbedder(), CountingEmbedder()
    await KnowledgeIndex(knowledge, first).refresh()
    await KnowledgeIndex(knowledge, second).refresh()

    assert len(first.encoded) == len(SHOP)
    assert second.encoded == []


async def test_only_new_passages_are_encoded(knowledge: SqlKnowledge) -> None:
    await put(knowledge, SHOP)
    embedder = CountingEmbedder()
    index = KnowledgeIndex(knowledge, embedder)
    await index.refresh()
    await put(knowledge, {"Bicycles": "We repair bicycles."}, "bicycles")
    await index.refresh()

    assert embedder.encoded[len(SHOP) :] == ["Bicycles. We repair bicycles."]


@pytest.mark.parametrize(
    "damaged", [np.ones(3, np.float32), np.full(26, 9.0, np.float32)], ids=["other size", "other length"]
)
async def test_damaged_vectors_are_made_again(knowledge: SqlKnowledge, damaged: NDArray[np.float32]) -> None:
    await put(knowledge, SHOP)
    await KnowledgeIndex(knowledge, CountingEmbedder()).refresh()
    await knowledge.add_vectors("letters", {"shop-2": damaged})
    embedder = CountingEmbedder()
    await KnowledgeIndex(knowledge, embedder).refresh()

    assert len(embedder.encoded) == 1
    assert (await knowledge.vectors("letters"))["shop-2"] == pytest.approx(embedder.encode(embedder.encoded)[0])


async def test_another_embedder_makes_its_own_vectors(knowledge: SqlKnowledge) -> None:
    await put(knowledge, SHOP)
    await KnowledgeIndex(knowledge, CountingEmbedder()).refresh()
    other = CountingEmbedder("other", 20)
    await KnowledgeIndex(knowledge, other).refresh()

    assert len(other.encoded) == len(SHOP)


async def test_an_embedder_stays_out_of_languages_it_ranks_badly_in(knowledge: SqlKnowledge) -> None:
    await put(knowledge, SHOP)
    index = KnowledgeIndex(knowledge, CountingEmbedder())
    english = (await index.search(Query("shipping")))[0].features
    chinese = (await index.search(Query("运费")))[0].features

    assert "near" in english
    assert "near" not in chinese
