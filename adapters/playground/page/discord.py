"""The Discord server, as the page uses it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.playground.discord import Channel, DiscordServer, Interaction, Message, Person
from adapters.playground.discord import Upload as DiscordUpload
from adapters.playground.discord.errors import ApiError
from adapters.playground.page.shapes import Button, Command, File, Json, Place, Reaction, Shown, Side, Writing

SHOWN_MESSAGES = 200
ANSWER_SECONDS = 3.0
TYPING_SECONDS = 10.0
BUTTON = 2
DIRECT = "direct"
SYSTEM_TYPES = {18: "A thread was opened: ", 21: "The thread begins from: "}


class Discord:
    """Direct messages for each person, and one server with a channel for all."""

    name = "discord"
    title = "Discord"

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self._people: dict[str, Person] = {}
        self._guild = server.guild("Larkfell")
        server.text_channel(self._guild, "help")

    def is_connected(self) -> bool:
        return bool(self._server.gateway.sessions.connected)

    def add_person(self, name: str) -> str:
        person = self._server.person(name)
        self._people[person.id] = person
        self._server.world.add_member(self._guild, person.user)
        return person.id

    def places(self, person: str) -> Sequence[Place]:
        direct = Place(DIRECT, f"Direct messages with {self._server.bot.name}", False)
        shared = [Place(each.id, _title(each), True) for each in self._server.world.channels_of(self._guild)]
        return [
            Place(place.id, place.title, place.is_shared, self._latest(self._channel(person, place.id)))
            for place in (direct, *shared)
        ]

    def messages(self, person: str, place: str) -> Sequence[Shown]:
        messages = list(self._channel(person, place).messages.values())[-SHOWN_MESSAGES:]
        return [self._shown(message, person) for message in messages if _may_see(message, person)]

    def is_typing(self, person: str, place: str) -> bool:
        channel = self._channel(person, place)
        last = next((at for user, at in reversed(channel.typing) if user == self._server.bot.id), 0.0)
        spoken = max(
            (each.sent_at for each in channel.messages.values() if each.author is self._server.bot), default=0.0
        )
        return last > max(spoken, self._server.clock.now() - TYPING_SECONDS)

    def commands(self) -> Sequence[Command]:
        registered = self._server.commands.of(self._guild.id) or self._server.commands.of(None)
        return [Command(each["name"], each["description"]) for each in registered if each["type"] == 1]

    async def write(self, person: str, place: str, writing: Writing) -> str:
        who, channel = self._people[person], self._channel(person, place)
        if writing.text.startswith("/") and not writing.upload:
            return await self._use_command(who, channel, writing.text)
        upload = writing.upload
        files = [DiscordUpload(upload.name, upload.content, upload.mime)] if upload else []
        answers = channel.messages.get(writing.answers)
        write = who.mention if writing.mentions_bot else who.write
        write(channel, writing.text, answers=answers, files=files)
        return ""

    async def _use_command(self, who: Person, channel: Channel, text: str) -> str:
        """The words behind the command are its first option, as far as it has one."""
        name, _, words = text.removeprefix("/").partition(" ")
        try:
            command = self._server.commands.find(name, channel.guild.id if channel.guild else None)
        except ApiError:
            return f"The bot has no command /{name}."
        options = command["options"]
        if words and not options:
            return f"/{name} takes no words."
        if not words and options and options[0].get("required"):
            return f"/{name} needs words behind it: {options[0]['description']}"
        given = {options[0]["name"]: words.strip()} if words else {}
        return await self._notice(who.use_command(channel, name, **given))

    def edit(self, person: str, place: str, message: str, text: str) -> None:
        self._people[person].edit(self._channel(person, place).messages[message], text)

    async def press(self, person: str, place: str, message: str, button: str) -> str:
        found = self._channel(person, place).messages[message]
        return await self._notice(self._people[person].press(found, button))

    def react(self, person: str, place: str, message: str, emoji: str) -> None:
        who, found = self._people[person], self._channel(person, place).messages[message]
        if person in found.reactions.get(emoji, ()):
            who.unreact(found, emoji)
        else:
            who.react(found, emoji)

    def block(self, person: str, blocked: bool) -> None:
        self._people[person].block_bot(blocked)

    def is_blocked(self, person: str) -> bool:
        return not self._people[person].user.accepts_direct_messages

    async def changed(self, version: int, timeout: float) -> int:
        return await self._server.world.changes.after(version, timeout)

    def environment(self) -> dict[str, str]:
        return {
            "PARLEY_DISCORD__TOKEN": self._server.token,
            "PARLEY_DISCORD__APPLICATION_ID": self._server.application_id,
            "PARLEY_DISCORD__API_BASE_URL": self._server.api_base_url,
            "PARLEY_DISCORD__GATEWAY_URL": self._server.gateway_url,
            "PARLEY_DISCORD__CDN_BASE_URL": self._server.cdn_base_url,
        }

    async def _notice(self, interaction: Interaction) -> str:
        try:
            await self._server.until(lambda: interaction.acknowledged_by is not None, ANSWER_SECONDS)
        except TimeoutError:
            return "The application did not respond."
        return ""

    def _channel(self, person: str, place: str) -> Channel:
        return self._people[person].direct if place == DIRECT else self._server.world.channels[place]

    def _latest(self, channel: Channel) -> str:
        mine = self._server.written_by_bot(channel)
        return mine[-1].id if mine else ""

    def _shown(self, message: Message, person: str) -> Shown:
        return Shown(
            message.id,
            self._side(message, person),
            message.author.name,
            message.sent_at,
            SYSTEM_TYPES.get(int(message.type), "") + _text(message),
            names={user.id: user.name for user in message.mentions},
            answers=_text(message.answers)[:80] if message.answers else _used(message),
            files=[self._file(message, number) for number in range(len(message.attachments))],
            buttons=_buttons(message),
            reactions=[Reaction(emoji, len(users), person in users) for emoji, users in message.reactions.items()],
            is_edited=message.edited_at is not None and not message.interaction,
            is_waiting=message.is_loading,
            is_private=message.is_ephemeral,
        )

    def _side(self, message: Message, person: str) -> Side:
        if int(message.type) in SYSTEM_TYPES:
            return "note"
        if message.author is self._server.bot:
            return "bot"
        return "mine" if message.author.id == person else "other"

    def _file(self, message: Message, number: int) -> File:
        attachment = message.attachments[number]
        upload = attachment.upload
        url = self._server.world.links.attachment(attachment)
        return File(url, upload.description or upload.filename, upload.content_type.startswith("image/"))


def _title(channel: Channel) -> str:
    return f"Thread “{channel.name}”" if channel.type.is_thread else f"#{channel.name}"


def _may_see(message: Message, person: str) -> bool:
    return not message.is_ephemeral or (message.interaction is not None and message.interaction.user.id == person)


def _text(message: Message | None) -> str:
    """The content, and what the embeds say."""
    if message is None:
        return ""
    parts = [message.content]
    for embed in message.embeds:
        fields = [f"**{each['name']}**\n{each['value']}" for each in embed.get("fields", [])]
        title = f"**{embed['title']}**" if embed.get("title") else ""
        parts += [title, embed.get("description") or "", *fields]
    return "\n".join(part for part in parts if part)


def _used(message: Message) -> str:
    """The command that a message answers."""
    interaction = message.interaction
    return f"/{interaction.data['name']}" if interaction and "name" in interaction.data else ""


def _buttons(message: Message) -> list[list[Button]]:
    rows = ([each for each in row.get("components", []) if each.get("type") == BUTTON] for row in message.components)
    return [[_button(each) for each in row] for row in rows if row]


def _button(given: Json) -> Button:
    label = given.get("label") or given.get("emoji", {}).get("name", "")
    return Button(given.get("custom_id") or "", label, given.get("url") or "")
