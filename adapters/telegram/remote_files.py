"""The files of a message, as Telegram describes them before they are fetched."""

from __future__ import annotations

from typing import Any

from telegram import Message, PhotoSize

from adapters.telegram.checked import Malformed, positive, words, words_or_none
from adapters.telegram.events import RemoteFile

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


def files_of(message: Message) -> tuple[RemoteFile, ...]:
    """The file of the message, in the form in which it can be fetched whole; empty for a message of words."""
    if message.photo:
        return (_photo(message.photo),)
    if message.voice:
        return (_file(message.voice, "voice", "audio/ogg", "voice.ogg"),)
    if message.audio:
        return (_file(message.audio, "file", "audio/mpeg", "audio.mp3"),)
    for video in (message.animation, message.video, message.video_note):
        if video:
            return (_file(video, "video", "video/mp4", "video.mp4"),)
    if message.document:
        return (_document(message.document),)
    if message.sticker:
        return (_sticker(message.sticker),)
    return ()


def _photo(sizes: tuple[PhotoSize, ...]) -> RemoteFile:
    """The largest size: Telegram lists the same picture several times."""
    best = max(sizes, key=lambda size: (positive(size.width) or 0) * (positive(size.height) or 0))
    return _file(best, "image", "image/jpeg", "photo.jpg")


def _document(document: Any) -> RemoteFile:
    mime = words_or_none(document.mime_type, "mime_type") or "application/octet-stream"
    return _file(document, "image" if mime in PICTURES else "file", mime, "file")


def _sticker(sticker: Any) -> RemoteFile:
    if sticker.is_animated:
        return _file(sticker, "file", "application/x-tgsticker", "sticker.tgs")
    if sticker.is_video:
        return _file(sticker, "video", "video/webm", "sticker.webm")
    return _file(sticker, "image", "image/webp", "sticker.webp")


def _file(media: Any, kind: str, mime: str, name: str) -> RemoteFile:
    """`mime` and `name` are for media that do not tell them."""
    file_id = words(media.file_id, "file_id")
    if not file_id:
        raise Malformed("file_id is empty")
    return RemoteFile(
        kind=kind,
        file_id=file_id,
        name=words_or_none(getattr(media, "file_name", None), "file_name") or name,
        mime=words_or_none(getattr(media, "mime_type", None), "mime_type") or mime,
        size=positive(media.file_size),
        width=positive(getattr(media, "width", None)),
        height=positive(getattr(media, "height", None)),
    )
