"""The session file and the roster of one rehearsal."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import yaml

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁"
_GIVEN = ("子涵", "欣怡", "浩然", "宇轩", "诗琪", "梓萱", "俊杰", "雨桐", "思远", "佳怡", "文博", "静怡")
_STRANGERS = 2


def write(
    folder: Path, room: str, session_id: str, seats: int, minutes: float, now: datetime, units: Sequence[int] = ()
) -> Path:
    """Write session.yml and roster.csv into ``folder``; returns the path of the session file. No ``units`` are all.

    Rooms that stand side by side need names of their own: what a session does to a room counts for the others in it.
    The roster looks as an exam site exports it: GB18030, a title above the header, rows of another session in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    called = f"模拟考场 {room}"
    start = now + timedelta(minutes=10)
    session = {
        "site": {"name": "模拟考试站", "code": "990001"},
        "batch": "模拟批次",
        "session": session_id,
        "date": start.date().isoformat(),
        "room": called,
        "exam": "rehearsal",
        "planned_start": start.strftime("%H:%M"),
        "duration_seconds": round(minutes * 60),
        "assessors": ["考评甲", "考评乙"],
        "inspector": "督考乙",
        "invigilators": ["监考丙"],
        "roster": {"file": "roster.csv", "seating": "roster"},
    }
    if units:
        session["units"] = list(units)
    path = folder / "session.yml"
    path.write_text(yaml.safe_dump(session, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with (folder / "roster.csv").open("w", encoding="gb18030", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["模拟考试考生名册"])
        writer.writerow(["准考证号", "姓名", "机位", "考场"])
        for seat in range(1, seats + 1):
            name = _SURNAMES[seat % len(_SURNAMES)] + _GIVEN[seat % len(_GIVEN)]
            writer.writerow([f"9900010126{seat:04}", name, seat, called])
        for stranger in range(1, _STRANGERS + 1):
            writer.writerow([f"9900010199{stranger:04}", "外考场", stranger, "另一考场"])
    return path
