"""PDFs as others read them: pypdf for text and fonts, pdftotext for where on the sheet each word lies."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from exam_room.errors import ExamError
from exam_room.papers import pdf
from exam_room.papers.papers import HANDOVER, SLIPS, Order, make
from sealing import example

MM = 72 / 25.4


@pytest.fixture(scope="module")
def papers(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("printed") / original.name
    shutil.copytree(original, directory, ignore=shutil.ignore_patterns("data"))
    for stage in (SLIPS, HANDOVER):
        made = make(Order(directory, example.TEMPLATES, stage, "督考员"))
        assert not made.warnings
    return directory / "papers"


NAMES = ("slips", "record", "handover", "labels")


def read(papers: Path, name: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(papers / f"{name}.pdf")


def plain(text: str) -> str:
    return "".join(text.split())


def fonts(reader: pypdf.PdfReader) -> Iterator[Any]:
    """The descriptor of every font on any sheet."""
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            for one in font["/DescendantFonts"]:
                yield one.get_object()["/FontDescriptor"]


@pytest.mark.parametrize("name", NAMES)
def test_every_font_is_embedded_a_chinese_one_among_them(papers: Path, name: str) -> None:
    found = list(fonts(read(papers, name)))
    assert any("CJK" in one["/FontName"] for one in found)
    assert [one["/FontName"] for one in found if not {"/FontFile2", "/FontFile3"} & set(one)] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("slips", ["考生成果确认单", "作答_上架模板.csv", "考生签名", "监考员签名", "缺考", "空白卷", "𠮷野家.docx"]),
        ("record", ["考场情况记录单", "应到/实到/缺考", "8/7/1", "停电十分钟", "督考员签名", "（林国华）"]),
        ("handover", ["光盘交接单", "移交人签名", "接收人签名", "回读的内容与映像不同"]),
        ("labels", ["正本", "副本", "第1张/共2张", "准考证号"]),
    ],
)
def test_what_is_printed_can_be_read_back(papers: Path, name: str, words: list[str]) -> None:
    read_back = plain("".join(page.extract_text() for page in read(papers, name).pages))
    assert [word for word in words if word not in read_back] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_word_lies_on_its_sheet_of_a4(papers: Path, name: str) -> None:
    command = ["pdftotext", "-bbox", str(papers / f"{name}.pdf"), "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    sheets = re.findall(r'<page width="([\d.]+)" height="([\d.]+)"', done.stdout)
    assert {(round(float(w) / MM), round(float(h) / MM)) for w, h in sheets} == {(210, 297)}
    words = re.findall(r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"', done.stdout)
    assert len(words) > 50
    # Within the margins of 13 mm at the sides; what lies lower than 297 mm is on no sheet.
    out = [word for word in words if float(word[0]) < 12 * MM or float(word[2]) > 198 * MM or float(word[3]) > 295 * MM]
    assert out == []


def test_each_candidate_has_his_own_count_of_sheets(papers: Path) -> None:
    sheets = [plain(page.extract_text()) for page in read(papers, "slips").pages]
    counts = [re.findall(r"第(\d+)页，共(\d+)页", sheet)[-1] for sheet in sheets]
    firsts = [sheet for sheet, (number, _) in zip(sheets, counts, strict=True) if number == "1"]
    assert len(firsts) == 8
    assert all("考生成果确认单" in sheet and "准考证号" in sheet for sheet in firsts)
    assert ("1", "1") in counts
    assert sum(int(total) for number, total in counts if number == "1") == len(sheets)


def test_a_long_table_repeats_its_heading_and_names_the_candidate_on_each_sheet(papers: Path) -> None:
    name = next(
        seat["candidate"]["exam_number"] for seat in example_seats(papers.parent) if seat["number"] == example.MANY
    )
    sheets = [plain(page.extract_text()) for page in read(papers, "slips").pages]
    own = [sheet for sheet in sheets if name in sheet]
    assert len(own) > 4
    assert all("SHA-256前16位" in sheet for sheet in own)
    assert "考生签名" in own[-1]


def example_seats(directory: Path) -> list[dict[str, Any]]:
    seats: list[dict[str, Any]] = json.loads((directory / "plan.json").read_text(encoding="utf-8"))["seats"]
    return seats


def test_labels_are_cards_of_120_mm_two_on_a_sheet(papers: Path) -> None:
    sheets = read(papers, "labels").pages
    assert len(sheets) == 2
    assert all(plain(sheet.extract_text()).count("考试结果") == 2 for sheet in sheets)


@pytest.mark.parametrize("source", ["http://127.0.0.1:{port}/x.png", "file:///etc/hostname"])
def test_nothing_is_fetched(source: str, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        url = source.format(port=listener.getsockname()[1])
        page = f'<link rel="stylesheet" href="{url}"><link rel="attachment" href="{url}"><img src="{url}"><p>字</p>'
        made = pdf.make([page.encode()])
        with pytest.raises(BlockingIOError):
            listener.accept()
    (tmp_path / "x.pdf").write_bytes(made)
    reader = pypdf.PdfReader(tmp_path / "x.pdf")
    assert "字" in reader.pages[0].extract_text()
    assert not reader.attachments


def test_characters_that_no_font_has_are_named() -> None:
    page = "王\U0003134a 张䶮 李𠮷 ① → é 😀️ ﷐".encode()
    # The first lies beyond every font, the last is a character of none.
    assert pdf.without_glyph(page) == ["\ufdd0", "\U0003134a"]


def test_without_a_chinese_font_no_pdf_and_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    none = subprocess.CompletedProcess[bytes]([], 0, b"", b"")
    monkeypatch.setattr(pdf, "run", lambda *_, **__: none)
    with pytest.raises(ExamError) as refused:
        pdf.make([b"<p>x</p>"])
    assert "fonts-noto-cjk" in refused.value.zh and "make setup" in refused.value.zh
    assert "\n" not in refused.value.zh + refused.value.en


@pytest.mark.parametrize("missing", ["fc-list", "weasyprint"])
def test_a_missing_program_or_library_is_one_clear_line(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if missing == "fc-list":
        monkeypatch.setenv("PATH", "/nowhere")
    else:
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ExamError) as refused:
        pdf.make([b"<p>x</p>"])
    assert missing in refused.value.en.casefold()
    assert "\n" not in refused.value.zh + refused.value.en
