"""PDF and Word files: real ones, damaged ones, and ones made to do harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest

from bot.errors import KnowledgeError
from bot.knowledge.ingest.blocks import Content
from bot.knowledge.ingest.pdf import parse_pdf
from bot.knowledge.ingest.word import parse_word
from tests.bot.knowledge.ingest.pdf_files import Line, pdf


def read_pdf(data: bytes) -> Content:
    return parse_pdf(Path("a.pdf"), data)


def read_word(data: bytes) -> Content:
    return parse_word(Path("a.docx"), data)


def shown(content: Content) -> list[str]:
    return [f"{block.level or block.kind}: {block.text}" for block in content.blocks]


def encrypted(data: bytes, password: str, algorithm: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


HELP = [
    [
        Line("Larkfell Help", 9),
        Line("Shipping", 18, gap=30),
        Line("Standard delivery to the Netherlands, Belgium and Luxem-", gap=24),
        Line("bourg takes two working days and costs 4.95 euros for each"),
        Line("order. It is free from 75 euros."),
        Line("Express", font="bold", gap=28),
        Line("Express delivery works in this way:"),
        Line("• it costs 11.95 euros,"),
        Line("• it is ordered before 14:00 on a working day in the warehouse."),
        Line("In December it may take longer."),
        Line("Page 1 of 3", 9, gap=300),
    ],
    [Line("Larkfell Help", 9), Line("The second page goes on.", gap=30), Line("Page 2 of 3", 9, gap=300)],
    [
        Line("Larkfell Help", 9),
        Line("退货说明", 18, "chinese", gap=30),
        Line("收到货后六十天内可以退货，商品必须未穿过、未洗过，并且吊牌齐全", font="chinese", gap=24),
        Line("，运费由我们承担。", font="chinese"),
        Line("Page 3 of 3", 9, gap=300),
    ],
]


class TestPdf:
    def test_lines_become_paragraphs_and_large_or_bold_ones_headings(self) -> None:
        content = read_pdf(pdf(HELP))

        assert shown(content) == [
            "1: Shipping",
            "paragraph: Standard delivery to the Netherlands, Belgium and Luxembourg takes two working days and costs "
            "4.95 euros for each order. It is free from 75 euros.",
            "6: Express",
            "paragraph: Express delivery works in this way:",
            "item: - it costs 11.95 euros,",
            "item: - it is ordered before 14:00 on a working day in the warehouse.",
            "paragraph: In December it may take longer.",
            "paragraph: The second page goes on.",
            "1: 退货说明",
            "paragraph: 收到货后六十天内可以退货，商品必须未穿过、未洗过，并且吊牌齐全，运费由我们承担。",
        ]
        assert [block.anchor for block in content.blocks[-3:]] == ["page=2", "page=3", "page=3"]

    @pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
    def test_a_password_against_reading_is_named(self, algorithm: str) -> None:
        with pytest.raises(KnowledgeError, match="protected by a password"):
            read_pdf(encrypted(pdf(HELP), "secret", algorithm))

    @pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
    def test_a_file_protected_against_changes_only_is_read(self, algorithm: str) -> None:
        assert shown(read_pdf(encrypted(pdf(HELP), "", algorithm)))[0] == "1: Shipping"

    def test_pictures_of_pages_are_told_from_damage(self) -> None:
        with pytest.raises(KnowledgeError, match="only pictures"):
            read_pdf(pdf([[], []]))

    def test_a_cut_file_is_refused(self) -> None:
        data = pdf(HELP)

        for part in (10, 2):
            with pytest.raises(KnowledgeError, match="damaged"):
                read_pdf(data[: len(data) // part])

    def test_a_wrong_table_of_places_is_repaired(self) -> None:
        data = pdf(HELP)

        assert read_pdf(data.replace(b"%PDF-1.4\n", b"%PDF-1.4\n%moved\n")).blocks == read_pdf(data).blocks

    def test_garbage_is_refused(self) -> None:
        with pytest.raises(KnowledgeError, match="damaged"):
            read_pdf(b"%PDF-1.4\n" + bytes(range(256)) * 20)


class TestWord:
    def make(self) -> docx.document.Document:
        return docx.Document()

    def saved(self, document: docx.document.Document) -> bytes:
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    def test_headings_lists_and_tables_in_their_order(self) -> None:
        document = self.make()
        document.add_heading("Returns", 0)
        document.add_heading("How long?", 2)
        document.add_paragraph("Within 60 days.")
        document.add_paragraph("unworn", style="List Bullet")
        table = document.add_table(2, 3)
        for cell, text in zip(table.rows[0].cells, ["Zone", "Price", "Days"], strict=True):
            cell.text = text
        merged = table.cell(1, 0).merge(table.cell(1, 1))
        merged.text = "everywhere"
        table.cell(1, 2).text = "60"
        document.add_paragraph("收到货后六十天内可以退货。")

        assert shown(read_word(self.saved(document))) == [
            "1: Returns",
            "2: How long?",
            "paragraph: Within 60 days.",
            "item: - unworn",
            "row: | Zone | Price | Days |",
            "row: | everywhere | 60 |",
            "paragraph: 收到货后六十天内可以退货。",
        ]

    def test_a_zip_bomb_is_not_unpacked(self) -> None:
        out = io.BytesIO()
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("word/document.xml", "w") as part,
        ):
            for _ in range(300):
                part.write(bytes(1024 * 1024))

        assert len(out.getvalue()) < 2 * 1024 * 1024
        with pytest.raises(KnowledgeError, match="unpacks to 300 MB"):
            read_word(out.getvalue())

    @pytest.mark.parametrize("data", [b"not a zip", b"PK\x03\x04" + bytes(100)])
    def test_what_is_no_word_file_is_refused(self, data: bytes) -> None:
        with pytest.raises(KnowledgeError, match="not a Word document"):
            read_word(data)

    def test_another_zip_and_broken_xml_are_refused(self) -> None:
        whole = self.saved(self.make())
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(out, "w") as archive:
            for entry in source.infolist():
                body = source.read(entry)
                archive.writestr(entry.filename, body[:-20] if entry.filename == "word/document.xml" else body)

        with pytest.raises(KnowledgeError, match="damaged"):
            read_word(out.getvalue())
