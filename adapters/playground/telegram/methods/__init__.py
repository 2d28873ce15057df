"""The methods of the Bot API, by the names that the documentation gives them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.playground.telegram.methods import account, chats, editing, media, messages, receiving
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.world import World

Method = Callable[[World, Parameters], Awaitable[Any]]
"""Gives the `result` of the answer; raises ApiError for a refusal."""

METHODS: Mapping[str, Method] = {
    "getMe": account.get_me,
    "logOut": account.log_out,
    "close": account.close,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "deleteMyCommands": account.delete_my_commands,
    "getUpdates": receiving.get_updates,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
    "sendMessage": messages.send_message,
    "sendMessageDraft": messages.send_message_draft,
    "sendChatAction": messages.send_chat_action,
    "deleteMessage": messages.delete_message,
    "deleteMessages": messages.delete_messages,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "sendPhoto": media.send_photo,
    "sendDocument": media.send_document,
    "sendVoice": media.send_voice,
    "sendMediaGroup": media.send_media_group,
    "getFile": media.get_file,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "leaveChat": chats.leave_chat,
    "setMessageReaction": chats.set_message_reaction,
    "answerCallbackQuery": chats.answer_callback_query,
    "getBusinessConnection": chats.get_business_connection,
}
