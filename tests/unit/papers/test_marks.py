"""The blank marks sheet, read back as Excel would."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exam_room.papers.marks import workbook
from exam_room.papers.session import Session, read
from exam_room.papers.slips import Slip, slips
from sealing import example

HEAD, FULL, FIRST = 5, 6, 7


@pytest.fixture(scope="module")
def session(original: Path) -> Session:
    return read(original)


def sheet_of(session: Session, found: list[Slip] | None = None) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(session, found or slips(session)))).active


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD)]


def test_candidates_by_units_with_weights_and_sums(session: Session) -> None:
    head, full, *lines = rows(sheet_of(session))
    assert head[:4] == ["序号", "准考证号", "姓名", "机位"]
    assert [text.split(" ")[0] for text in head[4:12]] == [str(n) for n in range(1, 9)]
    assert head[12:] == ["合计", "备注"]
    assert full[4:13] == [10, 15, 15, 5, 20, 5, 10, 20, "=SUM(E6:L6)"]
    candidates = lines[:8]
    assert [line[1] for line in candidates] == [one.number for one in slips(session)]
    assert candidates[0][0] == 1
    assert all(line[4:12] == [None] * 8 for line in candidates)
    assert candidates[7][12] == '=IF(COUNT(E14:L14)=0,"",SUM(E14:L14))'
    assert "考评员签名" in str(lines[9][0])


def test_only_the_units_of_the_module(session: Session) -> None:
    plan = {**session.plan, "units": [unit for unit in session.plan["units"] if unit["number"] in (2, 5)]}
    head, full, *_ = rows(sheet_of(replace(session, plan=plan)))
    assert head[4:] == ["2 聚优选品", "5 商品管理（二次优化）", "合计", "备注"]
    assert full[4:7] == [15, 20, "=SUM(E6:F6)"]


def test_absent_and_blank_are_noted(session: Session) -> None:
    sheet = sheet_of(session)
    notes = {row[3]: row[-1] for row in rows(sheet)[2:10]}
    assert notes[example.ABSENT] == "缺考"
    assert notes[example.EMPTY] == "空白卷"
    assert notes[22] is None


def test_marks_are_held_within_the_weight(session: Session) -> None:
    rules = sheet_of(session).data_validations.dataValidation
    assert [(rule.type, rule.formula1, rule.formula2) for rule in rules][:2] == [
        ("decimal", "0", "10"),
        ("decimal", "0", "15"),
    ]
    assert [str(rule.sqref) for rule in rules] == [f"{column}7:{column}14" for column in "EFGHIJKL"]


def test_prints_on_a4_landscape_with_its_heading_on_each_page(session: Session) -> None:
    sheet = sheet_of(session)
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == int(sheet.PAPERSIZE_A4)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$6"


def test_what_people_write_is_text_and_never_a_formula(session: Session) -> None:
    (slip, *_) = slips(session)
    evil = {**slip.seat, "candidate": {"exam_number": "00440127061900001", "name": "=HYPERLINK(1)"}}
    row = sheet_of(session, [replace(slip, seat=evil)])[FIRST]
    assert [(cell.value, cell.data_type) for cell in row[1:3]] == [("00440127061900001", "s"), ("=HYPERLINK(1)", "s")]


def test_the_same_session_gives_the_same_bytes(session: Session) -> None:
    assert workbook(session, slips(session)) == workbook(session, slips(session))


def test_the_pass_mark_is_printed_where_the_whole_exam_is_marked(session: Session) -> None:
    plan = {**session.plan, "exam": {**session.plan["exam"], "pass_mark": 60}}
    assert rows(sheet_of(replace(session, plan=plan)))[0][12] == "合计（60 分合格）"
    some = {**plan, "units": plan["units"][:3]}
    assert rows(sheet_of(replace(session, plan=some)))[0][7] == "合计"
