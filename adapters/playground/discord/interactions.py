"""Commands and pressed buttons: answered within 3 s, their token good for 15 min."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence

from adapters.playground.discord.errors import ApiError, Form, Refusal
from adapters.playground.discord.events import Event
from adapters.playground.discord.forms import read_changes, read_draft
from adapters.playground.discord.model import (
    Channel,
    Interaction,
    InteractionType,
    Json,
    Message,
    MessageFlag,
    MessageType,
    Upload,
    User,
)
from adapters.playground.discord.payloads import interaction_payload, message_payload
from adapters.playground.discord.posts import Draft, Posts
from adapters.playground.discord.world import World

ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
KEPT_INTERACTIONS = 10_000

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
ALLOWED_ANSWERS = {
    InteractionType.COMMAND: frozenset({MESSAGE, DEFERRED_MESSAGE, MODAL}),
    InteractionType.COMPONENT: frozenset({MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL}),
}


class Interactions:
    """Those of late, with the clocks of their answers."""

    def __init__(self, world: World, posts: Posts) -> None:
        self._world = world
        self._posts = posts
        self._by_id: OrderedDict[str, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    def begin(
        self, user: User, channel: Channel, type: InteractionType, data: Json, source: Message | None = None
    ) -> Interaction:
        """A user does something that the application is told of."""
        world = self._world
        token = secrets.token_urlsafe(48)
        interaction = Interaction(world.ids.next(), token, type, user, channel, data, world.clock.now(), source)
        self._by_id[interaction.id] = self._by_token[token] = interaction
        if len(self._by_id) > KEPT_INTERACTIONS:
            del self._by_token[self._by_id.popitem(last=False)[1].token]
        self.tell(interaction)
        return interaction

    def tell(self, interaction: Interaction) -> None:
        """Sends the gateway's event, which needs no intent."""
        payload = interaction_payload(interaction, self._world.links, self._world.bot)
        self._world.tell(Event("INTERACTION_CREATE", payload, interaction.channel.guild))

    def expected(self, interaction_id: str, token: str) -> Interaction:
        """One without an answer; raises ApiError 40060 when it has one, 10062 when it is late or unknown."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise ApiError(Refusal.UNKNOWN_INTERACTION)
        if interaction.acknowledged_by is not None:
            raise ApiError(Refusal.ALREADY_ACKNOWLEDGED)
        if self._world.clock.now() - interaction.created_at > ANSWER_SECONDS:
            raise ApiError(Refusal.UNKNOWN_INTERACTION)
        return interaction

    def of_token(self, token: str) -> Interaction:
        """One that has been answered; raises ApiError 50027 after 15 min, 10015 before the answer."""
        interaction = self._by_token.get(token)
        if interaction is None or self._world.clock.now() - interaction.created_at > TOKEN_SECONDS:
            raise ApiError(Refusal.INVALID_WEBHOOK_TOKEN)
        if interaction.acknowledged_by is None:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        return interaction

    def answer(self, interaction: Interaction, body: Json, uploads: Sequence[Upload]) -> None:
        """The first answer; raises ApiError 50035 when its type does not fit."""
        form, allowed = Form(), ALLOWED_ANSWERS[interaction.type]
        kind, data = form.number("type", body.get("type")), form.mapping("data", body.get("data"))
        flags = form.number("data.flags", data.get("flags"))
        if kind not in allowed:
            form.wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
        form.check()
        if kind == MESSAGE:
            interaction.original = self._send(interaction, read_draft(data, uploads, interaction.channel))
        elif kind == DEFERRED_MESSAGE:
            ephemeral = MessageFlag.EPHEMERAL & flags
            interaction.original = self._send(interaction, Draft(flags=MessageFlag.LOADING | ephemeral))
        elif kind == UPDATE:
            assert interaction.source is not None
            self.edit(interaction.source, data, uploads)
        if kind in (UPDATE, DEFERRED_UPDATE):
            interaction.original = interaction.source
        interaction.acknowledged_by = kind
        self._world.changes.note()

    def follow_up(self, interaction: Interaction, body: Json, uploads: Sequence[Upload]) -> Message:
        """Another message; the first one fills a deferred answer."""
        draft = read_draft(body, uploads, interaction.channel)
        original = interaction.original
        if original and original.is_loading and original.id in original.channel.messages:
            return self._posts.fill(original, draft)
        answers = original if original and not original.is_ephemeral else None
        message = self._send(interaction, Draft(**(vars(draft) | {"answers": answers})), MessageType.REPLY)
        interaction.followups.append(message)
        return message

    def edit(self, message: Message, body: Json, uploads: Sequence[Upload]) -> Message:
        """Changes a message of the application; a deferred answer is filled by it."""
        changes, allowed = read_changes(body, message)
        if message.is_loading:
            return self._posts.fill(message, read_draft(body, uploads, message.channel))
        changes |= self._posts.files_after(message, body, uploads)
        return self._posts.edit(message, changes, allowed)

    def message(self, interaction: Interaction, message_id: str) -> Message:
        """`@original`, or a follow-up by its id; raises ApiError 10008."""
        mine = [*interaction.followups, *([interaction.original] if interaction.original else [])]
        for message in mine:
            wanted = message is interaction.original if message_id == "@original" else message.id == message_id
            if wanted and message.id in message.channel.messages:
                return message
        raise ApiError(Refusal.UNKNOWN_MESSAGE)

    def callback_payload(self, interaction: Interaction) -> Json:
        """What `with_response` asks for."""
        original, channel = interaction.original, interaction.channel
        shown: Json = {"id": interaction.id, "type": int(interaction.type), "channel_id": channel.id}
        if channel.guild:
            shown["guild_id"] = channel.guild.id
        resource: Json = {"type": interaction.acknowledged_by}
        if original:
            shown["response_message_id"] = original.id
            shown["response_message_loading"] = original.is_loading
            shown["response_message_ephemeral"] = original.is_ephemeral
            resource["message"] = message_payload(original, self._world.links, self._world.bot)
        return {"interaction": shown, "resource": resource}

    def _send(self, interaction: Interaction, draft: Draft, type: MessageType | None = None) -> Message:
        kind = type or (MessageType.COMMAND if interaction.type is InteractionType.COMMAND else MessageType.REPLY)
        if kind is MessageType.REPLY and draft.answers is None:
            draft = Draft(**(vars(draft) | {"answers": interaction.source}))
        return self._posts.send(interaction.channel, self._world.bot, draft, type=kind, interaction=interaction)
