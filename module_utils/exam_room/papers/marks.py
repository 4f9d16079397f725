"""评分表: a blank workbook, a line a candidate, a column a unit with its weight, sums by formula; A4 landscape."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from . import words
from .session import Session
from .slips import Slip

TITLE = "评分表"
_LEADING = (("序号", 6.0), ("准考证号", 21.0), ("姓名", 14.0), ("机位", 6.0))
_TRAILING = (("合计", 9.0), ("备注", 14.0))
_UNITS_WIDTH = 88.0
_HEAD, _FIRST = 5, 7
_WHOLE = 100
_LINE = Side(style="thin")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
# A long name or number grows small rather than high: every line is of one height.
_SMALLER = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
_LINE_POINTS = 19
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_GREY = PatternFill("solid", fgColor="EEEEEE")
_FONT = "宋体"
# A workbook says when it was made and saved; this one has to be the same each time.
_MOMENTS = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MOMENT = b"2000-01-01T00:00:00Z"


def workbook(session: Session, slips: Sequence[Slip]) -> bytes:
    """The workbook; the same session always gives the same bytes."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = TITLE
    units = session.plan["units"]
    first_unit = len(_LEADING) + 1
    last_unit = len(_LEADING) + len(units)
    total = last_unit + 1
    columns = total + 1
    _top(sheet, session, columns)
    width = max(9.0, _UNITS_WIDTH / len(units))
    headings = [*_LEADING, *((f"{unit['number']} {unit['name']}", width) for unit in units), *_TRAILING]
    # Of 100: where only some units are examined it says nothing.
    whole = sum(unit["weight"] for unit in units) == _WHOLE
    if whole and (pass_mark := session.plan["exam"].get("pass_mark")):
        headings[total - 1] = (f"合计（{pass_mark} 分合格）", _TRAILING[0][1])
    for column, (heading, wide) in enumerate(headings, start=1):
        _put(sheet.cell(_HEAD, column), heading, bold=True, fill=True)
        sheet.column_dimensions[get_column_letter(column)].width = wide
    for column in range(1, columns + 1):
        _put(sheet.cell(_HEAD + 1, column), "", bold=True, fill=True)
    _put(sheet.cell(_HEAD + 1, 1), "满分", bold=True, fill=True)
    for column, unit in enumerate(units, start=first_unit):
        _put(sheet.cell(_HEAD + 1, column), unit["weight"], bold=True, fill=True)
    _sum(sheet.cell(_HEAD + 1, total), f"=SUM({_span(first_unit, last_unit, _HEAD + 1)})", fill=True)
    for index, slip in enumerate(slips):
        row = _FIRST + index
        sheet.row_dimensions[row].height = _LINE_POINTS
        leading = (index + 1, slip.number, slip.name, slip.seat["number"])
        for column, value in enumerate(leading, start=1):
            _put(sheet.cell(row, column), value)
            sheet.cell(row, column).alignment = _SMALLER
        for column in range(first_unit, last_unit + 1):
            _put(sheet.cell(row, column), None)
        span = _span(first_unit, last_unit, row)
        _sum(sheet.cell(row, total), f'=IF(COUNT({span})=0,"",SUM({span}))')
        _put(sheet.cell(row, columns), slip.remark or None)
    _limits(sheet, units, first_unit, len(slips))
    _bottom(sheet, _FIRST + len(slips) + 1, columns)
    _page(sheet, columns)
    return _bytes(book)


def _top(sheet: Any, session: Session, columns: int) -> None:
    plan = session.plan
    lines = [
        (f"{plan['exam']['name']['zh']} {TITLE}", 16, _CENTRE),
        (
            f"考试站：{plan['site']['name']}（{plan['site']['code']}）　考场：{plan['room']}　批次：{plan['batch']}",
            10,
            _LEFT,
        ),
        (f"场次：{plan['id']}　日期：{plan['date']}　开考模块：{session.module}", 10, _LEFT),
    ]
    for row, (text, points, alignment) in enumerate(lines, start=1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
        cell = sheet.cell(row, 1)
        _text(cell, text)
        cell.font = Font(name=_FONT, size=points, bold=row == 1)
        cell.alignment = alignment
    sheet.row_dimensions[1].height = 26
    sheet.row_dimensions[3].height = 28
    sheet.row_dimensions[_HEAD].height = 44


def _bottom(sheet: Any, row: int, columns: int) -> None:
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    cell = sheet.cell(row, 1)
    cell.value = (
        "考评员签名：____________________　____________________　____________________　　日期：________________"
    )
    cell.font = Font(name=_FONT, size=11)
    cell.alignment = _LEFT
    sheet.row_dimensions[row].height = 30


def _limits(sheet: Any, units: Sequence[Any], first_unit: int, candidates: int) -> None:
    for column, unit in enumerate(units, start=first_unit):
        letter = get_column_letter(column)
        rule = DataValidation(
            type="decimal", operator="between", formula1="0", formula2=str(unit["weight"]), allow_blank=True
        )
        rule.errorTitle, rule.error = "分数超出范围", f"请输入 0 到 {unit['weight']} 之间的数"
        rule.showErrorMessage = True
        rule.add(f"{letter}{_FIRST}:{letter}{_FIRST + max(candidates, 1) - 1}")
        sheet.add_data_validation(rule)


def _page(sheet: Any, columns: int) -> None:
    sheet.freeze_panes = sheet.cell(_FIRST, 4)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEAD}:{_HEAD + 1}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _span(first: int, last: int, row: int) -> str:
    return f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"


def _put(cell: Cell, value: object, bold: bool = False, fill: bool = False) -> None:
    if isinstance(value, str):
        _text(cell, value)
    elif value is not None:
        cell.value = value  # type: ignore[assignment]
    _dress(cell, bold, fill)


def _text(cell: Cell, value: str) -> None:
    """Text from outside: never a formula, never a number, without identity-card numbers."""
    cell.value = words.printed(value)
    cell.data_type = "s"
    cell.number_format = "@"


def _sum(cell: Cell, formula: str, fill: bool = False) -> None:
    cell.value = formula
    _dress(cell, True, fill)


def _dress(cell: Cell, bold: bool, fill: bool) -> None:
    cell.font = Font(name=_FONT, size=10, bold=bold)
    cell.border = _GRID
    cell.alignment = _CENTRE
    if fill:
        cell.fill = _GREY


def _bytes(book: Workbook) -> bytes:
    """The workbook's bytes with no moment in them: neither in its properties nor in the archive's."""
    book.properties.creator = ""
    first = io.BytesIO()
    book.save(first)
    out = io.BytesIO()
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _MOMENTS.sub(_MOMENT, content)
            kept.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
