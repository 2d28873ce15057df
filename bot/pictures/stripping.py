"""Photos without what they tell of their owners: place, time, camera, thumbnail.

Metadata are cut out of the file; the pixels stay as they are, to the bit. Of a JPEG the orientation stays too, for
without it the photo would lie on its side. What cannot be read is returned as it is, for the decoder to refuse.

JPEG: ITU-T T.81, annex B. PNG: https://www.w3.org/TR/png-3/. WebP: RFC 9649. Exif: CIPA DC-008.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
WEBP_FLAGS = 0x0C
"""The bits of VP8X that announce Exif and XMP."""
APP1, APP2, APP13, COMMENT, SCAN = 0xE1, 0xE2, 0xED, 0xFE, 0xDA
ORIENTATION = 0x0112


def stripped(content: bytes) -> bytes:
    """The photo without metadata; a file of another kind, or a broken one, as it is."""
    try:
        if content.startswith(b"\xff\xd8"):
            return _jpeg(content)
        if content.startswith(PNG_SIGNATURE):
            return PNG_SIGNATURE + b"".join(chunk for kind, chunk in _png_chunks(content) if kind not in PNG_DROPPED)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError, ValueError):
        pass
    return content


def _jpeg(content: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    place = 2
    while content[place + 1] != SCAN:
        if content[place] != 0xFF:
            raise ValueError("no marker where one must be")
        marker, (length,) = content[place + 1], struct.unpack_from(">H", content, place + 2)
        segment = content[place : place + 2 + length]
        if marker == APP1 and (orientation := _orientation(segment)):
            kept.append(_exif(orientation))
        elif marker not in (APP1, APP13, COMMENT) and not (marker == APP2 and b"MPF\0" in segment[:8]):
            kept.append(segment)
        place += 2 + length
    return b"".join([*kept, content[place:]])


def _orientation(segment: bytes) -> int:
    """The orientation in an Exif segment, 2 to 8; 0 where there is none or the photo stands upright."""
    if segment[4:10] != b"Exif\0\0":
        return 0
    tiff = segment[10:]
    order = "<" if tiff[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == ORIENTATION:
            return int(value) if 2 <= value <= 8 else 0
    return 0


def _exif(orientation: int) -> bytes:
    """An Exif segment with nothing but the orientation."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_SIGNATURE)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 12 + length
        yield content[place + 4 : place + 8], content[place:end]
        place = end


def _webp(content: bytes) -> bytes:
    kept = []
    place = 12
    while place < len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        end = place + 8 + length + length % 2
        chunk = content[place:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_FLAGS]) + chunk[9:]
        if kind not in WEBP_DROPPED:
            kept.append(chunk)
        place = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
