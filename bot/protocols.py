"""What the layers ask of each other: small protocols with plain data in and out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from bot.messages import (
    Accepted,
    Claim,
    Delivery,
    Document,
    Draft,
    Evidence,
    Explanation,
    Incoming,
    Message,
    Opening,
    Operator,
    Overview,
    Passage,
    Profile,
    Prompt,
    Query,
    Reply,
    Request,
    StoredFile,
    StreamEvent,
    Thread,
    Turn,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

InboxFilter = Literal["waiting", "human", "all"]


class Inbox(Protocol):
    """The way in. When `accept` returns, the message is on disk and will be answered."""

    async def accept(self, incoming: Incoming) -> Accepted:
        """Stores the message once; raises Busy when the queue is full, StorageError when it cannot be stored."""

    async def reply_to(self, message_id: str) -> Reply | None:
        """The stored reply to a message, None while there is none."""


class Turns(Protocol):
    """The work to do, for workers of any process."""

    async def claim(self, owner: str) -> Turn | None:
        """Takes a conversation with settled unhandled messages under a lease; None when there is none."""

    async def renew(self, claim: Claim) -> None:
        """Moves the end of the lease; raises LeaseLost."""

    async def commit(self, turn: Turn, draft: Draft) -> Reply:
        """Reply, trace, handled marks and outbox row in one transaction; raises LeaseLost and then wrote nothing."""

    async def release(self, claim: Claim) -> None:
        """Gives the conversation back unanswered, for another worker to take."""

    async def wait(self, timeout: float) -> None:
        """Returns when there may be work, at the latest after `timeout` seconds."""


class Outbox(Protocol):
    """Replies on their way out."""

    async def due(self, channel: str, limit: int) -> Sequence[Delivery]:
        """Takes deliveries that are due; those of one conversation come in their order, one at a time."""

    async def sent(self, delivery: Delivery, platform_id: str | None) -> None:
        """Records that the platform has it."""

    async def retry(self, delivery: Delivery, at: datetime, error: str) -> None:
        """Schedules the next try."""

    async def park(self, delivery: Delivery, reason: str) -> None:
        """Gives up for good; the reason is shown by `parley doctor`."""

    async def wait(self, channel: str, timeout: float) -> None:
        """Returns when something may be due, at the latest after `timeout` seconds."""


class History(Protocol):
    """What was said, for those who may read it."""

    async def messages(
        self, channel: str, conversation: str, *, user: str | None = None, after: int = 0, limit: int = 100
    ) -> Sequence[Message]:
        """Messages numbered above `after`, oldest first, of the channel's conversation.

        With `user` the conversation must belong to that platform user, otherwise NotFound is raised;
        a conversation that does not exist yet has no messages.
        """

    async def reply(self, channel: str, conversation: str, message_id: str) -> Reply:
        """A reply of the channel's conversation by our id; raises NotFound."""

    async def reply_sent_as(self, channel: str, conversation: str, platform_id: str) -> Reply:
        """The reply of the channel's conversation of which the platform's message is a part; raises NotFound."""

    async def last_received(self, channel: str, limit: int = 500) -> Mapping[str, str]:
        """The external id of the newest message that each of the channel's conversations has received; those with
        the latest messages first, at most `limit` of them."""

    async def rate(self, message_id: str, user: str, channel: str, score: int, comment: str = "") -> None:
        """Thumbs up (+1) or down (-1) under a reply; raises NotFound when it is not a reply to this user."""


class Records(Protocol):
    """What is stored about customers and replies, for the customers themselves."""

    async def explanation(self, message_id: str) -> Explanation:
        """Why a reply of the bot is as it is; raises NotFound."""

    async def profile(self, conversation_id: str) -> Profile:
        """What is stored about the customer of our conversation; raises NotFound."""


class Progress(Protocol):
    """What a platform shows of a reply already, so that a restart goes on with it instead of beginning anew."""

    async def opening(self, conversation_id: str) -> Opening:
        """Asked before the next reply of our conversation is shown."""

    async def opened(self, conversation_id: str, platform_id: str, message_id: str | None = None) -> None:
        """The next reply of our conversation is being shown in this message; its delivery will be told.

        With `message_id` it is the reply to that message of ours, however late this is said.
        """

    async def sent_part(self, delivery: Delivery, platform_id: str) -> None:
        """The next part of the delivery has been sent for good; the last one is what `Outbox.sent` records."""


class Places(Protocol):
    """Where conversations are, when a platform moves or closes them. Ids are the channel's, and mean the
    conversation itself and all below it (`ID/…`)."""

    async def moved(self, channel: str, old: str, new: str) -> None:
        """The conversations have another id from now on, also for what is on its way to them."""

    async def unreachable(self, channel: str, conversation: str, reason: str) -> None:
        """The customer has blocked the bot, or the place is gone: what is due there is parked, and the conversation
        is marked until the customer writes again."""


class Files(Protocol):
    """Files of conversations, kept beside the database."""

    async def save(self, content: bytes, *, mime: str, name: str) -> str:
        """The url (`file:ID`) under which an attachment names it; raises StorageError when the disk refuses."""

    async def load(self, url: str) -> StoredFile:
        """Raises NotFound."""


class Texts(Protocol):
    """The fixed texts, by key and language."""

    def text(self, key: str, language: str, **values: str) -> str:
        """With `values` in its placeholders; in English where a language has no texts."""


class ChannelStatus(Protocol):
    """Where a channel says how its connection is, for /readyz and the log; each state is said once."""

    def connected(self) -> None:
        """Updates arrive from now on."""

    def lost(self, reason: str) -> None:
        """They do not, for a reason in words; the channel goes on trying by itself."""


class Desk(Protocol):
    """The operators' side of the conversations. What changes one checks its state in the same transaction:
    NotFound when there is no such conversation, Conflict when it is in another state by now.
    """

    async def inbox(self, filter: InboxFilter, *, before: str | None = None, limit: int = 50) -> Sequence[Overview]:
        """Those of a state, or all; the newest first, from behind the conversation id `before`."""

    async def counts(self) -> dict[InboxFilter, int]:
        """How many are `waiting` and `human`."""

    async def thread(self, conversation_id: str, *, before: int | None = None, limit: int = 100) -> Thread:
        """The newest messages, or those numbered below `before`; raises NotFound."""

    async def version(self, conversation_id: str | None = None) -> str:
        """Another text as soon as the conversation, or one that needs a person, has changed."""

    async def take(self, conversation_id: str) -> None:
        """A person has it from now on: the bot is silent, and a reply that it is making will not be stored."""

    async def say(self, conversation_id: str, text: str, key: str) -> Reply:
        """Stores an operator's message and its delivery; only while a person has the conversation.

        `key` is the message's own: the same one again returns the first reply and stores nothing.
        """

    async def hand_back(self, conversation_id: str) -> None:
        """The bot answers again, from the customer's next message on."""

    async def resolve(self, conversation_id: str) -> None:
        """Closes the conversation; the customer's next message opens it for the bot."""


class Operators(Protocol):
    """The accounts of the people behind the bot."""

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""

    async def add_first(self, name: str, password_hash: str) -> bool:
        """Makes the account if there is none at all yet; whether it did."""

    async def set_password(self, name: str, password_hash: str) -> None:
        """Replaces the password, or makes the account."""


class Accounts(Protocol):
    """Who may use the console."""

    async def check(self, name: str, password: str) -> Operator | None:
        """The operator if the password is theirs; takes as long when the name is unknown."""

    async def find(self, name: str) -> Operator | None:
        """None when there is no such account."""


class Streams(Protocol):
    """Words while they are made, by our conversation id; in this process, or carried between processes."""

    def publish(self, event: StreamEvent) -> None:
        """Never blocks and never fails; a slow subscriber loses deltas, not the `Finished`."""

    def subscribe(self, conversation_id: str) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Events from now on."""


class Channel(Protocol):
    """An adapter: turns updates into `Incoming` and deliveries into what its platform wants."""

    name: str

    async def run(self) -> None:
        """Takes updates until cancelled. Raises ChannelError when the platform refuses the bot until somebody acts;
        after any error it is run again."""

    async def deliver(self, delivery: Delivery) -> str | None:
        """Sends; returns the platform's message id if it has one; raises RetryLater or Undeliverable."""


class Skill(Protocol):
    """One way to answer a turn, chosen by its intent."""

    async def run(self, request: Request, publish: Publish) -> Draft:
        """The reply; words that are already certain may be published on the way."""


class Publish(Protocol):
    """Sends words of the reply ahead of it."""

    def __call__(self, words: str, /) -> None: ...


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
    ) -> AsyncGenerator[str]:
        """The assistant's words in pieces of whole characters, as they are made.

        Closing the generator ends the generation. None takes the engine's own settings. Raises Busy,
        Cancelled (time limit, in seconds) and ModelError. A prompt that is too long loses its oldest turns.
        """

    async def score(
        self, prompts: Sequence[Prompt], continuations: Sequence[str], role: Literal["user", "assistant"]
    ) -> Sequence[float]:
        """Mean log-likelihood per token (nats) of each continuation, said by `role` after its prompt."""
