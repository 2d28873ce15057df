"""Files: what people and the bot have sent, bounded in number and bytes."""

from __future__ import annotations

import hashlib
import struct
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePath

from adapters.playground.telegram.errors import JsonObject, bad_request

DOWNLOAD_BYTES = 20 << 20
PHOTO_BYTES = 10 << 20
_FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "document": "documents"}
_SUFFIXES = {"photo": ".jpg", "voice": ".oga", "video": ".mp4"}


@dataclass(frozen=True)
class StoredFile:
    """A file under its `file_id`; `path` is the documented `file_path`."""

    file_id: str
    kind: str
    name: str
    mime_type: str
    data: bytes
    path: str
    width: int = 0
    height: int = 0

    @property
    def unique_id(self) -> str:
        """The same for the same bytes."""
        return "AQAD" + hashlib.sha256(self.data).hexdigest()[:12]

    def shape(self) -> JsonObject:
        """File, as `getFile` answers it."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
            "file_path": self.path,
        }

    def content(self, duration: int = 1) -> JsonObject:
        """The message's field with this file."""
        known = {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}
        if self.kind == "photo":
            return {"photo": [known | {"width": self.width, "height": self.height}]}
        if self.kind == "voice":
            return {"voice": known | {"duration": duration, "mime_type": self.mime_type}}
        if self.kind == "video":
            frame = {"width": 320, "height": 240, "duration": duration}
            return {"video": known | frame | {"file_name": self.name, "mime_type": self.mime_type}}
        return {"document": known | {"file_name": self.name, "mime_type": self.mime_type}}


class Files:
    """The stored files; when there are more than `kept` bytes, the oldest go."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._bytes = 0
        self._made = 0
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: str, name: str, mime_type: str, data: bytes) -> StoredFile:
        """Stores a `photo`, `voice`, `video` or `document`. Raises ApiError 400 if empty or no good as a photo."""
        if not data:
            raise bad_request("file must be non-empty")
        width, height = _photo_size(data) if kind == "photo" else (0, 0)
        self._made += 1
        suffix = _SUFFIXES.get(kind) or PurePath(name).suffix
        path = f"{_FOLDERS[kind]}/file_{self._made}{suffix}"
        file_id = f"{kind}-{self._made}-{hashlib.sha256(data).hexdigest()[:16]}"
        file = StoredFile(file_id, kind, name, mime_type, data, path, width, height)
        self._by_id[file_id] = self._by_path[path] = file
        self._bytes += len(data)
        self._forget_oldest()
        return file

    def by_id(self, file_id: str) -> StoredFile:
        """The file of this id. Raises ApiError 400."""
        if not file_id:
            raise bad_request("file_id not specified")
        if file_id not in self._by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self._by_id[file_id]

    def by_path(self, path: str) -> StoredFile | None:
        """The file under this `file_path`, if it may be downloaded."""
        file = self._by_path.get(path)
        return file if file and len(file.data) <= DOWNLOAD_BYTES else None

    def _forget_oldest(self) -> None:
        while self._bytes > self._kept and len(self._by_id) > 1:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_path[oldest.path]
            self._bytes -= len(oldest.data)


def _photo_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises ApiError 400 if the platform would not take it as a photo."""
    if len(data) > PHOTO_BYTES:
        limit = f"the maximum size is {PHOTO_BYTES} bytes"
        raise bad_request(f"file of size {len(data)} bytes is too big for a photo; {limit}")
    size = _image_size(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if not 0 < width + height <= 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, WebP or JPEG; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp_size(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    return None


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Goes from segment to segment until one that starts a frame."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
