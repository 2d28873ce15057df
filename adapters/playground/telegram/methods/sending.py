"""What all methods that send have in common: where to, in answer to what, and putting the message there."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.playground.telegram.chats import Chat
from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.texts import inline_keyboard
from adapters.playground.telegram.world import World


@dataclass(frozen=True)
class Target:
    """Where a message goes, and the fields that say so."""

    chat: Chat
    fields: JsonObject


def target(world: World, parameters: Parameters) -> Target:
    """The chat, topic and answered message of a request. Raises ApiError 400 or 403."""
    chat = world.writable(parameters.text("chat_id"), parameters.text("business_connection_id"))
    fields = world.place(chat, parameters.integer("message_thread_id"), 0)
    return Target(chat, fields | _reply(world, chat, parameters))


def post(world: World, to: Target, parameters: Parameters, contents: list[JsonObject]) -> list[JsonObject]:
    """Sends one message for each content, the keyboard with each. Raises ApiError 400 or 429."""
    keyboard = inline_keyboard(parameters)
    world.charge(to.chat, len(contents))
    sent = [world.new_message(to.chat, world.bot, to.fields | content | keyboard) for content in contents]
    to.chat.drafts.clear()
    to.chat.acted = ("", 0.0)
    world.changes.announce()
    return sent


def _reply(world: World, chat: Chat, parameters: Parameters) -> JsonObject:
    reply = parameters.mapping("reply_parameters")
    message_id = reply.get("message_id", parameters.integer("reply_to_message_id"))
    if not message_id:
        return {}
    if type(message_id) is not int:
        raise bad_request('can\'t parse ReplyParameters: Field "message_id" must be of type Number')
    other = reply.get("chat_id")
    where = chat if other in (None, chat.id, f"@{chat.username}") else world.chat(str(other))
    if message_id not in where.messages:
        if reply.get("allow_sending_without_reply") or parameters.flag("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    answered = where.messages[message_id]
    fields = _quote(answered, reply)
    if where is not chat:
        return fields | {"external_reply": {"origin": {"type": "user", "sender_user": answered["from"]}}}
    return fields | world.place(chat, 0, message_id)


def _quote(answered: JsonObject, reply: JsonObject) -> JsonObject:
    quote = reply.get("quote")
    if not quote:
        return {}
    if str(quote) not in (answered.get("text") or answered.get("caption") or ""):
        raise bad_request("QUOTE_TEXT_INVALID")
    return {"quote": {"text": quote, "position": reply.get("quote_position", 0), "is_manual": True}}
