"""The state of the server: who and what exists, kept in memory within bounds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from adapters.playground.discord.changes import Changes
from adapters.playground.discord.clock import Clock, Snowflakes
from adapters.playground.discord.errors import ApiError, Refusal
from adapters.playground.discord.events import Event, Intent
from adapters.playground.discord.model import Channel, ChannelType, Guild, Json, Message, Upload, User
from adapters.playground.discord.payloads import Links, channel_payload, guild_payload, member_payload

KEPT_MESSAGES = 500
KEPT_FILES_BYTES = 256 * 1024 * 1024


class World:
    """Everything that the REST API and the gateway show. What changes it tells its `listeners`."""

    def __init__(self, clock: Clock, bot_id: str, bot_name: str) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.links = Links(clock)
        self.changes = Changes()
        self.bot = User(bot_id, bot_name, bot=True)
        self.owner = User(self.ids.next(), "Owner")
        self.users: dict[str, User] = {self.bot.id: self.bot, self.owner.id: self.owner}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.direct_channels: dict[str, Channel] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self._with_files: OrderedDict[str, tuple[Message, int]] = OrderedDict()
        self._files_bytes = 0

    def tell(self, event: Event) -> None:
        """Sends an event to the sessions and wakes whoever waits for a change."""
        for listener in self.listeners:
            listener(event)
        self.changes.note()

    def add_user(self, name: str) -> User:
        user = User(self.ids.next(), name)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, members: Iterable[User] = ()) -> Guild:
        """A guild to which the bot has been invited."""
        guild = Guild(self.ids.next_of_new_millisecond(), name, self.owner, joined_at=self.clock.now())
        guild.members = {user.id: user for user in (self.bot, self.owner, *members)}
        self.guilds[guild.id] = guild
        self.tell(Event("GUILD_CREATE", self.guild_create(guild), guild, Intent.GUILDS))
        return guild

    def remove_guild(self, guild: Guild) -> None:
        """The bot is thrown out of it."""
        del self.guilds[guild.id]
        for channel in self.channels_of(guild):
            del self.channels[channel.id]
        self.tell(Event("GUILD_DELETE", {"id": guild.id}, guild, Intent.GUILDS))

    def add_member(self, guild: Guild, user: User) -> None:
        guild.members[user.id] = user
        joined = member_payload(user, guild) | {"guild_id": guild.id}
        self.tell(Event("GUILD_MEMBER_ADD", joined, guild, Intent.GUILD_MEMBERS))

    def add_text_channel(self, guild: Guild, name: str) -> Channel:
        channel = Channel(self.ids.next(), ChannelType.TEXT, name, guild)
        self.channels[channel.id] = channel
        self.tell(Event("CHANNEL_CREATE", channel_payload(channel, self.bot), guild, Intent.GUILDS))
        return channel

    def direct_channel(self, user: User) -> Channel:
        """The one channel of the bot and a user, made when it is first asked for."""
        channel = self.direct_channels.get(user.id)
        if channel is None:
            channel = Channel(self.ids.next(), ChannelType.DIRECT, recipient=user)
            self.channels[channel.id] = self.direct_channels[user.id] = channel
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Takes it away, with its threads."""
        del self.channels[channel.id]
        for thread in [each for each in self.channels.values() if each.parent is channel]:
            del self.channels[thread.id]
        name = "THREAD_DELETE" if channel.type.is_thread else "CHANNEL_DELETE"
        self.tell(Event(name, channel_payload(channel, self.bot), channel.guild, Intent.GUILDS))

    def channel(self, channel_id: str) -> Channel:
        """Raises ApiError 10003."""
        if channel := self.channels.get(channel_id):
            return channel
        raise ApiError(Refusal.UNKNOWN_CHANNEL)

    def guild(self, guild_id: str) -> Guild:
        """Raises ApiError 10004."""
        if guild := self.guilds.get(guild_id):
            return guild
        raise ApiError(Refusal.UNKNOWN_GUILD)

    def user(self, user_id: str) -> User:
        """Raises ApiError 10013."""
        if user := self.users.get(user_id):
            return user
        raise ApiError(Refusal.UNKNOWN_USER)

    def message(self, channel: Channel, message_id: str) -> Message:
        """Raises ApiError 10008."""
        if message := channel.messages.get(message_id):
            return message
        raise ApiError(Refusal.UNKNOWN_MESSAGE)

    def channels_of(self, guild: Guild) -> list[Channel]:
        """Its channels and threads, by age."""
        return [channel for channel in self.channels.values() if channel.guild is guild]

    def guild_create(self, guild: Guild) -> Json:
        """What GUILD_CREATE carries."""
        channels = self.channels_of(guild)
        return guild_payload(guild) | {
            "joined_at": self._joined(guild),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [member_payload(user, guild) for user in guild.members.values()],
            "channels": [channel_payload(each, self.bot) for each in channels if not each.type.is_thread],
            "threads": [channel_payload(each, self.bot) for each in channels if each.type.is_thread],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _joined(self, guild: Guild) -> str:
        return str(member_payload(self.bot, guild, with_user=False)["joined_at"])

    def file(self, channel_id: str, attachment_id: str) -> Upload | None:
        """The file of an attachment that a message still has."""
        for message, _ in self._with_files.values():
            for attachment in message.attachments:
                if attachment.id == attachment_id and attachment.channel_id == channel_id:
                    return attachment.upload
        return None

    def keep(self, message: Message) -> None:
        """Stores a message; the oldest of a channel, and the oldest files of all, make room."""
        messages = message.channel.messages
        messages[message.id] = message
        if len(messages) > KEPT_MESSAGES:
            self.forget(next(iter(messages.values())))
        self.keep_files(message)

    def keep_files(self, message: Message) -> None:
        """Counts the files of a message that has come or changed."""
        self._drop_files(message)
        size = sum(len(attachment.upload.content) for attachment in message.attachments)
        if not size:
            return
        self._with_files[message.id] = message, size
        self._files_bytes += size
        while self._files_bytes > KEPT_FILES_BYTES and len(self._with_files) > 1:
            oldest, _ = next(iter(self._with_files.values()))
            self._drop_files(oldest)
            oldest.attachments = []

    def forget(self, message: Message) -> None:
        """Takes a message away."""
        message.channel.messages.pop(message.id, None)
        self._drop_files(message)

    def _drop_files(self, message: Message) -> None:
        _, size = self._with_files.pop(message.id, (message, 0))
        self._files_bytes -= size
