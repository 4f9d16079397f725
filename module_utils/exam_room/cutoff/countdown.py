"""What people see while the deadline is waited for: the time that is left, and what happens at the cut.

Only reads the session's directory; the cutoff itself runs in a process of its own (conduct.py).
Pure but for that: clock, sleep and voice are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ..errors import ExamError
from ..journal.sitting import Follower, Sitting, remaining_s

PACE_S: Final = 1.0
#: The time is said whenever this much is left: each quarter of an hour, then more often.
SAID_S: Final = (*range(14400, 900, -900), 900, 600, 300, 240, 180, 120, 60, 50, 40, 30, 20, 10, 5, 4, 3, 2, 1)
#: Nobody waiting for so long, and nothing cut: whoever waited has died.
ALONE_S: Final = 10.0


@dataclass(frozen=True)
class Outcome:
    """Why the countdown returned: ``over`` ("cut", "cancelled" or empty), or ``notice``, in minutes; seconds left."""

    over: str
    notice: float | None
    remaining_s: float


class Countdown:
    """The countdown of one session. ``waiting`` tells the id of the process that waits, None for nobody."""

    def __init__(
        self,
        directory: Path,
        timezone: str,
        waiting: Callable[[], int | None],
        wall: Callable[[], float],
        sleep: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:
        self._follower = Follower(directory)
        self._zone = ZoneInfo(timezone)
        self._waiting = waiting
        self._wall = wall
        self._sleep = sleep
        self._say = say
        self._deadline: str | None = None
        self._cut_said = False

    def run(self, notices: Sequence[float], since_s: float | None = None) -> Outcome:
        """Count down to the next of ``notices`` (minutes before the deadline), or to the end.

        ``since_s``: what was left when the last countdown returned, so that no notice in between is lost. ExamError
        when nobody waits for the deadline any more, and when the journal cannot be read.
        """
        before = since_s
        alone_s = 0.0
        while True:
            now = self._follower.sitting()
            if now.over:
                self._say_over(now)
                return Outcome(now.over, None, 0.0)
            left = remaining_s(now, self._wall())
            if left is None:
                raise ExamError("本场还没有开考", "the session has not started")
            self._say_changes(now, left)
            if before is not None:
                self._say_time(before, left)
                due = [minutes for minutes in notices if left <= minutes * 60 < before]
                if due and left > 0:
                    return Outcome("", min(due), left)
            before = left
            alone_s = 0.0 if self._waiting() is not None else alone_s + PACE_S
            if alone_s >= ALONE_S:
                raise _nobody(now)
            self._sleep(PACE_S)

    def _say_changes(self, now: Sitting, left: float) -> None:
        if now.deadline is not None and now.deadline != self._deadline:
            moved = self._deadline is not None
            self._deadline = now.deadline
            word, english = ("截止时间改为", "deadline moved to") if moved else ("截止时间", "deadline")
            local = datetime.fromisoformat(now.deadline).astimezone(self._zone)
            self._say(f"{word} {english} {local:%H:%M:%S}，剩余 left {clock(left)}")
        if now.cut_at is not None and not self._cut_said:
            self._cut_said = True
            self._say("所有考生已断开，正在复查 / every candidate is cut off, looking again")

    def _say_time(self, before: float, left: float) -> None:
        if left > 0 and any(left <= mark < before for mark in SAID_S):
            self._say(f"剩余 left {clock(left)}")

    def _say_over(self, now: Sitting) -> None:
        zh, en = {"cut": ("已收卷", "cut off"), "cancelled": ("本场已取消", "the session was cancelled")}[now.over]
        self._say(f"{zh} / {en}")


def _nobody(now: Sitting) -> ExamError:
    again = "ansible-playbook playbooks/cutoff.yml"
    if now.committed:
        return ExamError(
            f"收卷没有全部完成，请看收卷记录，并再次执行收卷：{again}",
            f"the cutoff is not complete: see its record, and run it again: {again}",
        )
    return ExamError(
        f"等候收卷的程序不在运行，请再次执行收卷：{again}（服务器到时也会自动断连）",
        f"nobody waits for the deadline, run it again: {again} (the server cuts by itself at the deadline, too)",
    )


def clock(seconds: float) -> str:
    """Seconds as people read them off a clock, rounded up: 1:59:30."""
    whole = max(0, -int(-seconds // 1))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
