"""Open wants a fresh inspection: not too old, of this plan, and nobody has touched the room since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.server.clock import iso
from unit.journal.days import DATA, Day

PASSED: dict[str, Any] = dict(DATA["inspect"])
PLAN = "a" * 64


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path / "S-1")


def inspected(day: Day, **data: Any) -> Day:
    day.run("prepare")
    day.begin("inspect")
    day.end("inspect", data=PASSED | data)
    return day


def test_a_fresh_one_of_this_plan_opens(day: Day) -> None:
    inspected(day, plan=PLAN).begin("open", data={"plan": PLAN})


@pytest.mark.parametrize("until", [iso(0), None])
def test_one_that_is_over_or_does_not_say_how_long_it_holds_does_not_open(day: Day, until: str | None) -> None:
    inspected(day, valid_until=until)
    with pytest.raises(ExamError, match="First run inspect"):
        day.begin("open")


@pytest.mark.parametrize(("was", "now"), [(PLAN, "b" * 64), ("", PLAN), (PLAN, "")])
def test_another_roster_session_or_room_has_to_be_inspected_again(day: Day, was: str, now: str) -> None:
    inspected(day, plan=was)
    with pytest.raises(ExamError, match="were changed since the inspection"):
        day.begin("open", data={"plan": now})


def test_another_session_that_touched_the_room_asks_for_another_inspection(tmp_path: Path, day: Day) -> None:
    other = Day(tmp_path / "S-2", "S-2")
    inspected(other)
    inspected(day)
    other.begin("prepare", override="先用这个考场 it comes first")
    with pytest.raises(ExamError, match="session S-2 did prepare in this room"):
        day.begin("open")
    day.begin("inspect")
    day.end("inspect", data=PASSED)
    day.begin("open")


def test_what_is_done_elsewhere_or_looked_at_does_not_matter(tmp_path: Path, day: Day) -> None:
    other, room = Day(tmp_path / "S-2", "S-2"), Day(tmp_path / "S-3", "S-3")
    inspected(day)
    for step in ("inspect", "burn"):
        other.begin(step, override="多刻一份 one more copy" if step == "burn" else None)
    room.begin("prepare", room="302")
    day.begin("open")


def test_a_neighbour_that_cannot_be_read_may_have_touched_the_room(tmp_path: Path, day: Day) -> None:
    inspected(day)
    (tmp_path / "S-2").mkdir()
    (tmp_path / "S-2/journal.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(ExamError, match="session S-2"):
        day.begin("open")


def test_its_own_opening_is_no_hindrance_to_open_again(day: Day) -> None:
    inspected(day)
    day.run("open")
    day.begin("open")
