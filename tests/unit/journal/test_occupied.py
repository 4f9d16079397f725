"""A room with candidates in it is taken by nobody else, nor tried by an inspection."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.journal.gates import PROVE
from exam_room.journal.journal import FILE_NAME
from unit.journal.days import Day


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path / "S-1")


@pytest.fixture
def sitting(tmp_path: Path) -> Day:
    """Another session in the same room, whose candidates have been let in."""
    other = Day(tmp_path / "S-2", "S-2")
    other.run("prepare", "inspect", "open")
    return other


@pytest.mark.parametrize("step", ["prepare", "inspect", "open", PROVE])
@pytest.mark.parametrize("later", [[], ["start"]])
def test_another_session_waits_until_it_is_cut_off(day: Day, sitting: Day, step: str, later: list[str]) -> None:
    sitting.run(*later)
    before = day.call("read", "prepare").result["entries"]
    with pytest.raises(ExamError, match="candidates of session S-2 are in this room"):
        day.begin(step)
    assert day.call("read", "prepare").result["entries"] == before


def test_after_its_cut_the_room_is_free(day: Day, sitting: Day) -> None:
    sitting.run("start", "cutoff")
    day.run("prepare", "inspect", "open")


def test_an_opening_that_was_killed_has_let_candidates_in(tmp_path: Path, day: Day) -> None:
    other = Day(tmp_path / "S-2", "S-2")
    other.run("prepare", "inspect")
    other.begin("open")
    with pytest.raises(ExamError, match="candidates of session S-2"):
        day.begin("prepare")


def test_one_that_nobody_ended_is_over_after_a_day(day: Day, sitting: Day) -> None:
    journal = sitting.directory / FILE_NAME
    before = journal.stat().st_mtime - 86401
    os.utime(journal, (before, before))
    day.begin("prepare")


def test_another_room_is_no_matter(day: Day, sitting: Day) -> None:
    day.call("begin", "prepare", room="302")


def test_a_written_reason_passes(day: Day, sitting: Day) -> None:
    assert day.begin("prepare", override="那一场的主控机坏了 its controller broke").result["overridden"]


@pytest.mark.parametrize("done", [["open"], ["open", "start"], ["open", "start", "cutoff"]])
def test_nothing_is_inspected_once_the_candidates_are_in(day: Day, done: list[str]) -> None:
    day.run("prepare", "inspect", *done)
    with pytest.raises(ExamError, match="Cannot inspect"):
        day.begin("inspect")


def test_a_room_that_was_prepared_again_before_the_start_is_inspected_again(day: Day) -> None:
    day.run("prepare", "inspect", "open", "prepare", "inspect", "open", "start")


def test_an_opening_that_failed_is_inspected_again(day: Day) -> None:
    day.run("prepare", "inspect")
    day.begin("open")
    day.end("open", hosts={"server": "failed"})
    day.run("inspect", "open")
