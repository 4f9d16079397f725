"""What is so right now in this sitting, by its journal: the deadline, who sits where, who has ended, what is over.

The journal is the one truth: whoever waits for the deadline, watches the room or prints papers asks here, so that an
extension or a change of seat reaches all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .gates import is_done, sets_the_time, this_sitting
from .journal import EVENT_CREATED, LOCK_PATIENCE_S, Entry, Journal

CUT = "cut"
CANCELLED = "cancelled"
COMMIT = "commit"
"""Data of a note of the step cutoff: from here on the deadline moves no more."""

_OF_EXTENSION = ("minutes", "reason", "deadline", "deviation")
_OVER = {"cutoff": CUT, "cancel": CANCELLED}


@dataclass(frozen=True)
class Sitting:
    """One sitting. Moments are the server's clock, UTC ISO 8601 with Z; None before the start.

    ``clock_offset_ms``: the server's clock minus the controller's, as measured last. ``over`` is empty, "cut" or
    "cancelled". ``committed``: the cut is under way, the deadline moves no more.
    ``cut_at``: when every seat was off the server, which may still be looked at. ``moved``: seat number to the host and
    address where its candidate sits now. ``absent``: seat numbers marked 缺考. ``ended``: seat number to the reason why
    it was ended early.
    """

    session_id: str = ""
    room: str = ""
    started_at: str | None = None
    deadline: str | None = None
    clock_offset_ms: float = 0.0
    over: str = ""
    committed: bool = False
    cut_at: str | None = None
    moved: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    absent: frozenset[int] = frozenset()
    ended: Mapping[int, str] = field(default_factory=dict)
    extensions: Sequence[Mapping[str, Any]] = ()
    """Each with minutes, reason, deadline, at and who."""

    @property
    def running(self) -> bool:
        """Started, and neither cut nor cancelled."""
        return self.started_at is not None and not self.over


def sitting(entries: Sequence[Entry]) -> Sitting:
    """Sum up the journal's entries since the last completed reset."""
    found: dict[str, Any] = {"moved": {}, "ended": {}}
    absent: set[int] = set()
    extensions: list[Mapping[str, Any]] = []
    for entry in entries:
        if entry.event == EVENT_CREATED:
            found |= {"session_id": str(entry.data["session_id"]), "room": str(entry.data["room"])}
    for entry in this_sitting(entries):
        data = entry.data
        if sets_the_time(entry):
            for name in ("started_at", "deadline"):
                if name in data:
                    found[name] = data[name]
            if "clock_offset_ms" in data:
                found["clock_offset_ms"] = float(data["clock_offset_ms"])
            elif "jump_s" in data:
                found["clock_offset_ms"] = found.get("clock_offset_ms", 0.0) + float(data["jump_s"]) * 1000
        if entry.step == "cutoff" and data.get(COMMIT):
            found["committed"] = True
        # A note says it while the server is still looked at; the end of the step says it for good.
        if entry.step in _OVER and data.get("cut_at") and (is_done(entry) or "cut_at" not in found):
            found["cut_at"] = str(data["cut_at"])
        if not is_done(entry):
            continue
        if entry.step in _OVER:
            found["over"] = found.get("over") or _OVER[entry.step]
        elif entry.step == "extend":
            extensions.append(
                {name: data[name] for name in _OF_EXTENSION if name in data} | {"at": entry.at, "who": entry.who}
            )
        elif entry.step == "move_seat":
            found["moved"][int(data["seat"])] = {"host": str(data["host"]), "address": str(data["address"])}
        elif entry.step == "absent":
            (absent.discard if data.get("present") else absent.add)(int(data["seat"]))
        elif entry.step == "end_seat":
            found["ended"][int(data["seat"])] = str(data["reason"])
    return Sitting(**found, absent=frozenset(absent), extensions=tuple(extensions))


def seats_now(seats: Sequence[Mapping[str, Any]], now: Sitting) -> list[dict[str, Any]]:
    """The plan's seats as they are now: host and address of a moved one, and what was said of it (absent, ended)."""
    return [
        {
            **seat,
            **now.moved.get(int(seat["number"]), {}),
            "absent": int(seat["number"]) in now.absent,
            "ended": now.ended.get(int(seat["number"]), ""),
        }
        for seat in seats
    ]


def remaining_s(now: Sitting, wall: float) -> float | None:
    """Seconds until the deadline of the server's clock, at ``wall`` by the controller's; None before the start."""
    if now.deadline is None:
        return None
    return datetime.fromisoformat(now.deadline).timestamp() - wall - now.clock_offset_ms / 1000


class Follower:
    """The sitting of a session directory, read again only when its journal has changed."""

    def __init__(self, directory: Path, patience: float = LOCK_PATIENCE_S) -> None:
        self._journal = Journal(directory, patience=patience)
        self._seen: tuple[int, int] | None = None
        self._sitting = Sitting()

    def sitting(self) -> Sitting:
        """The sitting now; ExamError when the journal cannot be read or its chain is broken."""
        try:
            found = self._journal.path.stat()
        except FileNotFoundError:
            return self._sitting
        mark = (found.st_mtime_ns, found.st_size)
        if mark != self._seen:
            self._sitting = sitting(self._journal.read().entries)
            self._seen = mark
        return self._sitting
