"""One open widget: takes its frames, and sends what its conversation has that it has not seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiohttp import WSMsgType, web
from pydantic import ValidationError

from adapters.web.bodies import STORED_LIMITS, check_text, explain
from adapters.web.errors import Refusal, refusal
from adapters.web.files import FileAddresses
from adapters.web.frames import FRAME, Hello, Ping, Rate, Resume, Send, ShowPassage
from adapters.web.options import WebOptions
from adapters.web.photos import Photos
from adapters.web.rate import TokenBucket
from adapters.web.replies import message_key
from adapters.web.send_queue import SendQueue
from adapters.web.shapes import Json, dump, message_json, passage_json
from adapters.web.visitors import Visitor
from bot.errors import ParleyError, StorageError
from bot.messages import Delta, Incoming, Message, Reply
from bot.protocols import History, Inbox, KnowledgeStore, Streams

log = structlog.get_logger()

CHANNEL = "web"
PAGE = 20
PAGE_CHARACTERS = 32_000
"""Of one event, roughly: what a client that does not read keeps waiting."""
CHECK_SECONDS = 1.0
LONGEST_CHECK_SECONDS = 15.0
AWAITED = 20
FAILURE_SECONDS = 5.0
FRAMES_PER_SECOND = 10
FRAMES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Core:
    """What a connection needs of the core."""

    inbox: Inbox
    history: History
    streams: Streams
    passages: KnowledgeStore
    files: FileAddresses
    photos: Photos


class Connection:
    """The reader, the writer and the watcher of one WebSocket, and what they share.

    `woken` is called with the conversation when this visitor has said something; `drop` cuts the line.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        visitor: Visitor,
        language: str,
        core: Core,
        options: WebOptions,
        woken: Callable[[str], None],
        drop: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._visitor = visitor
        self._language = language.split("-")[0].lower() or None
        self._core = core
        self._options = options
        self._woken = woken
        self._drop = drop
        self._queue = SendQueue(options.socket_queue)
        self._messages = TokenBucket(options.messages_per_minute / 60, options.messages_per_minute)
        self._frames = TokenBucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE)
        self._changed = asyncio.Event()
        self._page = max(1, min(PAGE, PAGE_CHARACTERS // options.message_characters))
        self._seen: int | None = None
        self._resuming = False
        self._awaited: dict[str, None] = {}
        self._pause = CHECK_SECONDS
        self._tasks: list[asyncio.Task[None]] = []
        self._following = False

    def wake(self) -> None:
        """The conversation may have something new."""
        self._changed.set()

    def send(self, event: Json) -> None:
        """Queues an event; a client that reads too slowly is cut off and may come back."""
        if not self._queue.put(event):
            self._drop()

    async def run(self) -> None:
        """Until the client leaves or is cut off."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._tasks = [group.create_task(self._write()), group.create_task(self._watch())]
            try:
                await self._read()
            finally:
                for task in self._tasks:
                    task.cancel()

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while True:
                await self._socket.send_str(dump(await self._queue.get()))

    async def _read(self) -> None:
        async for frame in self._socket:
            if self._frames.take():
                await self._socket.close(code=1008, message=b"too many frames")
                return
            if frame.type is not WSMsgType.TEXT:
                self._refuse(Refusal(400, "invalid_request", "Only text frames are understood."))
                continue
            await self._handle(frame.data)

    async def _handle(self, data: str) -> None:
        about = None
        try:
            frame = FRAME.validate_json(data)
            about = frame.id if isinstance(frame, Send | ShowPassage) else None
            await self._act(frame)
        except ValidationError as error:
            self._refuse(Refusal(400, "invalid_request", explain(error)))
        except ParleyError as error:
            self._refuse(refusal(error), about)
        except Exception:
            log.exception("frame failed", conversation=self._visitor.conversation)
            self._refuse(Refusal(500, "internal", "Something went wrong on our side.", FAILURE_SECONDS), about)

    async def _act(self, frame: Hello | Send | Resume | Rate | ShowPassage | Ping) -> None:
        match frame:
            case Send():
                await self._take(frame)
            case Resume(after=after):
                self._seen = after
                self._resuming = True
                self.wake()
            case Rate(message_id=message_id, score=score, comment=comment):
                await self._core.history.rate(message_id, self._visitor.id, CHANNEL, score, comment)
                self.send({"type": "rated", "message_id": message_id, "score": score})
            case ShowPassage(id=passage_id):
                passage = await self._core.passages.passage(passage_id)
                self.send({"type": "passage", "passage": passage_json(passage)})
            case Ping():
                self.send({"type": "pong"})
            case Hello():
                raise Refusal(400, "invalid_request", "hello was said already.")

    async def _take(self, frame: Send) -> None:
        if seconds := self._messages.take():
            raise Refusal(429, "rate", "That was a lot at once. Your message is sent in a moment.", seconds)
        photos = tuple(self._core.photos.attachment(token, self._visitor) for token in frame.photos)
        if frame.text or not photos:
            check_text(frame.text, self._options.message_characters)
        conversation = self._visitor.conversation
        accepted = await self._core.inbox.accept(
            Incoming(
                channel=CHANNEL,
                external_id=message_key(self._visitor.id, conversation, frame.id),
                conversation=conversation,
                user=self._visitor.id,
                text=frame.text,
                attachments=photos,
                language=self._language,
            )
        )
        self.send({"type": "ack", "id": frame.id, "message_id": accepted.message_id})
        self._await(accepted.message_id)
        if not self._following:
            self._following = True
            self._tasks.append(self._group.create_task(self._follow(accepted.conversation_id)))
        self._woken(conversation)

    def _await(self, message_id: str) -> None:
        self._awaited[message_id] = None
        self._pause = CHECK_SECONDS
        while len(self._awaited) > AWAITED:
            del self._awaited[next(iter(self._awaited))]

    async def _follow(self, conversation_id: str) -> None:
        async with self._core.streams.subscribe(conversation_id) as events:
            async for event in events:
                if isinstance(event, Delta):
                    self.send({"type": "delta", "text": event.text})
                else:
                    self.wake()

    async def _watch(self) -> None:
        """Looks when woken, and while a reply is awaited also now and then, as another process may make it."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._pause if self._awaited else None)
            self._pause = min(self._pause * 1.5, LONGEST_CHECK_SECONDS)
            self._changed.clear()
            try:
                await self._push()
            except StorageError as error:
                log.warning("history cannot be read", reason=str(error))
                await asyncio.sleep(self._pause)
                self.wake()

    async def _push(self) -> None:
        """Sends the messages after the last one seen; nothing before the client said where it stands.

        A page is read when the one before it is sent, so that a slow client fills no memory.
        """
        answered = False
        while page := await self._next_page():
            self._seen = page[-1].number
            shown = [message_json(self._core.files.addressed(message)) for message in page]
            self.send({"type": "messages", "messages": shown})
            if asked := [message.id for message in page if message.role == "user"]:
                self._await(asked[-1])
            answered = answered or any(message.role != "user" for message in page)
            if len(page) < self._page:
                break
        if answered:
            await self._settle()
        if self._resuming:
            self._resuming = False
            self.send({"type": "resumed"})

    async def _next_page(self) -> Sequence[Message]:
        await self._queue.room()
        if self._seen is None:
            return ()
        return await self._core.history.messages(
            CHANNEL, self._visitor.conversation, user=self._visitor.id, after=self._seen, limit=self._page
        )

    async def _settle(self) -> None:
        """Forgets what is answered, and sends the quick replies of the latest answer."""
        latest: Reply | None = None
        for message_id in list(self._awaited):
            if reply := await self._core.inbox.reply_to(message_id):
                self._awaited.pop(message_id, None)
                latest = reply
        if latest and latest.quick_replies:
            self.send({"type": "quick_replies", "message_id": latest.message_id, "texts": list(latest.quick_replies)})

    def _refuse(self, error: Refusal, about: str | None = None) -> None:
        event: Json = {"type": "error", "code": error.code, "message": str(error), "id": about}
        self.send(event | ({} if error.retry_after is None else {"retry_after": error.retry_after}))


def frame_bytes(options: WebOptions) -> int:
    """The largest frame that is read: the longest text that is stored, in UTF-8, escaped, with its envelope."""
    return options.message_characters * STORED_LIMITS * 6 + 4096
