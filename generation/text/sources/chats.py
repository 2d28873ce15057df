"""From the messages of a chat to conversations of one customer each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from generation.text.dialogues import Dialogue, Turn

SILENCE = 6 * 3600  # seconds after which the next message begins a new conversation


@dataclass(frozen=True, slots=True)
class Post:
    """A message of a chat: `author` is the platform's id, `at` unix seconds, `answers` the id of another post."""

    id: str
    author: str
    name: str
    at: float
    text: str
    is_bot: bool = False
    answers: str = ""


@dataclass
class _Thread:
    """One customer's conversation while it is read."""

    first: Post
    turns: list[Turn] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    last: float = 0.0


def is_assistant(post: Post, assistants: Collection[str]) -> bool:
    """Whether a post speaks for the shop: by the ids or names given, or, if none are, because a bot wrote it."""
    return post.author in assistants or post.name in assistants if assistants else post.is_bot


def conversations(chat: str, posts: Iterable[Post], assistants: Collection[str]) -> list[Dialogue]:
    """Each customer's own conversations, in the order in which they began; `chat` is the prefix of their ids.

    In a group an assistant's message belongs to the customer whom it answers, or who wrote last. Messages of the
    shop before any customer wrote belong to nobody and are left out.
    """
    finished: list[_Thread] = []
    threads: dict[str, _Thread] = {}
    customers: dict[str, str] = {}  # by post id
    latest = ""
    for post in posts:
        speaks = is_assistant(post, assistants)
        customer = customers.get(post.answers, latest) if speaks else post.author
        if not customer or (speaks and customer not in threads):
            continue
        thread = threads.get(customer)
        if thread is None or (not speaks and post.at - thread.last > SILENCE):
            thread = threads[customer] = _Thread(post)
            finished.append(thread)
        thread.turns.append(Turn("assistant" if speaks else "user", post.text))
        thread.last = post.at
        if speaks:
            thread.agents.add(post.name)
        customers[post.id] = latest = customer
    return [_dialogue(chat, thread) for thread in finished]


def _dialogue(chat: str, thread: _Thread) -> Dialogue:
    return Dialogue(
        f"{chat}:{thread.first.id}",
        chat.partition(":")[0],
        "",
        tuple(thread.turns),
        customers=(thread.first.name,) if thread.first.name else (),
        agents=tuple(sorted(filter(None, thread.agents))),
    )
