"""Everything that generation raises on purpose.

GenerationError
├── ModelUnusable        a model, tokenizer or data set cannot be loaded; says which and why
├── PhotoRefused         a picture that somebody sent cannot be opened within bounds; says why
├── EngineBusy           the queue is full; try again after `retry_after` seconds
├── GenerationCancelled  generation was ended by its caller or by its time limit
└── UnlikeTraining       a photo shows what a picture model has never learnt
"""

from __future__ import annotations


class GenerationError(Exception):
    """Base of all; its text may be shown to a person."""


class ModelUnusable(GenerationError):
    """A model, tokenizer or data set cannot be loaded."""


class PhotoRefused(GenerationError):
    """A picture that somebody sent is broken, of an unknown kind, or costs too much to open."""


class EngineBusy(GenerationError):
    """The engine's queue is full; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GenerationCancelled(GenerationError):
    """Generation was ended by its caller or by its time limit."""


class UnlikeTraining(GenerationError):
    """A photo shows something that a picture model has never learnt."""
