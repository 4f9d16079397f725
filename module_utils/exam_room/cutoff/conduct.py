"""The cutoff as a step of the exam day: one process waits, the record is kept whatever happens, the journal is told.

The process that waits may outlive the playbook that started it (a closed window must not stop the cut), so keeping the
record and ending the step in the journal is its own work.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from .. import locks
from ..errors import ExamError
from ..files import write_atomic
from ..journal.gates import DONE, END, FAILED
from ..journal.journal import Journal, utc_now
from ..journal.sitting import CUT, sitting
from ..journal.steps import NOTE, Request, perform
from ..server.clock import iso
from ..wire import smb
from ..wire.smberrors import ConnectionLost, Unreachable
from .connections import cut, server_wire
from .cutoff import Cutoff
from .order import Order, Time
from .record import OVER, Record, text
from .timetable import CUT_STEP, Journalled

LOCK_FILE: Final = "cutoff.lock"
RECORD: Final = "cutoff.json"
RECORD_TEXT: Final = "cutoff.txt"
CONNECT_PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class Place:
    """Whose cutoff it is. ``host``: the server's name in the inventory; ``volume``, ``root``: where results lie.

    ``step``: what ends with it in the journal, cutoff or, with its ``reason``, cancel.
    """

    directory: Path
    session_id: str
    room: str
    who: str
    host: str
    volume: str
    root: str
    step: str = CUT_STEP
    reason: str = ""


@contextmanager
def alone(directory: Path) -> Iterator[bool]:
    """Whether this is the one process that waits for the deadline of this session; held until the block ends."""
    fd = locks.take(directory / LOCK_FILE)
    if fd is None:
        yield False
        return
    try:
        locks.sign(fd, os.getpid(), utc_now())
        yield True
    finally:
        os.close(fd)


def who_waits(directory: Path) -> int | None:
    """The id of the process that waits for the deadline of this session; None when nobody does."""
    found = locks.holder(directory / LOCK_FILE)
    return None if found is None else found.pid


def wait_and_cut(login: smb.Login, order: Order, place: Place, timeout: float) -> dict[str, Any]:
    """Wait for the deadline that the journal names, cut, keep the record, end the step.

    Returns ``waiting`` (the other process's id) and does nothing more when somebody waits already.
    """
    with alone(place.directory) as first:
        if not first:
            return {"changed": False, "waiting": who_waits(place.directory)}
        timetable = Journalled(place.directory, place.who)
        timetable.must_be_set()
        return _conduct(login, order, place, timetable, timeout, waits=True)


def cut_now(login: smb.Login, order: Order, place: Place, timeout: float) -> dict[str, Any]:
    """Cut at once, whoever waits for the deadline; works without a journal that can be read, too."""
    timetable = Journalled(place.directory, place.who, place.step)
    return _conduct(login, replace(order, deadline=None), place, timetable, timeout, waits=False)


def look_only(login: smb.Login, order: Order, place: Place, timeout: float) -> dict[str, Any]:
    """Check mode: connect, measure, look; touch nothing, keep nothing."""
    return cut(login, order, place.volume, place.root, check=True, timeout=timeout)


def _conduct(
    login: smb.Login,
    order: Order,
    place: Place,
    timetable: Journalled,
    timeout: float,
    waits: bool,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    give_up = monotonic() + order.give_up_s
    while True:
        if waits:
            order = replace(order, deadline=timetable.deadline())
            if order.deadline is None:
                return {"changed": False, "over": True}
            give_up = max(give_up, monotonic() + order.deadline - time.time() + order.give_up_s)
        try:
            with server_wire(login, order.share, place.volume, place.root, timeout) as wire:
                cutoff = Cutoff(wire, order, Time(monotonic, sleep), timetable)
                return _run(cutoff, place, timetable)
        except (ConnectionLost, Unreachable):
            # Nothing was begun: the way to the server may come back before the deadline, or after it.
            if monotonic() > give_up:
                raise
            sleep(CONNECT_PAUSE_S)


def _run(cutoff: Cutoff, place: Place, timetable: Journalled) -> dict[str, Any]:
    try:
        record = cutoff.run()
    except ExamError as error:
        # Such as an administrator's password that no longer holds: what was done so far is kept, and it is said.
        record = cutoff.record
        record.problem(error.en)
    for complaint in timetable.complaints:
        record.problem(f"场次日志 / journal: {complaint}")
    if record.mode == OVER:
        return {"changed": False, "over": True}
    data = record.as_dict()
    outcome: dict[str, Any] = {"changed": record.changed, "record": data, "text": text(data)}
    try:
        _keep(place.directory, data, outcome["text"])
    except OSError as error:
        # A full controller: the record is still printed, and the cut has been made.
        record.problem(f"记录写不下 / the record could not be written: {error.strerror}")
        outcome["record"] = record.as_dict()
    _end(place, record, _cut_at(record, timetable.planned))
    return outcome


def _keep(directory: Path, data: dict[str, Any], said: str) -> None:
    """The record beside earlier ones; that of a complete cut stays the session's record."""
    path = directory / RECORD
    number = len(list(directory.glob("cutoff-*.json"))) + 1
    own = path
    if path.exists():
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.get("complete") and _is_cut(directory):
            own = directory / f"cutoff-{number}.json"
        else:
            path.replace(directory / f"cutoff-{number}.json")
    write_atomic(own, (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode())
    if own == path:
        write_atomic(directory / RECORD_TEXT, said.encode())


def _is_cut(directory: Path) -> bool:
    try:
        return sitting(Journal(directory).read().entries).over == CUT
    except ExamError:
        return True


def _cut_at(record: Record, planned: float | None) -> str | None:
    """Since when every seat was off the server, as far as is known; what was saved later is no result.

    Where nothing was left to cut after the planned deadline, somebody else did it at the deadline: the switch.
    """
    if record.sessions_gone is None:
        return None
    gone = record.clock.server_time(record.sessions_gone)
    if not record.changed and planned is not None and planned < gone:
        return iso(planned)
    return iso(gone)


def _end(place: Place, record: Record, cut_at: str | None) -> None:
    gone = record.sessions_gone
    data = {
        "deadline": iso(record.deadline),
        "mode": record.mode,
        "triggered_by": record.triggered_by,
        "cut_at": cut_at,
        "cut_ms_after_deadline": None if gone is None else record.ms(gone),
        "problems": list(record.problems),
    } | ({"reason": place.reason} if place.reason else {})
    request = Request(
        place.directory,
        END,
        place.who,
        place.step,
        place.session_id,
        place.room,
        data,
        {place.host: DONE if record.complete else FAILED},
    )
    try:
        perform(request)
    except ExamError:
        # Not begun, or ended by somebody else who cut too: this one stands beside it.
        try:
            perform(replace(request, phase=NOTE, hosts=None))
        except ExamError as error:
            record.problem(f"场次日志 / journal: {error.en}")
