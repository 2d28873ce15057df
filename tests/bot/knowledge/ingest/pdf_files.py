"""Writes real, small PDF files: a page is a list of lines, each with its size and font."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`font` is `plain`, `bold` or `chinese`; a `gap` is the distance to the line above, in points."""

    text: str
    size: int = 11
    font: str = "plain"
    gap: int = 14


_FONTS = {
    "plain": "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    "bold": "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    "chinese": "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
    "/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>",
}


def pdf(pages: list[list[Line]]) -> bytes:
    """The bytes of a PDF with these pages."""
    fonts = " ".join(f"/{name} {number} 0 R" for number, name in enumerate(_FONTS, 3))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", *_FONTS.values()]
    kids = []
    for lines in pages:
        content = _content(lines)
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            f"/Resources << /Font << {fonts} >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return _file(objects)


def _content(lines: list[Line]) -> str:
    height = 800
    parts = ["BT"]
    for line in lines:
        height -= line.gap
        parts.append(f"/{line.font} {line.size} Tf 1 0 0 1 50 {height} Tm <{_encoded(line)}> Tj")
    return "\n".join([*parts, "ET"])


def _encoded(line: Line) -> str:
    return line.text.encode("utf-16-be" if line.font == "chinese" else "cp1252").hex()


def _file(objects: list[str]) -> bytes:
    text = "%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    return (text + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}").encode("latin-1")
