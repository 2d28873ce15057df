"""Picture files that say of themselves that a machine made them, and how.

Readable to people and programs as text beside the pixels, and as XMP with the IPTC's digital source type
(https://cv.iptc.org/newscodes/digitalsourcetype/), which platforms read to label a picture. A file that was cut,
compressed or drawn over anew has lost both; `parley imagine --verify` knows the files themselves by their hashes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

Pixels = NDArray[np.uint8]

SOFTWARE = "Parley"
KEYWORD = "Parley"
"""The text chunk with everything in JSON."""
XMP_KEYWORD = "XML:com.adobe.xmp"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DRAWN, COMPOSITE = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
FRAME_MILLISECONDS = 120
PALETTE_SIDE = 32
COMPRESSION = 4
"""Half the time of Pillow's usual 6, for files of the same size."""
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
<xmp:CreatorTool>{tool}</xmp:CreatorTool>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """`model` names generator and weights; `from_photo` says that a photo went in, `near` that the picture is not the
    seed's own but one between it and that of the seed `near`."""

    model: str
    kind: str
    seed: int
    tags: tuple[str, ...] = ()
    from_photo: bool = False
    near: int | None = None

    @property
    def source_type(self) -> str:
        """The address of the IPTC's term."""
        return SOURCE_TYPES + (COMPOSITE if self.from_photo else DRAWN)

    @property
    def description(self) -> str:
        """For people, in one line."""
        made = "AI-generated picture made from a photo" if self.from_photo else "AI-generated picture"
        return f"{made}: {', '.join(self.tags)}" if self.tags else made


def png(pixels: Pixels, provenance: Provenance) -> bytes:
    """The file of a picture [H, W, 3]."""
    info = PngInfo()
    info.add_text("Software", SOFTWARE)
    info.add_itxt("Description", provenance.description)
    info.add_itxt(KEYWORD, json.dumps(asdict(provenance), ensure_ascii=False))
    info.add_itxt(XMP_KEYWORD, _xmp(provenance))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=info, compress_level=COMPRESSION)
    return file.getvalue()


def gif(frames: Sequence[Pixels], provenance: Provenance) -> bytes:
    """The file of a film of pictures [H, W, 3] that runs there and back for ever."""
    palette = _palette(frames)
    stills = [Image.fromarray(frame).quantize(palette=palette) for frame in frames]
    images = [*stills, *stills[-2:0:-1]]
    file = io.BytesIO()
    comment = json.dumps(asdict(provenance)).encode()
    images[0].save(
        file, "GIF", save_all=True, append_images=images[1:], duration=FRAME_MILLISECONDS, loop=0, comment=comment
    )
    return file.getvalue()[:-1] + _gif_xmp(_xmp(provenance)) + b";"


def read(content: bytes) -> Provenance | None:
    """What a file says of itself; None when it says nothing or is no picture. Anybody can write such words."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "GIF")) as image:
            said: Any = json.loads(image.info.get(KEYWORD) or image.info.get("comment") or "null")
            return Provenance(**{**said, "tags": tuple(said["tags"])})
    except (UnidentifiedImageError, OSError, ValueError, TypeError, KeyError, SyntaxError):
        return None


def resized(pixels: Pixels, side: int) -> Pixels:
    """A picture [H, W, 3] with sides of `side` pixels, resampled with the Lanczos filter (or not at all)."""
    if pixels.shape[:2] == (side, side):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))


def _palette(frames: Sequence[Pixels]) -> Image.Image:
    """One for all frames, from small copies: choosing colours takes long for many pixels."""
    small = [resized(frame, PALETTE_SIDE) for frame in frames]
    return Image.fromarray(np.concatenate(small)).quantize(256)


def _xmp(provenance: Provenance) -> str:
    return _XMP.format(
        source=provenance.source_type,
        tool=escape(f"{SOFTWARE}, {provenance.model}, seed {provenance.seed}"),
        description=escape(provenance.description),
    )


def _gif_xmp(xmp: str) -> bytes:
    """An application extension; its tail leads readers of plain sub-blocks to the end, as the XMP specification
    (part 3, section 1.1.2) has it."""
    tail = bytes([1, *range(255, -1, -1), 0])
    return b"!\xff\x0bXMP DataXMP" + xmp.encode() + tail
