"""The numbers by which passages are compared for one query: plain arrays, a value for each passage.

*Signals* are computed for all passages. *Features* are made from them for the candidates alone, in forms that mean
the same in a knowledge base of sixty passages and of sixty thousand: shares, distances to the best, ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.conversation import Asked, pairs
from bot.knowledge.lexical import LexicalIndex
from bot.knowledge.topics import Topics

Array = NDArray[np.float32]
Signals = dict[str, Array]

_WORDS = ("question", "customer", "replies", "last_words", "last_reply", "pairs")
_TITLES = ("title", "title_customer", "title_replies")
_TOPICS = ("topic", "topic_customer", "topic_replies")
_SHARES = ("mention", "mention_named", "mention_together", "cover", "strength")
_BLENDS = ("blend", "focus")
_VECTORS = ("near", "near_before", "near_topic", "near_blend")
_LISTS = ("question", "blend", "focus")
_VECTOR_LISTS = ("near", "near_before", "near_blend")
_LISTED = 40
"""Passages that each list gives to the candidates."""


class Fields(Protocol):
    """What signals are computed from; `vectors` [passages, dimensions] is None without an embedder."""

    text: LexicalIndex
    titles: LexicalIndex
    pairs: LexicalIndex
    topics: Topics
    lengths: Array
    vectors: Array | None


def lexical_signals(asked: Asked, fields: Fields) -> Signals:
    """Scores by words: of the passage, of its title, of its topic, each with the question and with the history."""
    text, titles, topics = fields.text, fields.titles, fields.topics
    signals = {
        name: index.scores(query)
        for names, index in ((_WORDS[:5], text), (_TITLES, titles))
        for name, query in zip(names, _queries(asked), strict=False)
    }
    for name, query in zip(_TOPICS, _queries(asked), strict=False):
        signals[name] = topics.contents.scores(query)[topics.of]
    signals["pairs"] = fields.pairs.scores(dict.fromkeys(pairs(asked.turns[0]), 1.0))
    share, named = topics.mentions(asked.turns)
    signals["mention"] = share[topics.of]
    signals["mention_named"] = named[topics.of]
    signals["mention_together"] = topics.mentioned_together(asked.turns)[topics.of]
    rareness = sum(map(text.idf, asked.question)) or 1.0
    signals["cover"] = text.scores_of_presence(asked.question) / np.float32(rareness)
    signals["strength"] = signals["question"] / np.float32(rareness)
    signals["blend"] = signals["question"] + 0.3 * signals["customer"] + 0.15 * signals["replies"]
    signals["focus"] = signals["blend"] + np.float32(0.5 * rareness) * signals["mention"]
    return signals


def vector_signals(question: Array, before: Array, fields: Fields, mention: Array) -> Signals:
    """Cosines with the question and with the turns before it; `before` is zero without history."""
    assert fields.vectors is not None
    both = question + before
    both /= max(float(np.linalg.norm(both)), 1e-9)
    near, near_before = fields.vectors @ question, fields.vectors @ both
    return {
        "near": near,
        "near_before": near_before,
        "near_topic": fields.topics.best(near_before)[fields.topics.of],
        "near_blend": near + 0.5 * near_before + mention,
    }


def candidates(signals: Signals) -> NDArray[np.int64]:
    """The rows of the passages that are high in one of the lists."""
    chosen: set[int] = set()
    for name in _lists(signals):
        scores = signals[name]
        count = min(_LISTED, len(scores))
        top = np.argpartition(-scores, count - 1)[:count]
        chosen.update(top[scores[top] > 0].tolist())
    return np.array(sorted(chosen), dtype=np.int64)


def features(signals: Signals, rows: NDArray[np.int64], asked: Asked, fields: Fields) -> dict[str, Array]:
    """A column for each feature, a value for each of the rows."""
    history = float(len(asked.turns) > 1)
    columns: dict[str, Array] = {}
    for name in (*_WORDS, *_TITLES, *_TOPICS, *_BLENDS):
        columns[name] = _relative(signals[name][rows])
    for name in _SHARES:
        columns[name] = signals[name][rows]
    columns["mention_relative"] = _relative(columns["mention"])
    for name in _VECTORS if "near" in signals else ():
        scores = signals[name][rows]
        columns[name] = 4 * (scores - scores.max())
    for name in _lists(signals):
        columns[f"rank_{name}"] = _reciprocal_ranks(signals[name][rows])
    for name in ("question", "customer", "topic", "topic_customer", "mention_relative"):
        columns[f"{name}_in_history"] = columns[name] * np.float32(history)
    columns["length"] = fields.lengths[rows]
    columns["topic_size"] = np.log1p(fields.topics.sizes[fields.topics.of[rows]]).astype(np.float32) / np.float32(5)
    columns["history"] = np.full(len(rows), history, dtype=np.float32)
    return columns


def _queries(asked: Asked) -> Sequence[dict[str, float]]:
    return (asked.question, asked.customer, asked.replies, asked.last_words, asked.last_reply)


def _lists(signals: Signals) -> tuple[str, ...]:
    return _LISTS + _VECTOR_LISTS if "near" in signals else _LISTS


def _relative(scores: Array) -> Array:
    """As a share of the best."""
    return scores / np.float32(max(float(scores.max()), 1e-6))


def _reciprocal_ranks(scores: Array) -> Array:
    ranks = np.empty(len(scores), dtype=np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.float32(1) / ranks
