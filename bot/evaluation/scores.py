"""Figures of answers: agreement with gold spans, calibration, and what confidence is worth. Pure functions."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

_ARTICLES = regex.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))
_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{P}]+")


def tokens(text: str) -> list[str]:
    """Words after SQuAD's normalisation (no case, articles, punctuation); each Chinese character is one."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PUNCTUATION)
    return _TOKEN.findall(_ARTICLES.sub(" ", plain))


def token_f1(answer: str, gold: str) -> float:
    """F1 of the tokens that answer and gold span share (Rajpurkar et al., "SQuAD", 2016)."""
    ours, theirs = tokens(answer), tokens(gold)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


def exact_match(answer: str, gold: str) -> bool:
    """Whether the tokens are the same in the same order."""
    return tokens(answer) == tokens(gold)


def auroc(scores: Sequence[float], right: Sequence[bool]) -> float:
    """The probability that a right one scores above a wrong one (ties count half); nan without both kinds."""
    values, is_right = np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=bool)
    positives, negatives = int(is_right.sum()), int((~is_right).sum())
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[is_right].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def calibration_error(probabilities: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins (Guo et al., 2017); nan without any."""
    values, is_right = np.asarray(probabilities, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if not len(values):
        return float("nan")
    numbers = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [
        abs(values[numbers == n].mean() - is_right[numbers == n].mean()) * (numbers == n).mean() for n in set(numbers)
    ]
    return float(sum(gaps))


def risk_coverage(
    probabilities: Sequence[float], right: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk (share of wrong ones among those answered) when the most confident are answered first."""
    order = np.argsort(-np.asarray(probabilities, dtype=np.float64), kind="stable")
    wrong = ~np.asarray(right, dtype=bool)[order]
    answered = np.arange(1, len(order) + 1)
    return answered / max(len(order), 1), np.cumsum(wrong) / answered
