"""The countdown that people see: what it says, when it returns for a notice, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exam_room.cutoff.countdown import ALONE_S, Countdown, clock
from exam_room.errors import ExamError
from exam_room.server.clock import iso
from unit.journal.days import Day

START = 1_700_000_000.0
DEADLINE = START + 3600


class People:
    """Time that passes by sleeping, what happens meanwhile, and what was said."""

    def __init__(self, day: Day) -> None:
        self.now = START
        self.waiting: int | None = 4711
        self.said: list[str] = []
        self.events: list[tuple[float, Callable[[], object]]] = []
        self.countdown = Countdown(
            day.directory, "Asia/Shanghai", lambda: self.waiting, lambda: self.now, self._sleep, self.said.append
        )

    def at(self, moment: float, event: Callable[[], object]) -> None:
        self.events.append((moment, event))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        for event in [one for one in self.events if one[0] <= self.now]:
            self.events.remove(event)
            event[1]()


def started(tmp_path: Path, offset_ms: float = 0.0) -> Day:
    day = Day(tmp_path / "S-1")
    day.start(START, DEADLINE, clock_offset_ms=offset_ms)
    return day


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return started(tmp_path)


def test_it_returns_for_each_notice_in_turn_and_at_the_end(day: Day) -> None:
    people = People(day)
    people.at(DEADLINE + 1, lambda: day.end("cutoff"))
    found: list[tuple[float | None, str]] = []
    since = None
    while not found or not found[-1][1]:
        outcome = people.countdown.run([15, 5, 1], since)
        found.append((outcome.notice, outcome.over))
        since = outcome.remaining_s
    assert found == [(15, ""), (5, ""), (1, ""), (None, "cut")]
    assert people.said[0].startswith("截止时间 deadline")
    assert any(line == "剩余 left 0:00:10" for line in people.said)
    assert people.said[-1] == "已收卷 / cut off"


def test_a_notice_that_fell_due_while_the_last_one_was_sent_is_not_lost(day: Day) -> None:
    people = People(day)
    people.now = DEADLINE - 290
    assert people.countdown.run([15, 5, 1], since_s=890.0).notice == 5


def test_notices_of_before_it_began_are_not_sent_late(day: Day) -> None:
    people = People(day)
    people.now = DEADLINE - 200
    assert people.countdown.run([15, 5, 1]).notice == 1


def test_the_time_left_is_that_of_the_servers_clock(tmp_path: Path) -> None:
    people = People(started(tmp_path, offset_ms=90_000.0))
    assert people.countdown.run([50]).notice == 50
    assert people.now == pytest.approx(START + 600 - 90, abs=2)


def test_an_extension_is_said_and_counted_anew(day: Day) -> None:
    people = People(day)

    def extend() -> None:
        day.begin("extend", data={})
        day.end("extend", data={"deadline": iso(DEADLINE + 600), "minutes": 10, "reason": "停电"})

    people.at(DEADLINE - 120, extend)
    outcome = people.countdown.run([1])
    assert outcome.notice == 1
    assert people.now == pytest.approx(DEADLINE + 540, abs=2)
    assert any("截止时间改为" in line for line in people.said)


def test_the_cut_is_said_before_the_last_look_is_over(day: Day) -> None:
    people = People(day)
    people.at(DEADLINE, lambda: day.call("note", "cutoff", data={"cut_at": iso(DEADLINE)}))
    people.at(DEADLINE + 60, lambda: day.end("cutoff"))
    people.countdown.run([])
    assert "所有考生已断开，正在复查 / every candidate is cut off, looking again" in people.said
    assert people.now >= DEADLINE + 60


def test_a_cancelled_session_ends_it(day: Day) -> None:
    people = People(day)
    people.at(START + 60, lambda: day.run("cancel"))
    assert people.countdown.run([15]).over == "cancelled"
    assert people.said[-1].startswith("本场已取消")


def test_nobody_waiting_is_said_soon_and_not_at_the_deadline(day: Day) -> None:
    people = People(day)
    people.at(START + 100, lambda: setattr(people, "waiting", None))
    with pytest.raises(ExamError, match="不在运行"):
        people.countdown.run([])
    assert people.now < START + 100 + ALONE_S + 2


def test_a_cut_that_was_not_complete_is_told_from_one_that_never_came(day: Day) -> None:
    people = People(day)
    day.call("note", "cutoff", data={"commit": True})
    people.waiting = None
    with pytest.raises(ExamError, match="没有全部完成"):
        people.countdown.run([])


@pytest.mark.parametrize(
    ("seconds", "text"), [(7200, "2:00:00"), (59.2, "0:01:00"), (0.1, "0:00:01"), (0, "0:00:00"), (-5, "0:00:00")]
)
def test_time_reads_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
