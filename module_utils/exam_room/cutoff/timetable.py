"""What the wait for the deadline follows: a fixed moment, or the journal of the session, which may move it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ..errors import ExamError
from ..journal.journal import Clock, Journal, Writer, utc_now
from ..journal.sitting import COMMIT, Follower, sitting
from ..journal.steps import NOTE
from ..server.clock import iso, seconds

CUT_STEP = "cutoff"
CLOCK_STEP = "clock"
#: Whoever else writes the journal is waited for this long and no longer: the deadline does not wait.
PATIENCE_S = 0.5
#: Deadlines that differ by less are the same one; they are written with milliseconds.
SAME_S = 0.0005


class Timetable(Protocol):
    """Moments in seconds since 1970 UTC by the server's clock."""

    def deadline(self) -> float | None:
        """The deadline as it is now; None when nothing is left to wait for: cut already, or cancelled."""

    def commit(self, deadline: float, at_once: bool = False) -> bool:
        """From here on the deadline moves no more. False when it has moved already: then wait on.

        ``at_once``: somebody cuts now, whatever the deadline is.
        """

    def cut(self, at: float) -> None:
        """Every seat is off the server since ``at``; the server is still looked at."""

    def clock_stepped(self, jump_s: float, deadline: float) -> None:
        """Somebody set the server's clock by ``jump_s``; the same moment is now called ``deadline``."""


class Fixed:
    """A deadline that nothing moves."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def deadline(self) -> float | None:
        return self._deadline

    def commit(self, deadline: float, at_once: bool = False) -> bool:
        return True

    def cut(self, at: float) -> None:
        return None

    def clock_stepped(self, jump_s: float, deadline: float) -> None:
        self._deadline = deadline


class Journalled:
    """The deadline that the session's journal names, followed while it changes.

    A journal that can no longer be read must not keep the cut from happening: then the last deadline that was read
    holds, and ``complaints`` says so once for each reason.
    """

    def __init__(self, directory: Path, who: str, step: str = CUT_STEP, clock: Clock = utc_now) -> None:
        self._journal = Journal(directory, clock, PATIENCE_S)
        self._follower = Follower(directory, PATIENCE_S)
        self._who = who
        self._step = step
        self._deadline: float | None = None
        # Steps of the server's clock that could not be written into the journal.
        self._unwritten_s = 0.0
        self.complaints: list[str] = []

    def must_be_set(self) -> None:
        """ExamError when the journal cannot be read, or names no deadline yet."""
        if self._follower.sitting().deadline is None:
            raise ExamError("日志中没有截止时间：本场还没有开考", "the journal names no deadline: not started yet")

    @property
    def planned(self) -> float | None:
        """The deadline that the journal names, also once the session is over; None where it names none."""
        try:
            named = self._follower.sitting().deadline
        except ExamError:
            return self._deadline
        return None if named is None else self._seconds(named)

    def deadline(self) -> float | None:
        try:
            now = self._follower.sitting()
        except ExamError as error:
            self._complain(error)
            return self._deadline
        if now.over:
            return None
        if now.deadline is not None:
            self._deadline = self._seconds(now.deadline)
        return self._deadline

    def _seconds(self, moment: str) -> float:
        return round(seconds(moment) + self._unwritten_s, 3)

    def commit(self, deadline: float, at_once: bool = False) -> bool:
        def note(writer: Writer) -> bool:
            now = sitting(writer.entries)
            moved = now.deadline is None or abs(self._seconds(now.deadline) - deadline) > SAME_S
            if not at_once and (now.over or moved):
                return False
            if self._step != CUT_STEP:
                # A cancellation is refused once a cut is under way, never by itself.
                return True
            data = {COMMIT: True, "deadline": iso(deadline)} | ({"at_once": True} if at_once else {})
            writer.append(self._who, self._step, NOTE, data)
            return True

        # A full or broken controller: the deadline holds all the same.
        return self._note(note) is not False

    def cut(self, at: float) -> None:
        self._note(lambda writer: bool(writer.append(self._who, self._step, NOTE, {"cut_at": iso(at)})))

    def clock_stepped(self, jump_s: float, deadline: float) -> None:
        def note(writer: Writer) -> bool:
            now = sitting(writer.entries)
            started = None if now.started_at is None else iso(seconds(now.started_at) + jump_s)
            data = {"jump_s": round(jump_s, 3), "deadline": iso(deadline), "started_at": started}
            writer.append(self._who, CLOCK_STEP, NOTE, data)
            return True

        if self._note(note) is None and self._deadline is not None:
            self._unwritten_s += deadline - self._deadline
        self._deadline = deadline

    def _note(self, write: Callable[[Writer], bool]) -> bool | None:
        """What ``write`` says; None when the journal cannot be written."""
        try:
            with self._journal.writing() as writer:
                return write(writer)
        except (ExamError, OSError) as error:
            self._complain(error)
            return None

    def _complain(self, error: Exception) -> None:
        text = error.en if isinstance(error, ExamError) else str(error)
        if text not in self.complaints:
            self.complaints.append(text)
