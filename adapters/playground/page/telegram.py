"""The Telegram server, as the page uses it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from aiohttp import web

from adapters.playground.page.shapes import Button, Command, File, Json, Place, Reaction, Shown, Side, Writing
from adapters.playground.telegram import Chat, Group, Person, Sent, TelegramServer

SHOWN_MESSAGES = 200
ANSWER_SECONDS = 10.0
POLL_SECONDS = 15.0
PRIVATE = "private"


class Telegram:
    """A private chat for each person, and one group for all."""

    name = "telegram"
    title = "Telegram"

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self._people: dict[str, Person] = {}
        self._groups: dict[str, Group] = {}
        self._polled_at = -POLL_SECONDS
        self.add_group("Neighbours")

    def add_group(self, title: str) -> None:
        """A group of everybody and the bot."""
        group = self._server.group(title, *self._people.values(), supergroup=True)
        self._groups[str(group.id)] = group

    def is_connected(self) -> bool:
        """A bot that handles what it got does not poll meanwhile."""
        if self._server.updates.is_polled:
            self._polled_at = time.monotonic()
        polled_lately = time.monotonic() - self._polled_at < POLL_SECONDS
        return polled_lately or bool(self._server.world.deliverer.webhook.url)

    def add_person(self, name: str) -> str:
        person = self._server.person(name)
        self._people[str(person.id)] = person
        for group in self._groups.values():
            group.add(person)
        return str(person.id)

    def places(self, person: str) -> Sequence[Place]:
        private = Place(PRIVATE, f"Private chat with {self._server.world.bot.first_name}", False)
        shared = [Place(key, f"Group “{group.chat.title}”", True) for key, group in self._groups.items()]
        return [
            Place(place.id, place.title, place.is_shared, self._latest(self._chat(person, place.id)))
            for place in (private, *shared)
        ]

    def messages(self, person: str, place: str) -> Sequence[Shown]:
        chat = self._chat(person, place)
        shown = [self._shown(chat, message, person) for message in list(chat.messages.values())[-SHOWN_MESSAGES:]]
        drafts = self._server.drafts(chat)
        bot, now = self._server.world.bot.first_name, time.time()
        return shown + [
            Shown(f"draft-{draft.draft_id}", "bot", bot, now, draft.text, draft.entities, is_draft=True)
            for draft in drafts
        ]

    def is_typing(self, person: str, place: str) -> bool:
        return bool(self._chat(person, place).action)

    def commands(self) -> Sequence[Command]:
        menus = (menu for (_, language), menu in self._server.world.commands.items() if not language)
        return [Command(each["command"], each["description"]) for each in next(menus, [])]

    async def write(self, person: str, place: str, writing: Writing) -> str:
        who, where = self._people[person], self._place(place)
        text = f"@{self._server.world.bot.username} {writing.text}" if writing.mentions_bot else writing.text
        answers = int(writing.answers or 0)
        upload = writing.upload
        if upload is None:
            who.write(text, where, reply_to=answers)
        elif upload.mime in ("image/png", "image/jpeg", "image/webp"):
            who.photo(upload.content, text, where, reply_to=answers)
        elif upload.mime.startswith("audio/"):
            who.voice(upload.content, place=where)
        else:
            who.file(upload.content, upload.name, upload.mime, text, where)
        return ""

    def edit(self, person: str, place: str, message: str, text: str) -> None:
        self._people[person].edit(int(message), text, self._place(place))

    async def press(self, person: str, place: str, message: str, button: str) -> str:
        who = self._people[person]
        pressed = who.press(int(message), button, self._place(place))
        return await self._notice(who, pressed)

    def react(self, person: str, place: str, message: str, emoji: str) -> None:
        who, chat = self._people[person], self._chat(person, place)
        present = {each["emoji"] for each in chat.reactions.get(int(message), {}).get(who.id, [])}
        who.react(int(message), *({emoji} - present), place=self._place(place))

    def block(self, person: str, blocked: bool) -> None:
        who = self._people[person]
        _ = who.block() if blocked else who.unblock()

    def is_blocked(self, person: str) -> bool:
        return self._people[person].user.blocked

    async def changed(self, version: int, timeout: float) -> int:
        return await self._server.changes.after(version, timeout)

    def environment(self) -> dict[str, str]:
        return {"PARLEY_TELEGRAM__TOKEN": self._server.token, "PARLEY_TELEGRAM__BASE_URL": self._server.url}

    def routes(self) -> list[web.RouteDef]:
        """Files under an address without the bot's token."""
        return [web.get("/playground/telegram/{file_id}", self._file)]

    async def _file(self, request: web.Request) -> web.Response:
        file = self._server.world.files.by_id(request.match_info["file_id"])
        mime = "image/jpeg" if file.kind == "photo" else file.mime_type
        return web.Response(body=file.data, content_type=mime)

    async def _notice(self, who: Person, pressed: Sent) -> str:
        """The words with which the bot has answered the press."""
        try:
            answer = await self._server.changes.until(lambda: who.callback_answer(pressed), ANSWER_SECONDS)
        except TimeoutError:
            return "The bot has not answered the button."
        return str((answer or {}).get("text", ""))

    def _place(self, place: str) -> Group | None:
        return None if place == PRIVATE else self._groups[place]

    def _chat(self, person: str, place: str) -> Chat:
        return self._people[person].chat(self._place(place))

    def _latest(self, chat: Chat) -> str:
        mine = self._server.world.bot_messages(chat)
        return str(mine[-1]["message_id"]) if mine else ""

    def _shown(self, chat: Chat, message: Json, person: str) -> Shown:
        message_id, sender = message["message_id"], message["from"]
        answered = message.get("reply_to_message", {})
        return Shown(
            str(message_id),
            self._side(message, person),
            str(sender["first_name"]),
            float(message["date"]),
            _text(message),
            message.get("entities") or message.get("caption_entities") or [],
            answers=_text(answered)[:80],
            files=_files(message),
            buttons=_buttons(message),
            reactions=_reactions(chat, message_id, int(person)),
            is_edited="edit_date" in message,
        )

    def _side(self, message: Json, person: str) -> Side:
        if not (_text(message) or _files(message)) or "new_chat_members" in message:
            return "note"
        if message["from"]["id"] == self._server.world.bot.id:
            return "bot"
        return "mine" if str(message["from"]["id"]) == person else "other"


def _text(message: Json) -> str:
    if joined := message.get("new_chat_members"):
        return f"{', '.join(each['first_name'] for each in joined)} joined the group."
    return str(message.get("text") or message.get("caption") or "")


def _files(message: Json) -> list[File]:
    found = []
    if photo := message.get("photo"):
        found.append(File(f"/playground/telegram/{photo[-1]['file_id']}", "photo", True))
    for kind in ("document", "voice"):
        if file := message.get(kind):
            found.append(File(f"/playground/telegram/{file['file_id']}", file.get("file_name", kind), False))
    return found


def _buttons(message: Json) -> list[list[Button]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[Button(each.get("callback_data", ""), each["text"], each.get("url", "")) for each in row] for row in rows]


def _reactions(chat: Chat, message_id: int, person: int) -> list[Reaction]:
    given = chat.reactions.get(message_id, {})
    counts: dict[str, list[int]] = {}
    for user, reactions in given.items():
        for each in reactions:
            counts.setdefault(each.get("emoji", "★"), []).append(user)
    return [Reaction(emoji, len(users), person in users) for emoji, users in counts.items()]
