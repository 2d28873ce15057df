"""Knowledge, and the models that find and say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from bot.messages import Document, Evidence, Passage, Prompt, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class KnowledgeStore(Protocol):
    """Documents and their passages."""

    async def replace(self, document: Document, passages: Sequence[Passage]) -> None:
        """Puts a document in place of the one with the same name, in one transaction."""

    async def remove(self, document_id: str) -> Document:
        """Raises NotFound."""

    async def documents(self) -> Sequence[Document]:
        """All of them, by name."""

    async def passages(self) -> Sequence[Passage]:
        """All of them, by document and position."""

    async def passage(self, passage_id: str) -> Passage:
        """Raises NotFound."""

    async def version(self) -> int:
        """Grows with each change, so that an index knows when it is old."""


class VectorStore(Protocol):
    """Passage vectors beside the passages, by the name of the embedder that made them."""

    async def vectors(self, embedder: str) -> dict[str, NDArray[np.float32]]:
        """Vectors by passage id; those that cannot be read are left out."""

    async def add_vectors(self, embedder: str, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Stores or replaces; ids of passages that are gone are ignored."""


class Embedder(Protocol):
    """Texts to unit vectors; `languages` (ISO 639-1) are those in which it ranks well enough to take part."""

    name: str
    dimensions: int
    languages: frozenset[str]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[N, dimensions], rows of length 1 (or 0 for a text without known tokens). Blocking: call off the loop."""


class Retriever(Protocol):
    """Finds passages."""

    async def search(self, query: Query, k: int = 20) -> Sequence[Evidence]:
        """The k best passages, best first; empty when there is no knowledge."""


class EngineCounts(Protocol):
    """What an engine did since it was opened, and what it has to do now."""

    prompt_tokens: int
    reused_tokens: int
    """Prompt tokens that an earlier prompt or reply began with, so that nothing was computed for them."""
    new_tokens: int
    steps: int
    """Passes through the model; new tokens by steps are the mean batch."""
    refused: int
    """Requests that found the queue full."""
    retried: int
    """Requests begun again after the device had failed."""
    running: int
    waiting: int


@runtime_checkable
class Counting(Protocol):
    """An engine whose counts can be read; one elsewhere counts for itself."""

    @property
    def counts(self) -> EngineCounts | None:
        """None while nobody counts."""


class TextEngine(Protocol):
    """A language model that says the next turn of a prompt. It knows no database and no network of ours."""

    name: str
    context_tokens: int

    def count(self, text: str) -> int:
        """Tokens of a text."""

    def stream(
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int | None = None,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        seed: int | None = None,
        timeout: float | None = None,
        conversation: str = "",
    ) -> AsyncGenerator[str]:
        """The assistant's words in pieces of whole characters, as they are made.

        Closing the generator ends the generation. None takes the engine's own settings. Raises Busy,
        Cancelled (time limit, in seconds) and ModelError. A prompt that is too long loses its oldest turns. Requests
        of one `conversation` (its id) wait for each other's turn, so that none fills the queue before others.
        """

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        """Mean log-likelihood per token (nats) of each continuation, said by `role` after its prompt."""
