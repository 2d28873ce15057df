"""Threads: channels within a channel, with or without a message that they begin from."""

from __future__ import annotations

from adapters.playground.discord.events import Event, Intent
from adapters.playground.discord.model import Channel, ChannelType, Json, Message, MessageFlag, MessageType
from adapters.playground.discord.payloads import channel_payload
from adapters.playground.discord.posts import Draft, Posts
from adapters.playground.discord.world import World


class Threads:
    """Opens and changes threads on the bot's behalf."""

    def __init__(self, world: World, posts: Posts) -> None:
        self._world = world
        self._posts = posts

    def create(self, parent: Channel, type: ChannelType, name: str, minutes: int) -> Channel:
        """Without a message; a public one is announced in its channel."""
        thread = self._open(self._world.ids.next(), parent, type, name, minutes)
        if type is ChannelType.PUBLIC_THREAD:
            self._posts.send(parent, self._world.bot, Draft(name), type=MessageType.THREAD_CREATED)
        return thread

    def create_from(self, message: Message, name: str, minutes: int) -> Channel:
        """From a message, whose id it takes."""
        thread = self._open(message.id, message.channel, ChannelType.PUBLIC_THREAD, name, minutes)
        message.thread = thread
        message.flags |= MessageFlag.HAS_THREAD
        self._posts.tell("MESSAGE_UPDATE", message)
        self._posts.send(thread, self._world.bot, Draft(answers=message), type=MessageType.THREAD_STARTER)
        return thread

    def edit(self, thread: Channel, changes: Json) -> None:
        """Of `name`, `archived`, `locked` and `auto_archive_duration` those that are given."""
        thread.name = changes.get("name", thread.name)
        thread.archived = bool(changes.get("archived", thread.archived))
        thread.locked = bool(changes.get("locked", thread.locked))
        thread.auto_archive_minutes = changes.get("auto_archive_duration", thread.auto_archive_minutes)
        thread.changed_at = self._world.clock.now()
        name = "THREAD_UPDATE" if thread.type.is_thread else "CHANNEL_UPDATE"
        self._tell(name, thread, {})

    def _open(self, thread_id: str, parent: Channel, type: ChannelType, name: str, minutes: int) -> Channel:
        world = self._world
        thread = Channel(thread_id, type, name, parent.guild, parent, owner=world.bot, auto_archive_minutes=minutes)
        thread.changed_at = world.clock.now()
        world.channels[thread.id] = thread
        self._tell("THREAD_CREATE", thread, {"newly_created": True})
        return thread

    def _tell(self, name: str, thread: Channel, more: Json) -> None:
        data = channel_payload(thread, self._world.bot) | more
        self._world.tell(Event(name, data, thread.guild, Intent.GUILDS))
