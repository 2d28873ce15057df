"""With `privacy.redact`, customers' personal values never reach the database; order numbers do."""

from __future__ import annotations

from bot.messages import Utterance
from bot.privacy.redaction import Redactor
from bot.streams import LocalStreams
from tests.storage.examples import MovableClock, incoming, opened


async def test_what_a_customer_writes_is_stored_redacted(
    database_url: str, streams: LocalStreams, clock: MovableClock
) -> None:
    earlier = (Utterance("user", "I am ben@example.com"), Utterance("assistant", "Write to shop@example.com"))
    async with opened(database_url, streams, clock, redact=Redactor(["email", "card", "phone"])) as store:
        text = "order 4155552671 paid with 4111 1111 1111 1111 by anna@example.com"
        await store.inbox.accept(incoming(text, history=earlier))
        said = [message.text for message in await store.history.messages("api", "anna-1")]
    assert said == ["I am [email]", "Write to shop@example.com", "order 4155552671 paid with [card] by [email]"]
