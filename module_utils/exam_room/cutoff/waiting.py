"""Waiting for the deadline by the server's clock: connections kept alive, the clock measured, the journal followed.

The deadline may move while it is waited for: by an extension (the journal), or because somebody sets the server's
clock. A clock that was set changes what the deadline is called, not when it is: candidates get the time that was
announced, so the deadline moves with the clock, is noted, and what is armed on the server is armed anew.

Pure: the wire, the clock and sleep are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from ..errors import ExamError
from ..server.clock import iso
from ..wire.smberrors import ConnectionLost, Unreachable
from .order import RECONNECT_PAUSE_S, Time, Wire
from .record import Record
from .timetable import Timetable

#: How often the journal is asked and the server's clock glanced at.
PACE_S: Final = 1.0
#: How often the server's clock is measured anew.
MEASURE_S: Final = 30.0
#: Before the deadline: the last measurement, then no return, then the last look at sessions and files.
LAST_CLOCK_S: Final = 8.0
COMMIT_S: Final = 2.0
LAST_LOOK_S: Final = 1.8
CLOCK_JUMP_S: Final = 1.0
#: The last measurement is repeated while the server's time is known less exactly than this.
GOOD_CLOCK_S: Final = 0.004
LAST_MEASUREMENTS: Final = 3
#: What one measurement may take where the server is slow.
MEASURING_S: Final = 3.0
UNSEEN: Final = (
    "截止前来不及查看打开的文件，以下为断连开始后所见 / "
    "too late to look at open files before the deadline: they are as seen once the cut had begun"
)


class Waiting:
    """The time from connecting to the deadline. ``ready`` opens the accounts, ``look`` notes sessions and files."""

    def __init__(
        self,
        wire: Wire,
        time: Time,
        timetable: Timetable,
        record: Record,
        ready: Callable[[], None],
        look: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._time = time
        self._timetable = timetable
        self._record = record
        self._ready = ready
        self._look = look
        self._measured_at = time.monotonic()
        self._rearm_due = False

    def remaining(self) -> float:
        """What is left now (Record.remaining)."""
        return self._record.remaining(self._time.monotonic())

    def wait(self) -> bool:
        """Return at the deadline: True to cut; False when there is nothing to cut any more."""
        exact = False
        while True:
            deadline = self._timetable.deadline()
            if deadline is None:
                return False
            self._take(deadline)
            remaining = self.remaining()
            if remaining <= COMMIT_S:
                if self._timetable.commit(self._record.deadline):
                    break
                continue
            if remaining > LAST_CLOCK_S:
                exact = False
                self._time.sleep(min(PACE_S, remaining - LAST_CLOCK_S))
                self._alive(self._keep_up)
            elif not exact:
                exact = True
                # Flags may have changed since: accounts were enabled when the room was opened.
                self._alive(self._measure_exactly)
            else:
                self._time.sleep(min(PACE_S, remaining - COMMIT_S))
        self._last_moments()
        return True

    def look_once(self) -> None:
        """The look at sessions and files before a cut that does not wait."""
        self._alive(self._look)

    def _last_moments(self) -> None:
        if (remaining := self.remaining()) > LAST_LOOK_S:
            self._time.sleep(remaining - LAST_LOOK_S)
        if self.remaining() > 0:
            self._alive(self._look)
        else:
            self._record.retry(UNSEEN)
        if (remaining := self.remaining()) > 0:
            self._time.sleep(remaining)

    def _take(self, deadline: float) -> None:
        if deadline != self._record.deadline:
            before, after = iso(self._record.deadline), iso(deadline)
            self._record.retry(f"截止时间改动 / deadline moved: {before} → {after}")
            self._record.deadline = deadline

    def _keep_up(self) -> None:
        if self._rearm_due:
            self._rearm()
        now = self._time.monotonic()
        if now - self._measured_at >= MEASURE_S or self._stepped():
            self._measure()

    def _stepped(self) -> bool:
        """Whether one quick question shows that the server's clock was set: it contradicts what was measured."""
        return self._record.clock.contradicted_by(self._wire.clock_sample(), CLOCK_JUMP_S)

    def _measure_exactly(self) -> None:
        for _ in range(LAST_MEASUREMENTS):
            self._measure()
            if self._record.clock.uncertainty_s <= GOOD_CLOCK_S or self.remaining() <= COMMIT_S + MEASURING_S:
                break
        self._ready()

    def _measure(self) -> None:
        """Measure again; a jump against our own monotonic clock means that somebody set the server's clock."""
        measured = self._wire.clock()
        now = self._time.monotonic()
        clock = measured.refined_by(self._record.clock, now - self._measured_at)
        jump = clock.middle - self._record.clock.middle
        self._measured_at = now
        self._record.clock = clock
        self._record.clock_evidence = clock.as_dict(now)
        if abs(jump) > CLOCK_JUMP_S:
            self._record.retry(f"服务器时钟跳变 / server's clock jumped by {jump:+.3f} s")
            # A whole second, as every deadline: the fraction is the candidates'.
            self._record.deadline = float(math.ceil(round(self._record.deadline + jump, 3)))
            self._timetable.clock_stepped(jump, self._record.deadline)
            self._rearm()

    def _rearm(self) -> None:
        """Switch and expiry on the server, for the deadline as it is called now; tried again until it worked."""
        self._rearm_due = True
        try:
            self._wire.rearm(self._record.deadline)
        except (ConnectionLost, Unreachable):
            raise
        except ExamError as error:
            self._record.retry(f"重新设置自动断连 / rearm: {error.en}")
            return
        self._rearm_due = False

    def _alive(self, work: Callable[[], None]) -> None:
        """Do something that may fail while waiting: a lost connection is made anew, once a turn."""
        try:
            work()
        except (ConnectionLost, Unreachable) as error:
            self._record.retry(error.en)
            try:
                self._wire.reconnect(0)
                self._wire.reconnect(1)
                self._ready()
            except (ConnectionLost, Unreachable) as again:
                self._record.retry(again.en)
                self._time.sleep(min(RECONNECT_PAUSE_S, max(self.remaining(), 0.0)))
