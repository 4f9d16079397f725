"""Waiting for the deadline: it moves by the journal and with the server's clock, and nothing else stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exam_room.cutoff import cutoff
from exam_room.cutoff.order import Time
from exam_room.cutoff.record import OVER, Record
from exam_room.cutoff.timetable import Journalled
from exam_room.cutoff.waiting import UNSEEN
from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.journal.sitting import sitting
from exam_room.server.clock import iso
from exam_room.wire.smberrors import connection_lost
from unit.cutoff.test_cutoff import EPOCH, FakeServer, order
from unit.journal.days import Day

DEADLINE = EPOCH + 120.0


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """A day that has started; its deadline is that of the fake server's order."""
    day = Day(tmp_path / "S-1")
    day.start(EPOCH, DEADLINE)
    return day


def extend(day: Day, deadline: float) -> None:
    day.begin("extend", data={"minutes": 1, "reason": "停电"})
    day.end("extend", data={"minutes": 1, "reason": "停电", "deadline": iso(deadline)})


def end(day: Day) -> None:
    day.end("cutoff")


def alter(day: Day) -> None:
    path = Journal(day.directory).path
    path.write_bytes(path.read_bytes() + b"x\n")


def wait(server: FakeServer, day: Day) -> tuple[Record, Journalled]:
    timetable = Journalled(day.directory, "root@c")
    timetable.must_be_set()
    record = cutoff.run(server, order(), Time(server.monotonic, server.sleep), timetable=timetable)
    return record, timetable


def journalled(day: Day) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.step, one.event, dict(one.data)) for one in Journal(day.directory).read().entries]


def test_an_extension_is_followed_while_waiting(day: Day) -> None:
    server = FakeServer()
    server.at(60.0, lambda: extend(day, DEADLINE + 600))
    record, _ = wait(server, day)
    assert record.complete
    assert UNSEEN not in record.retries
    assert server.calls("delete_share")[0] == pytest.approx(720.0, abs=0.1)
    assert record.deadline == DEADLINE + 600
    assert any("deadline moved" in one for one in record.retries)


def test_an_extension_seconds_before_the_deadline_is_followed_and_later_ones_are_refused(day: Day) -> None:
    server = FakeServer()
    too_late: list[ExamError] = []

    def late() -> None:
        with pytest.raises(ExamError) as refused:
            extend(day, DEADLINE + 1200)
        too_late.append(refused.value)

    server.at(115.0, lambda: extend(day, DEADLINE + 600))
    server.at(718.8, late)
    wait(server, day)
    assert server.calls("delete_share")[0] == pytest.approx(720.0, abs=0.1)
    assert "正在收卷" in too_late[0].zh


def test_a_cancelled_session_is_never_cut_by_who_waits_for_it(day: Day) -> None:
    server = FakeServer()
    server.at(60.0, lambda: day.run("cancel"))
    record, _ = wait(server, day)
    assert record.mode == OVER
    assert not record.changed
    assert server.now < 70
    for name in ("delete_share", "disable_accounts", "end_session", "close_file"):
        assert server.calls(name) == []


def test_a_session_that_was_cut_by_hand_is_not_cut_again(day: Day) -> None:
    server = FakeServer()
    server.at(60.0, lambda: end(day))
    record, _ = wait(server, day)
    assert record.mode == OVER
    assert server.calls("delete_share") == []


@pytest.mark.parametrize("jump", [90.0, -90.0], ids=["ahead", "behind"])
def test_a_step_of_the_servers_clock_takes_nobodys_time_and_arms_anew(day: Day, jump: float) -> None:
    server = FakeServer()
    server.at(40.3, lambda: setattr(server, "ahead", jump))
    record, _ = wait(server, day)
    # At the same moment as announced, at most a second later: deadlines are whole seconds.
    assert 120.0 <= server.calls("delete_share")[0] < 121.1
    assert any("clock jumped" in one for one in record.retries)
    assert server.armed == record.deadline
    assert record.deadline == pytest.approx(DEADLINE + jump, abs=1.01)
    assert record.deadline % 1 == 0
    now = sitting(Journal(day.directory).read().entries)
    assert now.deadline == iso(record.deadline)
    assert record.complete


def test_a_step_past_the_deadline_is_no_deadline(day: Day) -> None:
    server = FakeServer()
    server.at(100.0, lambda: setattr(server, "ahead", 90.0))
    wait(server, day)
    assert 120.0 <= server.calls("delete_share")[0] < 121.1


def test_two_steps_of_the_clock_add_up(day: Day) -> None:
    server = FakeServer()
    server.at(30.0, lambda: setattr(server, "ahead", 90.0))
    server.at(60.0, lambda: setattr(server, "ahead", -10.0))
    record, _ = wait(server, day)
    assert 120.0 <= server.calls("delete_share")[0] < 122.1
    assert server.armed == record.deadline


@pytest.mark.parametrize("error", [connection_lost("10.0.0.10", "reset"), ExamError("不行", "no")])
def test_arming_anew_is_tried_until_it_worked(day: Day, error: ExamError) -> None:
    server = FakeServer()
    server.fail("rearm", error, error)
    server.at(40.0, lambda: setattr(server, "ahead", 90.0))
    record, _ = wait(server, day)
    assert server.armed == record.deadline


def test_a_journal_that_was_altered_does_not_keep_the_deadline_from_coming(day: Day) -> None:
    server = FakeServer()
    server.at(60.0, lambda: alter(day))
    record, timetable = wait(server, day)
    assert record.complete
    assert server.calls("delete_share")[0] == pytest.approx(120.0, abs=0.1)
    assert timetable.complaints


def test_a_clock_step_that_cannot_be_journalled_still_moves_the_deadline(day: Day) -> None:
    server = FakeServer()

    def alter_and_step() -> None:
        alter(day)
        server.ahead = 90.0

    server.at(60.0, alter_and_step)
    record, _ = wait(server, day)
    assert 120.0 <= server.calls("delete_share")[0] < 121.1
    assert record.complete


def test_no_return_is_noted_before_the_deadline(day: Day) -> None:
    server = FakeServer()
    wait(server, day)
    notes = [data for step, event, data in journalled(day) if (step, event) == ("cutoff", "note")]
    assert notes[0] == {"commit": True, "deadline": iso(DEADLINE)}
    assert sitting(Journal(day.directory).read().entries).cut_at == notes[1]["cut_at"]


def test_without_a_deadline_in_the_journal_nothing_is_waited_for(tmp_path: Path) -> None:
    day = Day(tmp_path / "S-2")
    day.run("inspect", "open")
    with pytest.raises(ExamError, match="还没有开考"):
        Journalled(day.directory, "root@c").must_be_set()


def test_who_comes_too_late_to_look_at_open_files_says_so(day: Day) -> None:
    late = FakeServer()
    late.now = 121.0
    record, _ = wait(late, day)
    assert record.complete
    assert UNSEEN in record.retries
