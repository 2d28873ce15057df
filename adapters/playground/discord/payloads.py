"""Objects as the API shows them (docs.discord.com/developers/resources)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from adapters.playground.discord.clock import Clock, timestamp
from adapters.playground.discord.model import (
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Interaction,
    InteractionType,
    Json,
    Message,
    Permission,
    User,
)
from adapters.playground.discord.pictures import picture_size

ALL_PERMISSIONS = sum(Permission)
LINK_SECONDS = 24 * 3600
ATTACHMENT_BYTES = 10 * 1024 * 1024
EVERYBODY = "@everyone"


class Links:
    """Signed addresses of attachments, which end after a day as those of the real CDN."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(16)
        self.base_url = ""

    def attachment(self, attachment: Attachment) -> str:
        """A new address for the file."""
        path = f"{attachment.channel_id}/{attachment.id}/{attachment.upload.filename}"
        expires = f"{int(self._clock.now() + LINK_SECONDS):x}"
        return f"{self.base_url}/attachments/{path}?ex={expires}&hm={self._sign(attachment.id, expires)}&"

    def is_good(self, attachment_id: str, expires: str, signature: str) -> bool:
        """Whether the address is one of ours and has not ended."""
        if not hmac.compare_digest(self._sign(attachment_id, expires).encode(), signature.encode()):
            return False
        return int(expires, 16) >= self._clock.now()

    def _sign(self, attachment_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{attachment_id} {expires}".encode(), hashlib.sha256).hexdigest()


def user_payload(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.name.lower().replace(" ", "_"),
        "global_name": None if user.bot else user.name,
        "discriminator": "0001" if user.bot else "0",
        "avatar": None,
        "bot": user.bot,
        "system": False,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
    }


def member_payload(user: User, guild: Guild, *, with_user: bool = True) -> Json:
    member: Json = {
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": timestamp(guild.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return member | {"user": user_payload(user)} if with_user else member


def channel_payload(channel: Channel, bot: User) -> Json:
    last = channel.last_message
    payload: Json = {"id": channel.id, "type": int(channel.type), "last_message_id": last.id if last else None}
    payload["flags"] = 0
    if channel.type is ChannelType.DIRECT:
        recipients = [user_payload(channel.recipient)] if channel.recipient else []
        return payload | {"recipients": recipients}
    assert channel.guild is not None
    payload |= {"guild_id": channel.guild.id, "name": channel.name, "rate_limit_per_user": 0}
    payload["parent_id"] = channel.parent.id if channel.parent else None
    if channel.type.is_thread:
        return payload | _thread_fields(channel)
    overwrites = [{"id": bot.id, "type": 1, "allow": "0", "deny": str(int(channel.denied))}] if channel.denied else []
    return payload | {"position": 0, "topic": None, "nsfw": False, "permission_overwrites": overwrites}


def _thread_fields(channel: Channel) -> Json:
    return {
        "owner_id": channel.owner.id if channel.owner else None,
        "message_count": len(channel.messages),
        "total_message_sent": len(channel.messages),
        "member_count": 1,
        "thread_metadata": {
            "archived": channel.archived,
            "locked": channel.locked,
            "auto_archive_duration": channel.auto_archive_minutes,
            "archive_timestamp": timestamp(channel.changed_at),
            "create_timestamp": timestamp(channel.changed_at),
        },
    }


def role_payload(guild: Guild) -> Json:
    """The role that all members have; it has the guild's id."""
    return {
        "id": guild.id,
        "name": EVERYBODY,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": str(ALL_PERMISSIONS),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def guild_payload(guild: Guild) -> Json:
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": guild.owner.id,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role_payload(guild)],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "safety_alerts_channel_id": None,
    }


def attachment_payload(attachment: Attachment, links: Links) -> Json:
    upload = attachment.upload
    url = links.attachment(attachment)
    payload: Json = {
        "id": attachment.id,
        "filename": upload.filename,
        "size": len(upload.content),
        "url": url,
        "proxy_url": url,
        "content_type": upload.content_type,
    }
    if upload.description is not None:
        payload["description"] = upload.description
    if size := picture_size(upload.content):
        payload |= {"width": size[0], "height": size[1]}
    return payload


def message_payload(message: Message, links: Links, bot: User, *, nested: bool = False) -> Json:
    """`nested` leaves out what it replies to, as the API does one level down."""
    payload: Json = {
        "id": message.id,
        "channel_id": message.channel.id,
        "type": int(message.type),
        "author": user_payload(message.author),
        "content": message.content,
        "timestamp": timestamp(message.sent_at),
        "edited_timestamp": timestamp(message.edited_at) if message.edited_at else None,
        "tts": False,
        "mention_everyone": message.mentions_everyone,
        "mentions": [user_payload(user) for user in message.mentions],
        "mention_roles": [],
        "attachments": [attachment_payload(attachment, links) for attachment in message.attachments],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": False,
        "flags": int(message.flags),
    }
    if message.reactions:
        payload["reactions"] = [_reaction(emoji, users, bot) for emoji, users in message.reactions.items()]
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.thread:
        payload["thread"] = channel_payload(message.thread, bot)
    if message.reference:
        payload["message_reference"] = message.reference
        if not nested:
            answers = message.answers
            payload["referenced_message"] = message_payload(answers, links, bot, nested=True) if answers else None
    return payload | (_of_interaction(message.interaction, bot) if message.interaction else {})


def _reaction(emoji: str, users: list[str], bot: User) -> Json:
    counts = {"burst": 0, "normal": len(users)}
    return {
        "emoji": emoji_payload(emoji),
        "count": len(users),
        "count_details": counts,
        "me": bot.id in users,
        "me_burst": False,
        "burst_colors": [],
    }


def emoji_payload(emoji: str) -> Json:
    """A Unicode emoji, or `name:id` of a guild's own."""
    name, _, identity = emoji.partition(":")
    return {"id": identity or None, "name": name}


def _of_interaction(interaction: Interaction, bot: User) -> Json:
    metadata: Json = {
        "id": interaction.id,
        "type": int(interaction.type),
        "user": user_payload(interaction.user),
        "authorizing_integration_owners": _owners(interaction),
    }
    if interaction.type is InteractionType.COMMAND:
        metadata["name"] = interaction.data["name"]
    elif interaction.source:
        metadata["interacted_message_id"] = interaction.source.id
    return {"application_id": bot.id, "webhook_id": bot.id, "interaction_metadata": metadata}


def _owners(interaction: Interaction) -> Json:
    guild = interaction.channel.guild
    return {"0": guild.id if guild else "0"}


def interaction_payload(interaction: Interaction, links: Links, bot: User) -> Json:
    """What the gateway's INTERACTION_CREATE carries."""
    channel, guild = interaction.channel, interaction.channel.guild
    payload: Json = {
        "id": interaction.id,
        "application_id": bot.id,
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel": channel_payload(channel, bot),
        "channel_id": channel.id,
        "locale": interaction.user.language,
        "app_permissions": str(ALL_PERMISSIONS & ~int(channel.denied)),
        "entitlements": [],
        "authorizing_integration_owners": _owners(interaction),
        "context": 0 if guild else 1,
        "attachment_size_limit": ATTACHMENT_BYTES,
    }
    if guild:
        member = member_payload(interaction.user, guild) | {"permissions": str(ALL_PERMISSIONS)}
        payload |= {"guild_id": guild.id, "guild_locale": "en-US", "member": member}
        payload["guild"] = {"id": guild.id, "features": [], "locale": "en-US"}
    else:
        payload["user"] = user_payload(interaction.user)
    if interaction.source:
        payload["message"] = message_payload(interaction.source, links, bot)
    return payload
