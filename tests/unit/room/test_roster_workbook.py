"""Rosters as XLSX: sheets, kinds of cells, formulas."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exam_room.errors import InputRefused
from unit.room.samples import only, read

HEADER = ["准考证号", "姓名", "机位"]


def workbook(tmp_path: Path, rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> Path:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    path = tmp_path / "roster.xlsx"
    book.save(path)
    return path


def test_reads_text_and_numbers_below_a_merged_title(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["考生名单"], [], HEADER, ["0001", "张三", 2], [], [12, "李四", "3"], [13.0, "王五", 1.0]]
    roster = read(workbook(tmp_path, rows, lambda book: book.active.merge_cells("A1:C1")))
    assert [(c.exam_number, c.name, c.seat, c.row) for c in roster.candidates] == [
        ("0001", "张三", 2, 4),
        ("12", "李四", 3, 6),
        ("13", "王五", 1, 7),
    ]


def test_a_format_of_zeros_shows_zeros_in_front(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.active["A2"].number_format = "00000000"

    assert read(workbook(tmp_path, [HEADER, [42, "甲", None]], change)).candidates[0].exam_number == "00000042"


def test_a_workbook_called_csv_is_read_as_one(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, ["1", "甲", 1]])
    assert read(path.rename(tmp_path / "roster.csv")).candidates[0].name == "甲"


def test_the_sheet_with_the_header_is_taken(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book.create_sheet("名单")
        sheet.append(HEADER)
        sheet.append(["1", "甲", 1])
        hidden = book.create_sheet("旧")
        hidden.append(HEADER)
        hidden.sheet_state = "hidden"

    assert read(workbook(tmp_path, [["说明"]], change)).candidates[0].name == "甲"


def two_sheets(book: Any) -> None:
    sheet = book.create_sheet("二")
    sheet.append(HEADER)
    sheet.append(["2", "乙", 1])


def test_of_several_sheets_one_has_to_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, ["1", "甲", 1]], two_sheets)
    with pytest.raises(InputRefused, match="several sheets"):
        read(path)
    assert read(path, sheet="二").candidates[0].name == "乙"
    with pytest.raises(InputRefused, match="no visible sheet"):
        read(path, sheet="三")


@pytest.mark.parametrize(
    ("row", "field", "english"),
    [
        ([440127061900000001, "甲", None], "准考证号", "more than 15 digits"),
        ([4.40127061900000e17, "甲", None], "准考证号", "more than 15 digits"),
        ([1.5, "甲", None], "准考证号", "no whole number"),
        ([date(2027, 6, 1), "甲", None], "准考证号", "date or truth value"),
        ([True, "甲", None], "准考证号", "date or truth value"),
        (["4.401E+17", "甲", None], "准考证号", "Excel has damaged"),
        (["440127061900001000", "甲", None], "准考证号", "only zeros"),
        (["=A9", "甲", None], "准考证号", "formula without a saved result"),
        (["1", "=B9", None], "姓名", "formula without a saved result"),
        (["1", "甲", "=1+1"], "机位", "formula without a saved result"),
        (["1", None, 1], "姓名", "is empty"),
        (["1", "#N/A", None], "姓名", "error #N/A"),
        (["1", "甲", date(2027, 1, 2)], "机位", "date or truth value"),
        (["1", "甲", 1.5], "机位", "no whole number"),
        (["1", "甲\n乙", None], "姓名", "U+000A"),
    ],
)
def test_refuses(tmp_path: Path, row: list[Any], field: str, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(workbook(tmp_path, [HEADER, row]))
    problem = only(refused.value)
    assert (problem.file, problem.row, problem.field) == ("roster.xlsx", 2, field)
    assert english in problem.en


def test_a_formula_with_its_saved_result_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, ["1", "=B9", 1]])
    # What Excel saves beside a formula, openpyxl does not write: put it there.
    changed = tmp_path / "saved.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry == "xl/worksheets/sheet1.xml":
                data = data.replace(b'r="B2"', b'r="B2" t="str"').replace(b"<v />", "<v>甲</v>".encode(), 1)
                assert "甲".encode() in data
            new.writestr(entry, data)
    assert read(changed).candidates[0].name == "甲"


def test_rows_that_the_file_does_not_declare_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, ["1", "甲", 1]])
    changed = tmp_path / "short.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry).replace(b'ref="A1:C2"', b'ref="A1"'))
    assert len(read(changed).candidates) == 1


def test_a_workbook_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 101_000_000)
    with pytest.raises(InputRefused, match="when unpacked"):
        read(path)


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def test_a_damaged_workbook_is_refused_wherever_the_damage_is(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, ["1", "甲", 1]])
    data = path.read_bytes()
    refused = 0
    for at in range(4, len(data), 37):
        path.write_bytes(flip(data, at))
        try:
            read(path)
        except InputRefused:
            refused += 1
    assert refused > 20
