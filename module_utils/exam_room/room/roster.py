"""The roster as an exam site exports it: who sits this session, and where.

Everything in it is hostile text: kept as data, never templated. Columns that are not named here (the identity card
number 身份证号 above all) are not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputRefused, Problem
from . import identity, tables, text, winnames
from .problems import ProblemList, refusal
from .room import Room
from .session import RosterSource

NUMBER, NAME, SEAT, ROOM, SESSION, BATCH = "准考证号", "姓名", "机位", "考场", "场次", "批次"
COLUMNS: dict[str, tuple[str, ...]] = {
    NUMBER: ("准考证号", "准考证", "准考证号码", "准考证编号", "考号", "考生号", "考生编号"),
    NAME: ("姓名", "考生姓名", "名字"),
    SEAT: ("机位", "机位号", "座位号", "座位", "座号", "机号", "座次"),
    ROOM: ("考场", "考场号", "考场名称", "考场编号", "机房"),
    SESSION: ("场次", "场次号", "场次编号", "考试场次"),
    BATCH: ("批次", "批次号", "考试批次", "批次名称"),
}
"""Each column's own name first, then what exports call it; the own name wins where a file has both."""
_OF_SESSION = (ROOM, SESSION, BATCH)

MAX_NUMBER = 40
MAX_NAME = 60
_HEADER_ROWS = 50
_EXACT_DIGITS = 15
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?e\+\d+|\d+\.\d+e\d+", re.IGNORECASE)
_SEAT_NUMBER = re.compile(r"第?(\d{1,4})(号|号机|号机位|机|机位|座|号座)?")
_IDENTITY = (
    "这是身份证号，不得打印和刻盘；请改用准考证号",
    "this is an identity-card number, which is neither printed nor burned; use the exam number",
)
_HEADER_NOISE = re.compile(r"[*：:]|\(.*?\)|\[.*?\]|【.*?】")


@dataclass(frozen=True)
class Candidate:
    """One candidate of this session; ``seat`` is None where the roster gives none; ``row`` of the file."""

    exam_number: str
    name: str
    seat: int | None
    row: int

    def to_dict(self) -> dict[str, str]:
        return {"exam_number": self.exam_number, "name": self.name}


@dataclass(frozen=True)
class Roster:
    """This session's candidates in roster order, and how many rows belong to others."""

    candidates: tuple[Candidate, ...]
    other_rows: int
    sha256: str

    @property
    def seats_given(self) -> bool:
        return any(candidate.seat is not None for candidate in self.candidates)


@dataclass(frozen=True)
class _Header:
    table: tables.Table
    row: int
    columns: dict[str, int]
    written: dict[str, str]


def read_roster(source: RosterSource, room: Room) -> Roster:
    """Read the roster and take this session's rows. Raises InputRefused with every problem found."""
    path = source.file
    data = tables.read_file(path)
    header = _opened(path, data, source.sheet)
    problems = ProblemList(path.name)
    rows = _rows(header)
    own = [row for row in rows if _is_ours(row, header, source, problems)]
    candidates = [_candidate(row, header, room, problems) for row in own]
    _check_damage(candidates, header, problems)
    _check_duplicates(candidates, header, problems)
    _check_seats(candidates, header, room, problems)
    if not own and not problems.problems:
        problems.add(_nobody(rows, header, source), row=header.row)
    problems.refuse()
    return Roster(tuple(candidates), len(rows) - len(own), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Group:
    """Rows that say the same in those of the columns 考场, 场次 and 批次 that the roster has; seats are left out."""

    columns: Mapping[str, str]
    candidates: tuple[Candidate, ...]

    def is_of(self, source: RosterSource) -> bool:
        """Whether these are the rows of the source's room, session and batch."""
        wanted = {ROOM: source.room, SESSION: source.session, BATCH: source.batch}
        return all(text.key(value) == text.key(wanted[column]) for column, value in self.columns.items())


def read_groups(path: Path, sheet: str = "") -> list[Group]:
    """Everybody in a roster, for whoever does not know the room. Raises InputRefused with every problem found."""
    header, problems = _opened(path, tables.read_file(path), sheet), ProblemList(path.name)
    groups: dict[tuple[str, ...], Group] = {}
    for row in _rows(header):
        columns = {one: text.clean(row.cell(at).text) for one, at in header.columns.items() if one in _OF_SESSION}
        candidate = Candidate(_exam_number(row, header, problems), _name(row, header, problems), None, row.number)
        key = tuple(text.key(value) for value in columns.values())
        known = groups.get(key, Group(columns, ()))
        groups[key] = Group(known.columns, (*known.candidates, candidate))
    problems.refuse()
    return list(groups.values())


def _opened(path: Path, data: bytes, sheet: str) -> _Header:
    workbook = tables.is_workbook(path, data)
    found = tables.workbook_tables(data, path.name) if workbook else tables.text_tables(data, path.name)
    return _choose(found, path.name, sheet, workbook)


def _rows(header: _Header) -> list[tables.Row]:
    return [row for row in header.table.rows if row.number > header.row]


def _choose(found: list[tables.Table], file: str, wanted: str, workbook: bool) -> _Header:
    """The table that has the header: of a workbook the only such sheet, of a text the delimiter that shows most."""
    if wanted:
        if not workbook:
            raise refusal(file, "CSV 没有工作表，请删去 roster.sheet", "a CSV has no sheets; remove roster.sheet")
        found = [table for table in found if text.key(table.name) == text.key(wanted)]
        if not found:
            raise refusal(file, f"没有名为 {wanted} 的可见工作表", f"there is no visible sheet called {wanted}")
    problems = ProblemList(file)
    headers = [header for table in found if (header := _header(table, problems))]
    complete = [header for header in headers if NUMBER in header.columns and NAME in header.columns]
    problems.refuse()
    if workbook and len(complete) > 1:
        names = "、".join(header.table.name for header in complete)
        raise refusal(
            file,
            f"多个工作表都有考生名单（{names}）；请在场次文件 roster.sheet 中指明",
            f"several sheets hold candidates ({names}); name one as roster.sheet in the session file",
        )
    if complete:
        best = max(complete, key=lambda header: len(header.columns))
        if best.table.damage:
            after = best.table.rows[-1].number
            raise refusal(file, *best.table.damage, row=after + 1)
        return best
    raise _no_header(found, headers, file)


def _no_header(found: list[tables.Table], headers: list[_Header], file: str) -> InputRefused:
    """What is missing, by the row that comes nearest to a header."""
    if not any(table.rows for table in found):
        return refusal(file, "名单为空", "the roster is empty")
    best = max(headers, key=lambda header: len(header.columns), default=None)
    return InputRefused(
        Problem(
            file,
            best.row if best else None,
            column,
            f"缺少“{column}”列（可用列名：{'、'.join(COLUMNS[column])}）",
            f"the column {column} is missing (also known as {', '.join(COLUMNS[column][1:])})",
        )
        for column in (NUMBER, NAME)
        if best is None or column not in best.columns
    )


def _header(table: tables.Table, problems: ProblemList) -> _Header | None:
    """The row among the first that names most of our columns; titles above it name none."""
    best: _Header | None = None
    clashes: list[str] = []
    for row in table.rows[:_HEADER_ROWS]:
        names = [_HEADER_NOISE.sub("", text.key(cell.text)) for cell in row.cells]
        columns: dict[str, int] = {}
        twice: list[str] = []
        for column, known in COLUMNS.items():
            at = next((places for places in ([i for i, n in enumerate(names) if n == k] for k in known) if places), [])
            if at:
                columns[column] = at[0]
            if len(at) > 1:
                twice.append(column)
        if columns and (best is None or len(columns) > len(best.columns)):
            written = {column: text.clean(row.cell(index).text) for column, index in columns.items()}
            best, clashes = _Header(table, row.number, columns, written), twice
    if best and NUMBER in best.columns and NAME in best.columns:
        for column in clashes:
            problems.add(
                (f"“{column}”列出现多次", f"the column {column} is there more than once"), row=best.row, field=column
            )
    return best


def _is_ours(row: tables.Row, header: _Header, source: RosterSource, problems: ProblemList) -> bool:
    """Whether the row belongs to this session: room, session and batch equal where the roster has such columns."""
    ours = True
    for column, wanted in ((ROOM, source.room), (SESSION, source.session), (BATCH, source.batch)):
        if column not in header.columns:
            continue
        cell = row.cell(header.columns[column])
        if cell.damage or cell.blank:
            rule = cell.damage or ("为空，无法判断属于哪一场", "is empty, so the row's session is unknown")
            problems.add(rule, row=row.number, field=header.written[column])
        elif text.key(cell.text) != text.key(wanted):
            ours = False
    return ours


def _nobody(rows: list[tables.Row], header: _Header, source: RosterSource) -> tuple[str, str]:
    if not rows:
        return "名单为空：表头下没有考生", "the roster is empty: no candidate below the header"
    zh, en = [], []
    for column, wanted, setting in (
        (ROOM, source.room, "room"),
        (SESSION, source.session, "session"),
        (BATCH, source.batch, "batch"),
    ):
        if column not in header.columns:
            continue
        written = header.written[column]
        there = "、".join(sorted({text.clean(row.cell(header.columns[column]).text) for row in rows})[:5])
        zh.append(f"{written}＝{wanted}（名单中有 {there}；可设 roster.{setting}）")
        en.append(f"{written} = {wanted} (the roster has {there}; roster.{setting} may say otherwise)")
    return f"没有本场次的考生：{'，'.join(zh)}", f"no row is of this session: {', '.join(en)}"


def _candidate(row: tables.Row, header: _Header, room: Room, problems: ProblemList) -> Candidate:
    number = _exam_number(row, header, problems)
    name = _name(row, header, problems)
    seat = _seat(row, header, room, problems) if SEAT in header.columns else None
    return Candidate(number, name, seat, row.number)


def _report(problems: ProblemList, row: tables.Row, header: _Header, column: str, zh: str, en: str) -> None:
    problems.add((zh, en), row=row.number, field=header.written[column])


def _exam_number(row: tables.Row, header: _Header, problems: ProblemList) -> str:
    """The exam number, empty after a problem."""
    cell = row.cell(header.columns[NUMBER])
    value = text.clean_code(cell.text)
    if rule := cell.damage or cell.number_damage:
        _report(problems, row, header, NUMBER, *rule)
    elif not value:
        _report(problems, row, header, NUMBER, "准考证号为空", "the exam number is empty")
    elif control := text.control_character(cell.text):
        _report(problems, row, header, NUMBER, f"含有控制字符 {control}", f"holds the control character {control}")
    elif _SCIENTIFIC.fullmatch(value):
        _report(
            problems,
            row,
            header,
            NUMBER,
            f"{value} 已被 Excel 变成科学计数法，末尾数字已丢失；请以文本格式重新导出",
            f"Excel has damaged it into {value}; export it again as text",
        )
    elif identity.find(value):
        _report(problems, row, header, NUMBER, *_IDENTITY)
    elif rule := winnames.file_name(value, MAX_NUMBER):
        _report(problems, row, header, NUMBER, f"{value}：{rule[0]}", f"{value}: {rule[1]}")
    else:
        return value
    return ""


def _name(row: tables.Row, header: _Header, problems: ProblemList) -> str:
    cell = row.cell(header.columns[NAME])
    value = text.clean(cell.text)
    if cell.damage:
        _report(problems, row, header, NAME, *cell.damage)
    elif not value:
        _report(problems, row, header, NAME, "姓名为空", "the name is empty")
    elif control := text.control_character(cell.text):
        _report(problems, row, header, NAME, f"含有控制字符 {control}", f"holds the control character {control}")
    elif identity.find(value):
        _report(problems, row, header, NAME, *_IDENTITY)
    elif len(value) > MAX_NAME:
        _report(
            problems, row, header, NAME, f"过长：最多 {MAX_NAME} 个字符", f"too long: at most {MAX_NAME} characters"
        )
    return value


def _seat(row: tables.Row, header: _Header, room: Room, problems: ProblemList) -> int | None:
    """The seat's number, from a number (12, 第12号机) or an account of this room (KS12)."""
    cell = row.cell(header.columns[SEAT])
    value = text.key(cell.text)
    if rule := cell.damage or cell.number_damage:
        _report(problems, row, header, SEAT, *rule)
        return None
    if not value:
        return None
    by_account = {seat.account.casefold(): seat for seat in room.seats}
    by_number = {seat.number: seat for seat in room.seats}
    found = _SEAT_NUMBER.fullmatch(value)
    seat = by_number.get(int(found[1])) if found else by_account.get(value)
    if seat is None and found:
        last = len(room.places)
        _report(
            problems,
            row,
            header,
            SEAT,
            f"机位 {found[1]} 不在本考场（1–{last}）",
            f"seat {found[1]} is not in this room (1 to {last})",
        )
    elif seat is None:
        _report(
            problems,
            row,
            header,
            SEAT,
            f"{value} 既不是机位号，也不是本考场的用户名",
            f"{value} is neither a seat nor an account here",
        )
    elif seat.spare:
        _report(problems, row, header, SEAT, f"机位 {seat.number} 是备用机", f"seat {seat.number} is a spare")
    else:
        return seat.number
    return None


def _check_damage(candidates: list[Candidate], header: _Header, problems: ProblemList) -> None:
    """Long numbers that all end in zeros after the 15th digit: Excel once held them as numbers.

    One such number alone may be by chance, unless three digits or more are zeros.
    """
    long = [c for c in candidates if c.exam_number.isdigit() and len(c.exam_number) > _EXACT_DIGITS]
    tails = [candidate.exam_number[_EXACT_DIGITS:] for candidate in long]
    if not tails or any(tail.strip("0") for tail in tails) or (len(tails) == 1 and len(tails[0]) < 3):
        return
    for candidate in long:
        problems.add(
            (
                f"{candidate.exam_number} 第 {_EXACT_DIGITS} 位之后全是 0，Excel 已损坏末尾数字；请以文本格式重新导出",
                f"{candidate.exam_number} has only zeros after digit {_EXACT_DIGITS}: Excel has damaged it",
            ),
            row=candidate.row,
            field=header.written[NUMBER],
        )


def _check_duplicates(candidates: list[Candidate], header: _Header, problems: ProblemList) -> None:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        if not candidate.exam_number:
            continue
        earlier = first.setdefault(text.key(candidate.exam_number), candidate)
        if earlier is not candidate:
            problems.add(
                (
                    f"准考证号 {candidate.exam_number} 与第{earlier.row}行重复（不计空格、大小写、全半角）",
                    f"the exam number {candidate.exam_number} is that of row {earlier.row} (spaces, case, width aside)",
                ),
                row=candidate.row,
                field=header.written[NUMBER],
            )


def _check_seats(candidates: list[Candidate], header: _Header, room: Room, problems: ProblemList) -> None:
    places = len(room.places)
    if len(candidates) > places:
        problems.add(
            (
                f"考生 {len(candidates)} 名，多于机位 {places} 个",
                f"{len(candidates)} candidates are more than the {places} seats",
            ),
            row=candidates[places].row,
        )
    if SEAT not in header.columns:
        return
    first: dict[int, Candidate] = {}
    reported = {problem.row for problem in problems.problems if problem.field == header.written[SEAT]}
    given = reported or any(candidate.seat is not None for candidate in candidates)
    for candidate in candidates:
        if candidate.seat is None:
            if given and candidate.row not in reported:
                problems.add(
                    (
                        "有的考生有机位，此行没有；须全部给出或全部留空",
                        "other rows have a seat, this one has none: all or none",
                    ),
                    row=candidate.row,
                    field=header.written[SEAT],
                )
            continue
        earlier = first.setdefault(candidate.seat, candidate)
        if earlier is not candidate:
            problems.add(
                (
                    f"机位 {candidate.seat} 与第{earlier.row}行重复",
                    f"seat {candidate.seat} is that of row {earlier.row}",
                ),
                row=candidate.row,
                field=header.written[SEAT],
            )
