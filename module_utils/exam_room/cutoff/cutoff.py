"""The cutoff (V6): at the deadline, by the server's clock, every seat is off the server, and stays off.

waiting.py waits for the deadline, which may move meanwhile; cutting.py cuts, proves it and looks again. Only accounts
of seats are touched: never an administrator's session, never our own.

Pure: the wire, the clock and sleep are given (connections.py has the real ones).
"""

from __future__ import annotations

from .cutting import Cutting
from .order import Order, Time, Wire
from .record import OVER, Record
from .timetable import Fixed, Timetable
from .waiting import Waiting


class Cutoff(Cutting):
    """One cutoff from connecting to the last look."""

    def __init__(self, wire: Wire, order: Order, time: Time, timetable: Timetable | None = None) -> None:
        super().__init__(wire, order, time)
        self._timetable = timetable or Fixed(self._record.deadline)
        self._waiting = Waiting(wire, time, self._timetable, self._record, self._ready, self._look)

    @property
    def record(self) -> Record:
        """What has happened so far; also after an error."""
        return self._record

    def rehearse(self) -> Record:
        """Check mode: connect, measure, look at sessions and files; touch nothing, wait for nothing."""
        self._ready()
        self._look()
        self._record.mode = "check"
        return self._record

    def run(self) -> Record:
        """Wait for the deadline, cut, prove, look again. Nothing is cut that meanwhile was, or that was cancelled."""
        self._ready()
        if self._order.deadline is None:
            self._timetable.commit(self._record.deadline, at_once=True)
            self._waiting.look_once()
        elif not self._waiting.wait():
            self._record.mode = OVER
            return self._record
        self._cut()
        if self._record.sessions_gone is not None:
            self._timetable.cut(self._record.clock.server_time(self._record.sessions_gone))
        self._look_again()
        return self._record

    def _ready(self) -> None:
        missing = self._wire.ready_accounts(self._order.accounts)
        if missing:
            names = ", ".join(missing)
            self._record.problem(f"服务器上没有这些用户名 / no such accounts on the server: {names}")
        self._root = self._wire.share_path() or self._order.root


def run(wire: Wire, order: Order, time: Time, check: bool = False, timetable: Timetable | None = None) -> Record:
    """Cut off, or with ``check`` only connect, measure and look."""
    cutoff = Cutoff(wire, order, time, timetable)
    return cutoff.rehearse() if check else cutoff.run()
