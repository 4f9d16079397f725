"""The rehearsal's session file and roster are ones that the product itself accepts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exam_room.room.plan import build_plan
from rehearsal.session import write
from unit.room.samples import EXAMS, room_data

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("seats", [1, 3, 60])
def test_every_seat_gets_its_candidate(tmp_path: Path, seats: int) -> None:
    now = datetime(2026, 11, 23, 16, 0, tzinfo=SHANGHAI)
    path = write(tmp_path / "session", "rehearsal", "rehearsal-1", seats, 2, now)
    plan = build_plan(path, EXAMS, room_data(seats, spares=2), tmp_path / "sessions", now).to_dict()
    given = [seat["candidate"] for seat in plan["seats"] if seat["candidate"]]
    assert len(given) == plan["candidates"] == seats
    assert [seat["number"] for seat in plan["seats"] if seat["candidate"]] == list(range(1, seats + 1))
    assert plan["other_rows"] == 2, "those of another room are counted, not taken"
    assert (plan["session"]["id"], plan["session"]["duration_seconds"]) == ("rehearsal-1", 120)


def test_the_roster_looks_as_an_exam_site_exports_it(tmp_path: Path) -> None:
    path = write(tmp_path, "rehearsal", "rehearsal-1", 3, 1, datetime(2026, 11, 23, 16, 0, tzinfo=SHANGHAI))
    data = (path.parent / "roster.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert data.decode("gb18030").splitlines()[1] == "准考证号,姓名,机位,考场"


def test_just_before_midnight_the_start_is_tomorrow(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 23, 55, tzinfo=SHANGHAI)
    path = write(tmp_path, "rehearsal", "rehearsal-1", 3, 1, now)
    # A deadline in the past would be refused.
    plan = build_plan(path, EXAMS, room_data(3, spares=0), tmp_path / "sessions", now).to_dict()
    assert plan["session"]["planned_start"].startswith(("2026-11-24T00:05", "2026-11-23T16:05"))
