"""Tables as programs export them, CSV or XLSX, read into rows of cells that know whether they can be trusted."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from . import text
from .problems import Rule, refusal

MAX_BYTES = 10_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 200
_MAX_UNPACKED = 100_000_000
_EXACT_DIGITS = 15
"""Excel keeps 15 digits of a number; the rest becomes zeros."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,  # encrypted; its subclass NotImplementedError: a method of compression that nobody uses
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    OSError,
)
"""What openpyxl raises for workbooks that are not what they say."""

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK\x03\x04"
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


@dataclass(frozen=True)
class Cell:
    """What a cell says. ``damage``: why it cannot be trusted at all; ``number_damage``: why not as a number."""

    text: str = ""
    damage: Rule | None = None
    number_damage: Rule | None = None

    @property
    def blank(self) -> bool:
        return not text.clean(self.text) and not self.damage


@dataclass(frozen=True)
class Row:
    """A row that is not blank; ``number`` as a person sees it in Excel, from 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else Cell()


@dataclass(frozen=True)
class Table:
    """One way to read a file: a sheet of a workbook, or a text file under one delimiter.

    ``damage`` says why reading stopped after ``rows``.
    """

    name: str
    rows: tuple[Row, ...]
    damage: Rule | None = None


def read_file(path: Path) -> bytes:
    """The bytes of a table file. Raises InputRefused for one that is missing, too large or empty."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise refusal(path.name, "文件过大：最多 10 MB", "too large: at most 10 MB")
        data = path.read_bytes()
    except OSError as error:
        raise refusal(path.name, f"读不了 {path}：{error.strerror}", f"cannot read {path}: {error.strerror}") from error
    if not data:
        raise refusal(path.name, "文件为空", "the file is empty")
    return data


def is_workbook(path: Path, data: bytes) -> bool:
    """Whether the data is XLSX (else it is text). Raises InputRefused for .xls and whatever is neither."""
    suffix = path.suffix.casefold()
    if suffix == ".xls" or data.startswith(_OLE_MAGIC):
        raise refusal(
            path.name,
            "旧版 Excel（.xls）或加密的工作簿不能读取，请另存为 .xlsx",
            "an old Excel file (.xls) or an encrypted workbook cannot be read; save it as .xlsx (请另存为 .xlsx)",
        )
    if suffix not in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm"):
        raise refusal(
            path.name, "只能读取 CSV 或 XLSX，请另存为 .xlsx", "only CSV or XLSX can be read; save it as .xlsx"
        )
    if suffix in (".xlsx", ".xlsm") and not data.startswith(_ZIP_MAGIC):
        raise refusal(path.name, "不是有效的 XLSX 文件", "is no valid XLSX file")
    return data.startswith(_ZIP_MAGIC)


def text_tables(data: bytes, file: str) -> list[Table]:
    """The file read with comma, tab and semicolon; which is right shows when the header is looked for.

    Raises InputRefused for an unreadable encoding and too many rows.
    """
    content = text.decode(data, file)
    delimiters = (("comma", ","), ("tab", "\t"), ("semicolon", ";"))
    return [_text_table(content, name, delimiter, file) for name, delimiter in delimiters]


def _text_table(content: str, name: str, delimiter: str, file: str) -> Table:
    rows: list[Row] = []
    damage: Rule | None = None
    try:
        for row in _text_rows(content, delimiter, file):
            rows.append(row)
    except csv.Error as error:
        damage = (f"CSV 引号不成对或格式错误（{error}）", f"broken quotes or format in the CSV ({error})")
    return Table(name, tuple(rows), damage)


def _text_rows(content: str, delimiter: str, file: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    rows = ((number, [_text_cell(value) for value in values]) for number, values in enumerate(reader, start=1))
    return _filled(rows, file)


def _text_cell(value: str) -> Cell:
    """A cell of a text file, freed of the ways in which exports keep Excel from damaging numbers."""
    stripped = value.strip()
    if found := _QUOTED_FORMULA.fullmatch(stripped):
        return Cell(found[1])
    if stripped[:1] in ("'", "`") and stripped[1:].isalnum():
        return Cell(stripped[1:])
    if "\ufffd" in value:
        return Cell(
            value, damage=("含有乱码字符 U+FFFD，导出时已丢失文字", "holds U+FFFD: the export has lost characters here")
        )
    return Cell(value)


def workbook_tables(data: bytes, file: str) -> list[Table]:
    """The visible sheets of a workbook. Raises InputRefused for one that is damaged or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise refusal(file, "解压后过大（超过 100 MB）", "too large when unpacked (over 100 MB)")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that nothing here needs
            values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            return [
                Table(sheet.title, tuple(_sheet_rows(sheet, formulas[sheet.title], file)))
                for sheet in values.worksheets
                if sheet.sheet_state == "visible"
            ]
    except _DAMAGE as error:
        raise refusal(file, f"XLSX 文件损坏，无法读取（{error}）", f"the XLSX file is damaged ({error})") from error


def _sheet_rows(values: Any, formulas: Any, file: str) -> Iterator[Row]:
    for sheet in (values, formulas):
        sheet.reset_dimensions()  # some exporters declare fewer rows than there are
    pairs = zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    rows = (
        (number, [_sheet_cell(value, formula) for value, formula in zip(row, formula_row, strict=True)])
        for number, (row, formula_row) in enumerate(pairs, start=1)
    )
    return _filled(rows, file)


def _filled(rows: Iterable[tuple[int, list[Cell]]], file: str) -> Iterator[Row]:
    count = 0
    for number, cells in rows:
        if all(cell.blank for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise refusal(file, f"行数过多：最多 {MAX_ROWS} 行", f"too many rows: at most {MAX_ROWS}", row=number)
        yield Row(number, tuple(cells[:MAX_COLUMNS]))


def _sheet_cell(cell: Any, formula: Any) -> Cell:
    value = cell.value
    if value is None and formula.value is not None:
        return Cell(
            damage=(
                "公式没有保存计算结果，请用 Excel 打开并重新保存，或改为数值",
                "a formula without a saved result: open and save it in Excel, or turn it into a value",
            )
        )
    if value is None:
        return Cell()
    if cell.data_type == "e":
        return Cell(str(value), damage=(f"单元格是错误值 {value}", f"the cell is the error {value}"))
    if isinstance(value, bool | datetime | date | time | timedelta):
        return Cell(
            str(value),
            number_damage=(
                "Excel 已把它变成日期或逻辑值，请改为文本",
                "Excel has made it a date or truth value; make it text",
            ),
        )
    if isinstance(value, int | float):
        return _number_cell(value, str(cell.number_format))
    return Cell(str(value))


def _number_cell(value: int | float, number_format: str) -> Cell:
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        return Cell(str(value), number_damage=("不是整数", "is no whole number"))
    shown = str(int(value))
    if len(shown.lstrip("-")) > _EXACT_DIGITS:
        return Cell(
            shown,
            number_damage=(
                f"数字单元格超过 {_EXACT_DIGITS} 位，Excel 已损坏末尾数字；请以文本格式重新导出",
                f"a number cell of more than {_EXACT_DIGITS} digits: Excel has damaged them; export as text",
            ),
        )
    # A format such as 00000000 shows zeros in front that the number itself does not have.
    if number_format and set(number_format) == {"0"}:
        shown = shown.zfill(len(number_format))
    return Cell(shown)
