"""The session file: which exam, where, when, for whom, by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from ..journal.journal import stamp
from . import exams, graded, winnames, yamlfile
from .fields import Fields
from .problems import ProblemList
from .text import key

_KEYS = (
    "site",
    "batch",
    "session",
    "date",
    "room",
    "exam",
    "level",
    "track",
    "part",
    "units",
    "planned_start",
    "timezone",
    "duration_minutes",
    "duration_seconds",
    "assessors",
    "inspector",
    "invigilators",
    "roster",
)
_OPTIONAL = (*graded.CHOICE, "units", "timezone", "duration_minutes", "duration_seconds", "invigilators")
_ROSTER_KEYS = ("file", "sheet", "seating", "lot_seed", "batch", "session", "room")
_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]+")
_MAX_ID = 40
_DAY_SECONDS = 86_400
SITE_EXAMS = "exams"
"""The folder of a site's own exams, beside the session file."""

Seating = Literal["roster", "lot"]


@dataclass(frozen=True)
class RosterSource:
    """Where the roster lies, how seats are given, and what the roster calls this batch, session and room."""

    file: Path
    sheet: str
    seating: Seating
    lot_seed: str | None
    batch: str
    session: str
    room: str


@dataclass(frozen=True)
class Staff:
    """Names only; who they have to be is R2 and R3, judged by the inspection."""

    assessors: tuple[str, ...]
    inspector: tuple[str, ...]
    invigilators: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """One sitting of one exam in one room. ``planned_start`` is aware, in the session's own time zone."""

    id: str
    site_name: str
    site_code: str
    batch: str
    date: date
    room: str
    exam: exams.Exam
    units: tuple[exams.Unit, ...]
    duration_seconds: int
    planned_start: datetime
    timezone: str
    staff: Staff
    roster: RosterSource

    def to_dict(self) -> dict[str, Any]:
        """The session as it stands in plans and journals; times are UTC, ISO 8601 with milliseconds and Z."""
        return {
            "id": self.id,
            "site": {"name": self.site_name, "code": self.site_code},
            "batch": self.batch,
            "date": self.date.isoformat(),
            "room": self.room,
            "exam": self.exam.to_dict(),
            "units": [unit.to_dict() for unit in self.units],
            "duration_seconds": self.duration_seconds,
            "duration_rule": self.exam.duration.rule,
            "planned_start": stamp(self.planned_start),
            "timezone": self.timezone,
            "staff": {
                "assessors": list(self.staff.assessors),
                "inspector": list(self.staff.inspector),
                "invigilators": list(self.staff.invigilators),
            },
        }


def load_session(path: Path, exams_dir: Path, now: datetime | None) -> Session:
    """Read and check a session file; its exam is one of ``exams_dir``, or the site's own in ``exams`` beside the file.

    ``now`` (aware) refuses a session whose planned start and duration have passed, the free rehearsal exam
    excepted; None leaves that out, for the steps after the exam. Raises InputRefused with everything wrong.
    """
    document = yamlfile.load(path, text_only=True)
    problems = ProblemList(document.file)
    fields = Fields(document, problems, document.data, _KEYS)
    fields.require(*(name for name in _KEYS if name not in _OPTIONAL))
    site = fields.mapping("site", ("name", "code"))
    if "site" in fields:
        site.require("name", "code")
    site_name, site_code = site.string("name"), site.string("code")
    batch, room = fields.string("batch"), fields.string("room")
    session_id = _session_id(fields)
    staff = Staff(fields.names("assessors"), fields.names("inspector"), fields.names("invigilators"))
    roster = _roster(fields, path, batch, session_id, room)
    day, start, zone = _date(fields), _time(fields), _zone(fields)
    exam = _exam(fields, exams_dir, path.parent / SITE_EXAMS)
    units = _units(fields, exam) if exam else ()
    if exam:
        exam = replace(exam, results=exam.results.of_units([unit.name for unit in units]))
    seconds = _duration(fields, exam) if exam else None
    planned = datetime.combine(day, start, zone) if day and start and zone else None
    if now and planned and seconds and exam and exam.duration.rule != "free":
        deadline = planned + timedelta(seconds=seconds)
        if deadline <= now:
            fields.problem(
                ("planned_start",),
                (
                    f"截止时间 {stamp(deadline)} 已过（现在 {stamp(now)}）",
                    f"the deadline {stamp(deadline)} is in the past (it is {stamp(now)})",
                ),
            )
    problems.refuse()
    # Each of these is None only where a problem was reported.
    return Session(
        session_id,
        site_name,
        site_code,
        batch,
        cast("date", day),
        room,
        cast("exams.Exam", exam),
        units,
        cast("int", seconds),
        cast("datetime", planned),
        fields.string("timezone") or "Asia/Shanghai",
        staff,
        roster,
    )


def _session_id(fields: Fields) -> str:
    """The session's id names its directory, on Linux and perhaps later on Windows."""
    value = fields.string("session")
    if not value:
        return ""
    if not _ID_PATTERN.fullmatch(value):
        fields.problem(("session",), ("场次编号只能用字母、数字和 . _ -", "consists of letters, digits and . _ -"))
    elif value.startswith("."):
        fields.problem(("session",), ("场次编号不能以点开头", "a session's id must not start with a dot"))
    elif rule := winnames.file_name(value, _MAX_ID):
        fields.problem(("session",), rule)
    return value


def _date(fields: Fields) -> date | None:
    value = fields.string("date")
    if not value:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    fields.problem(("date",), (f"{value} 不是日期，写法如 2027-06-19", f"{value} is no date, write it as 2027-06-19"))
    return None


def _time(fields: Fields) -> time | None:
    value = fields.string("planned_start").replace("：", ":")
    if not value:
        return None
    if found := re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", value):
        return time(int(found[1]), int(found[2]))
    fields.problem(("planned_start",), (f"{value} 不是时间，写法如 09:00", f"{value} is no time, write it as 09:00"))
    return None


def _zone(fields: Fields) -> tzinfo | None:
    name = fields.string("timezone") or "Asia/Shanghai"
    if name == "Asia/Shanghai":
        # Constant since 1991, so that a controller without the time zone database will do.
        return timezone(timedelta(hours=8), name)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        pass
    fields.problem(("timezone",), (f"未知的时区 {name}", f"unknown time zone {name}"))
    return None


def _exam(fields: Fields, exams_dir: Path, site_dir: Path) -> exams.Exam | None:
    code = fields.string("exam")
    if not code:
        return None
    file = exams.find(code, exams_dir, site_dir)
    if not isinstance(file, Path):
        fields.problem(("exam",), file)
        return None
    choice = graded.Choice(*(fields.string(name) for name in graded.CHOICE))
    data = exams.read(file, exams_dir)
    if graded.is_graded(data):
        found = list(graded.wrong(data, choice))
    else:
        found = [
            (name, ("该考试不分等级和部分，请删去此项", "this exam has none, leave it out")) for name in choice.given()
        ]
    for name, problem in found:
        fields.problem((name,), problem)
    return None if found else exams.exam_of(data, choice)


def _units(fields: Fields, exam: exams.Exam) -> tuple[exams.Unit, ...]:
    """The units examined, by number or name, in the exam's order; all of them when the file names none."""
    written = fields.raw("units")
    if written is None:
        return exam.units
    if not isinstance(written, list) or not written:
        fields.problem(("units",), ("须为单元列表；全部开考请删去此项", "must be a list; leave it out for all units"))
        return ()
    chosen: set[int] = set()
    for index, item in enumerate(written):
        wanted = key(item) if isinstance(item, str) else ""
        unit = next((unit for unit in exam.units if wanted in (str(unit.number), key(unit.name))), None)
        if unit is None:
            fields.problem(
                ("units", index),
                (
                    f"未知的单元 {item}；有：" + "、".join(f"{unit.number} {unit.name}" for unit in exam.units),
                    f"unknown unit {item}; {exam.name_en} has 1 to {len(exam.units)}",
                ),
            )
        elif unit.number in chosen:
            fields.problem(("units", index), (f"单元 {unit.number} 重复", f"unit {unit.number} is there twice"))
        else:
            chosen.add(unit.number)
    return tuple(unit for unit in exam.units if unit.number in chosen)


def _duration(fields: Fields, exam: exams.Exam) -> int | None:
    """R1: seconds this session takes."""
    rule = exam.duration
    if "duration_minutes" in fields and "duration_seconds" in fields:
        fields.problem(
            ("duration_seconds",), ("与 duration_minutes 只能给一个", "give this or duration_minutes, not both")
        )
    minutes = fields.number("duration_minutes", 1, 1440)
    seconds = fields.number("duration_seconds", 1, _DAY_SECONDS)
    if rule.rule == "free":
        return minutes * 60 if minutes else (seconds or rule.seconds)
    if "duration_seconds" in fields:
        fields.problem(
            ("duration_seconds",),
            ("只有时长不限的演练考试可以按秒设置", "seconds are for an exam of free duration (the rehearsal) only"),
        )
    wanted = rule.seconds // 60
    if rule.rule == "exact" and minutes and minutes != wanted:
        fields.problem(
            ("duration_minutes",),
            (
                f"{exam.name_zh}的时长规定为 {wanted} 分钟，现为 {minutes}",
                f"{exam.name_en} takes {wanted} minutes, not {minutes}",
            ),
        )
    if rule.rule == "minimum" and minutes and minutes < wanted:
        fields.problem(
            ("duration_minutes",),
            (
                f"{exam.name_zh}的时长不得少于 {wanted} 分钟，现为 {minutes}",
                f"at least {wanted} minutes are set, not {minutes}",
            ),
        )
    return minutes * 60 if minutes else rule.seconds


def _roster(fields: Fields, path: Path, batch: str, session_id: str, room: str) -> RosterSource:
    roster = fields.mapping("roster", _ROSTER_KEYS)
    if "roster" in fields:
        roster.require("file")
    seating = roster.string("seating") or "roster"
    if seating not in ("roster", "lot"):
        roster.problem(("seating",), (f"须为 roster 或 lot，现为 {seating}", f"must be roster or lot, not {seating}"))
    seed = roster.string("lot_seed") or None
    if seed and seating != "lot":
        roster.problem(("lot_seed",), ("只有抽签（seating: lot）才用", "is for seats drawn by lot (seating: lot) only"))
    return RosterSource(
        file=path.parent / roster.string("file"),
        sheet=roster.string("sheet"),
        seating="lot" if seating == "lot" else "roster",
        lot_seed=seed,
        batch=roster.string("batch") or batch,
        session=roster.string("session") or session_id,
        room=roster.string("room") or room,
    )
