"""Photos, files, voice messages and albums from the bot; files to the bot."""

from __future__ import annotations

from typing import Any

from adapters.playground.telegram.errors import JsonObject, bad_request
from adapters.playground.telegram.files import DOWNLOAD_BYTES, StoredFile
from adapters.playground.telegram.methods.sending import post, target
from adapters.playground.telegram.parameters import Parameters, Upload
from adapters.playground.telegram.texts import message_caption
from adapters.playground.telegram.world import World

_ALBUM = range(2, 11)
_NAMES = {"photo": "Photo", "document": "Document", "voice": "VoiceNote", "video": "Video"}


async def send_photo(world: World, parameters: Parameters) -> JsonObject:
    """Sends a picture of at most 10 MB."""
    return _send(world, parameters, "photo")


async def send_document(world: World, parameters: Parameters) -> JsonObject:
    """Sends a file of at most 50 MB."""
    return _send(world, parameters, "document")


async def send_voice(world: World, parameters: Parameters) -> JsonObject:
    """Sends a voice message."""
    return _send(world, parameters, "voice")


async def send_media_group(world: World, parameters: Parameters) -> list[JsonObject]:
    """Sends 2 to 10 photos, or as many files, as an album."""
    to = target(world, parameters)
    media = parameters.items("media")
    if not media:
        raise bad_request('parameter "media" is required')
    if len(media) not in _ALBUM:
        raise bad_request("there must be from 2 to 10 media in an album")
    kinds = {_media_kind(item) for item in media}
    if len(kinds) > 1:
        raise bad_request("document can't be mixed with other media types")
    group = str(world.next_id() + 10**16)
    contents = [_album_part(world, parameters, item) | {"media_group_id": group} for item in media]
    return post(world, to, Parameters({}, {}), contents)


async def get_file(world: World, parameters: Parameters) -> JsonObject:
    """File with the path for its download, which may be of at most 20 MB."""
    file = world.files.by_id(parameters.text("file_id"))
    if len(file.data) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return file.shape()


def _send(world: World, parameters: Parameters, kind: str) -> JsonObject:
    caption = message_caption(parameters)
    to = target(world, parameters)
    file = _file(world, parameters, kind, kind, parameters.text(kind))
    content = file.content(parameters.integer("duration")) | caption
    return post(world, to, parameters, [content])[0]


def _media_kind(item: Any) -> str:
    if not isinstance(item, dict) or item.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: unsupported type specified")
    return str(item["type"])


def _album_part(world: World, parameters: Parameters, item: JsonObject) -> JsonObject:
    kind = _media_kind(item)
    file = _file(world, parameters, kind, "", str(item.get("media", "")))
    return file.content() | message_caption(Parameters(item, {}))


def _file(world: World, parameters: Parameters, kind: str, field: str, reference: str) -> StoredFile:
    """The file of a request: uploaded under the field's own name or by `attach://`, or one that is already there."""
    upload = parameters.uploads.get(field)
    if reference.startswith("attach://"):
        upload = parameters.uploads.get(reference.removeprefix("attach://"))
        if upload is None:
            raise bad_request("the file is not found in the request")
    if upload is not None:
        return _stored(world, kind, upload)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = world.files.by_id(reference)
    if file.kind != kind:
        raise bad_request(f"can't use file of type {_NAMES[file.kind]} as {_NAMES[kind]}")
    return file


def _stored(world: World, kind: str, upload: Upload) -> StoredFile:
    mime_type = "audio/ogg" if kind == "voice" else upload.mime_type
    return world.files.add(kind, upload.name, mime_type, upload.data)
