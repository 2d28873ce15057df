"""The bodies of what is sent: texts, buttons, references. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Any, Literal, cast

from bot.messages import Attachment, Citation, Reply
from bot.protocols import Texts

NO_PINGS = {"parse": [], "replied_user": False}
"""Nobody is pinged by what the bot says. https://docs.discord.com/developers/resources/message"""
EPHEMERAL = 64
"""Only who pressed or commanded sees the message."""
DEFERRED = 5
"""The kind of response that says: the answer follows."""
ACTION_ROW, BUTTON, SECONDARY, LINK = 1, 2, 2, 5
MOST_BUTTONS, BUTTONS_A_ROW = 25, 5
LONGEST_LABEL = 80
LONGEST_CONTENT = 2000
PROMISE = "nonce:"
NONCE_BYTES = 9
Press = Literal["q", "s", "o"]


def message(
    content: str,
    *,
    nonce: str = "",
    refers_to: str = "",
    buttons: Sequence[dict[str, Any]] = (),
    private: bool = False,
) -> dict[str, Any]:
    """A message that pings nobody; with a nonce it is made once, however often it is sent within some minutes."""
    body: dict[str, Any] = {"content": content, "allowed_mentions": NO_PINGS, "components": _rows(buttons)}
    if nonce:
        body |= {"nonce": nonce, "enforce_nonce": True}
    if refers_to:
        body["message_reference"] = {"message_id": refers_to, "fail_if_not_exists": False}
    if private:
        body["flags"] = EPHEMERAL
    return body


def nonce(key: str, part: int) -> str:
    """The same for the same part of the same reply, in at most 25 characters."""
    return f"{hashlib.blake2s(key.encode(), digest_size=NONCE_BYTES).hexdigest()}:{part}"


def new_nonce() -> str:
    """One that no other message has."""
    return secrets.token_hex(NONCE_BYTES)


def promise(nonce: str) -> str:
    """Stands for the id of a message that is about to be sent with that nonce."""
    return f"{PROMISE}{nonce}"


def promised(opened: str) -> str:
    """The nonce of a promise; empty for the id of a message."""
    return opened.removeprefix(PROMISE) if opened.startswith(PROMISE) else ""


def buttons(reply: Reply, texts: Texts) -> list[dict[str, Any]]:
    """What may be pressed under a reply: its quick replies, its sources, its pictures as files."""
    found = [button(label, "q", reply, index) for index, label in enumerate(reply.quick_replies)]
    if reply.citations:
        found.append(button(texts.text("sources_button", reply.language), "s", reply))
    found += [
        button(texts.text("original_button", reply.language), "o", reply, index)
        for index, attachment in enumerate(reply.attachments)
        if is_picture(attachment)
    ]
    return found[:MOST_BUTTONS]


def button(label: str, press: Press, reply: Reply, index: int | None = None) -> dict[str, Any]:
    """Its id names the reply; what it means is looked up there when it is pressed."""
    custom_id = ":".join(filter(None, [press, reply.message_id, "" if index is None else str(index)]))
    return {"type": BUTTON, "style": SECONDARY, "label": shortened(label, LONGEST_LABEL), "custom_id": custom_id}


def pressed(custom_id: str) -> tuple[Press, str, int] | None:
    """Kind, message id and index of a button of ours."""
    if found := re.fullmatch(r"([qso]):([^:]+)(?::(\d{1,4}))?", custom_id, re.ASCII):
        press, message_id, index = found.groups()
        return cast(Press, press), message_id, int(index or 0)
    return None


def is_picture(attachment: Attachment) -> bool:
    return attachment.kind == "image" and attachment.url.startswith("file:")


def sources(citations: Sequence[Citation], title: str) -> str:
    """Each source once, with the words that it is cited for, as much as fits in a message."""
    text = title
    for citation in citations:
        quote = " ".join(citation.quote.split())
        place = f"<{citation.source}>" if citation.source.startswith(("https://", "http://")) else citation.source
        entry = f"\n**{_plain(citation.title)}** ({place})\n> {_plain(quote)}"
        if len(text) + len(entry) > LONGEST_CONTENT:
            break
        text += entry
    return text


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _plain(text: str) -> str:
    """https://support.discord.com/hc/en-us/articles/210298617"""
    return "".join(f"\\{character}" if character in "\\*_~`|>#[]" else character for character in text)


def _rows(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"type": ACTION_ROW, "components": list(found[start : start + BUTTONS_A_ROW])}
        for start in range(0, len(found), BUTTONS_A_ROW)
    ]
