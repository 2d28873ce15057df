"""People who talk to the bot: what a user can do in the app, for tests and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.playground.discord.commands import Commands
from adapters.playground.discord.interactions import Interactions
from adapters.playground.discord.model import (
    Attachment,
    Channel,
    Interaction,
    InteractionType,
    Json,
    Message,
    Upload,
    User,
)
from adapters.playground.discord.payloads import attachment_payload
from adapters.playground.discord.posts import ALL_KINDS, AllowedMentions, Draft, Posts
from adapters.playground.discord.world import World

OPTION_TYPES: dict[type, int] = {str: 3, bool: 5, int: 4, float: 10, Upload: 11}
PINGS_NOBODY_ANSWERED = AllowedMentions(ALL_KINDS, replied_user=False)


class Person:
    """A user with an account; what it does reaches the bot by the gateway."""

    def __init__(self, user: User, world: World, posts: Posts, commands: Commands, interactions: Interactions) -> None:
        self.user = user
        self._world = world
        self._posts = posts
        self._commands = commands
        self._interactions = interactions

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def direct(self) -> Channel:
        """The channel of direct messages with the bot."""
        return self._world.direct_channel(self.user)

    def block_bot(self, blocked: bool = True) -> None:
        """The bot's direct messages are refused with 50007."""
        self.user.accepts_direct_messages = not blocked

    def write(
        self,
        channel: Channel,
        content: str = "",
        *,
        answers: Message | None = None,
        ping: bool = True,
        files: Sequence[Upload] = (),
    ) -> Message:
        """A message; one that `answers` another pings its author, unless switched off."""
        allowed = AllowedMentions() if ping else PINGS_NOBODY_ANSWERED
        draft = Draft(content, uploads=tuple(files), answers=answers, allowed=allowed)
        return self._posts.send(channel, self.user, draft)

    def mention(self, channel: Channel, content: str, **more: Any) -> Message:
        """A message that begins with the bot's mention."""
        return self.write(channel, f"<@{self._world.bot.id}> {content}", **more)

    def edit(self, message: Message, content: str) -> Message:
        return self._posts.edit(message, {"content": content}, AllowedMentions())

    def delete(self, message: Message) -> None:
        self._posts.delete(message)

    def react(self, message: Message, emoji: str) -> None:
        self._posts.react(message, self.user, emoji)

    def unreact(self, message: Message, emoji: str) -> None:
        self._posts.unreact(message, self.user, emoji)

    def start_typing(self, channel: Channel) -> None:
        self._posts.start_typing(channel, self.user)

    def use_command(self, channel: Channel, name: str, **options: str | int | float | bool | Upload) -> Interaction:
        """A slash command that the bot has registered; raises ApiError 10063 if it has not."""
        command = self._commands.find(name, channel.guild.id if channel.guild else None)
        data: Json = {"id": command["id"], "name": name, "type": 1}
        resolved: Json = {}
        data["options"] = [self._option(channel, key, value, resolved) for key, value in options.items()]
        if resolved:
            data["resolved"] = {"attachments": resolved}
        return self._interactions.begin(self.user, channel, InteractionType.COMMAND, data)

    def press(self, message: Message, custom_id: str) -> Interaction:
        """A button of a message."""
        data: Json = {"custom_id": custom_id, "component_type": 2, "id": 1}
        return self._interactions.begin(self.user, message.channel, InteractionType.COMPONENT, data, message)

    def _option(self, channel: Channel, name: str, value: object, resolved: Json) -> Json:
        kind = OPTION_TYPES[type(value)]
        if isinstance(value, Upload):
            attachment = Attachment(self._world.ids.next(), channel.id, value)
            resolved[attachment.id] = attachment_payload(attachment, self._world.links)
            value = attachment.id
        return {"name": name, "type": kind, "value": value}
