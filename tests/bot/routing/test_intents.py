"""Topics told apart, and what belongs to none of them, on a small set written here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.errors import UsageError
from bot.routing.intents import IntentClassifier
from bot.routing.kernel import Kernel, KernelRidge, nearness

TOPICS = {
    "shipping": "{} the shipping to {}|when does delivery to {1} {0}|how long is delivery to {1}|ship my parcel to {1}",
    "refund": "{} my refund from {}|I want my money back for {1}|refund the payment of {1}|money returned for {1} {0}",
    "password": "{} my password in {}|cannot log in to {1}|reset the login of {1}|forgot the login code for {1} {0}",
    "invoice": "{} an invoice for {}|send me the bill of {1}|the bill for {1} is missing|print the invoice of {1} {0}",
    "weather": "{} the weather in {}|will it rain in {1}|is it sunny in {1} {0}|snow forecast for {1}",
    "退货": "{}退货{}|怎么把{1}退回去|{1}可以退吗|退换{1}的流程{0}",
}
VERBS = ["check", "explain", "show me"]
THINGS = ["Berlin", "the shop", "March", "my sister", "the app"]


def examples() -> tuple[list[str], list[str]]:
    texts, labels = [], []
    for label, patterns in TOPICS.items():
        for pattern in patterns.split("|"):
            for verb in VERBS:
                for thing in THINGS:
                    texts.append(pattern.replace("{}", "{0}", 1).replace("{}", "{1}").format(verb, thing))
                    labels.append(label)
    return texts, labels


@pytest.fixture(scope="module")
def classifier() -> IntentClassifier:
    return IntentClassifier.fit(*examples())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("how long does shipping take", "shipping"),
        ("give me my money back", "refund"),
        ("I forgot my password", "password"),
        ("where is the invoice", "invoice"),
        ("is it going to rain", "weather"),
        ("怎么退货", "退货"),
    ],
)
def test_new_words_for_a_topic_are_understood(classifier: IntentClassifier, text: str, label: str) -> None:
    (prediction,) = classifier.predict([text])
    assert prediction.label == label


def test_what_is_of_no_topic_looks_less_familiar(classifier: IntentClassifier) -> None:
    known = classifier.predict(
        ["explain the shipping to Rome", "reset the login of the bank", "I want my money back for the cup"]
    )
    unknown = classifier.predict(["play some jazz", "qwertz", "my cat likes tuna", "谁赢了比赛"])
    assert min(p.out_of_scope for p in unknown) > max(p.out_of_scope for p in known)
    assert all(p.out_of_scope < classifier.threshold for p in known)
    assert all(p.out_of_scope > classifier.threshold for p in unknown)


def test_examples_of_what_is_out_of_scope_teach_it() -> None:
    texts, labels = examples()
    strange = [f"book a {thing} at the {place}" for thing in ("table", "taxi", "room") for place in ("hotel", "beach")]
    (before,) = IntentClassifier.fit(texts, labels).predict(["book a bed at the hotel"])
    taught = IntentClassifier.fit([*texts, *strange], [*labels, *["oos"] * len(strange)])
    (after,) = taught.predict(["book a bed at the hotel"])
    assert after.out_of_scope > before.out_of_scope
    assert after.out_of_scope > taught.threshold


def test_an_example_of_two_topics_counts_for_both() -> None:
    texts, labels = examples()
    both = [f"gift wrap {thing}" for thing in THINGS]
    classifier = IntentClassifier.fit([*texts, *both], [*labels, *["shipping|invoice"] * len(both)])
    (prediction,) = classifier.predict(["gift wrap it"])
    assert prediction.label in ("shipping", "invoice")


def test_the_same_text_with_two_labels_follows_the_more_frequent_one() -> None:
    texts, labels = examples()
    classifier = IntentClassifier.fit([*texts, *["zebra"] * 4], [*labels, "refund", "password", "password", "password"])
    (prediction,) = classifier.predict(["Zebra"])
    assert prediction.label == "password"


def test_an_embedder_brings_words_together_that_share_no_letters() -> None:
    class Synonyms:
        name, dimensions, languages = "synonyms", 6, frozenset({"en"})

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            words = [("parcel", "package"), ("refund", "money"), ("login", "password"), ("bill", "invoice")]
            rows = [[float(any(w in text for w in group)) for group in words] + [0.1, 0.1] for text in texts]
            vectors = np.array(rows, np.float32).reshape(len(texts), 6)
            unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            return unit

    (prediction,) = IntentClassifier.fit(*examples(), Synonyms()).predict(["package"])
    assert prediction.label == "shipping"


def test_one_topic_is_nothing_to_tell_apart() -> None:
    with pytest.raises(UsageError, match="two topics"):
        IntentClassifier.fit(["a", "b"], ["same", "same"])


def test_the_smallest_training_set_works() -> None:
    classifier = IntentClassifier.fit(["where is my parcel", "cancel it"], ["track", "cancel"])
    assert [p.label for p in classifier.predict(["my parcel", "cancel"])] == ["track", "cancel"]


@settings(max_examples=50)
@given(texts=st.lists(st.text(), max_size=5))
def test_any_texts_are_predicted_with_probabilities(classifier: IntentClassifier, texts: list[str]) -> None:
    predictions = classifier.predict(texts)
    assert len(predictions) == len(texts)
    assert all(prediction.label in TOPICS and 0 <= prediction.out_of_scope <= 1 for prediction in predictions)


def _regression(rows: NDArray[np.intp], texts: list[str], targets: NDArray[np.float32]) -> KernelRidge:
    gram = Kernel(texts, None).gram()[np.ix_(rows, rows)]
    return KernelRidge.fit(gram, targets[rows], np.full(len(rows), 0.1, np.float32))


def test_leaving_an_example_or_a_topic_out_is_the_same_as_learning_without_it() -> None:
    texts, labels = examples()
    texts, labels = texts[::5], labels[::5]
    names = sorted(set(labels))
    targets = np.array([[1 if name == label else -1 for name in names] for label in labels], np.float32)
    everything = np.arange(len(texts))
    gram = Kernel(texts, None).gram()
    whole = _regression(everything, texts, targets)

    rest = np.delete(everything, 7)
    relearned = gram[7, rest] @ _regression(rest, texts, targets).weights
    held = whole.without_each()
    np.testing.assert_allclose(held.scores[7], relearned, atol=1e-3)
    np.testing.assert_allclose(held.nearness[7], nearness(gram[[7]][:, rest])[0], atol=1e-5)

    for column, held_topic in enumerate(whole.without_topics()):
        members = np.flatnonzero(targets[:, column] > 0)
        gone = np.isneginf(held_topic.scores[0])
        rest = everything[(targets[:, gone] < 0).all(axis=1)]
        relearned_topic = gram[np.ix_(members, rest)] @ _regression(rest, texts, targets).weights
        np.testing.assert_allclose(held_topic.scores[:, ~gone], relearned_topic[:, ~gone], atol=1e-3)
