"""What a session learns of the sessions before it in the same room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from exam_room.journal.journal import FILE_NAME
from exam_room.journal.neighbours import touched_since
from unit.journal.days import Day


def last(day: Day, room: str = "301") -> dict[str, Any]:
    found: dict[str, Any] = day.call("read", "prepare", room=room, session_id=None).result["last_run"]
    return found


def day(tmp_path: Path, name: str) -> Day:
    return Day(tmp_path / name, name)


def test_a_prepare_that_was_killed_for_another_session_is_seen(tmp_path: Path) -> None:
    first, second = day(tmp_path, "S-1"), day(tmp_path, "S-2")
    assert last(second)["result"] == "never"
    first.begin("prepare")
    assert last(second) == {"session_id": "S-1", "result": "begun", "at": last(second)["at"], "data": {}}
    second.run("prepare")
    assert (last(first)["session_id"], last(first)["result"]) == ("S-2", "done")
    assert last(day(tmp_path, "S-3"))["result"] == "done"


def test_the_newest_counts_whatever_was_written_last(tmp_path: Path) -> None:
    first, second = day(tmp_path, "S-1"), day(tmp_path, "S-2")
    first.run("prepare")
    second.begin("prepare")
    first.run("inspect")
    assert last(first)["session_id"] == "S-2"


def test_a_file_whose_time_is_coarse_counts_as_new_as_its_lines(tmp_path: Path) -> None:
    first, second = day(tmp_path, "S-1"), day(tmp_path, "S-2")
    first.run("prepare")
    second.begin("prepare")
    journal = tmp_path / "S-2" / FILE_NAME
    coarse = float(int((tmp_path / "S-1" / FILE_NAME).stat().st_mtime))
    os.utime(journal, (coarse, coarse))
    assert last(first)["session_id"] == "S-2"
    assert touched_since(tmp_path / "S-1", "301", last(second)["at"]) == ("S-2", "prepare")


def test_a_prepare_counts_after_the_reset_of_its_session_too(tmp_path: Path) -> None:
    killed, whole = day(tmp_path, "S-1"), day(tmp_path, "S-2")
    killed.begin("prepare")
    whole.run("prepare", "inspect", "open", "start", "cutoff", "burn", "reset")
    assert (last(whole)["session_id"], last(whole)["result"]) == ("S-2", "done")


def test_another_room_and_a_damaged_journal_say_nothing(tmp_path: Path) -> None:
    first, damaged = day(tmp_path, "S-1"), day(tmp_path, "S-0")
    first.call("begin", "prepare", room="302")
    damaged.begin("prepare")
    (tmp_path / "S-0" / FILE_NAME).write_bytes(b"{}\n")
    assert last(day(tmp_path, "S-2"))["result"] == "never"
