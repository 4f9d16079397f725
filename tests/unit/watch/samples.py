"""A server in memory for the watch, seats, and a session directory with a journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exam_room.journal.journal import Journal
from exam_room.server.clock import Sample, ServerClock
from exam_room.watch.looker import Plan
from exam_room.wire.smbentry import Entry, join
from exam_room.wire.smberrors import NotFound, SharingViolation
from exam_room.wire.srvsvc import OpenFile, SessionInfo

ROOT = r"Exam\share"
#: 2026-11-25T01:00:00Z
START = 1_795_568_400.0
STARTED_AT = "2026-11-25T01:00:00.000Z"
DEADLINE = "2026-11-25T03:00:00.000Z"
SEATS = [
    {
        "number": number,
        "host": f"pc{number:02}",
        "address": f"10.0.0.{100 + number}",
        "account": f"KS{number:02}",
        "spare": number == 4,
        "candidate": None if number == 4 else {"exam_number": f"99{number:04}", "name": f"考生{number}"},
    }
    for number in (1, 2, 3, 4)
]
PLAN = Plan("s1", "301", {"zh": "演练", "en": "rehearsal"}, "Asia/Shanghai", "10.0.0.10", ROOT, SEATS)


def filetime(seconds: float) -> int:
    return round(seconds * 10_000_000) + 116_444_736_000_000_000


def entry(path: str, size: int, changed: float, attributes: int = 0x20) -> Entry:
    return Entry(path, size, filetime(changed), filetime(changed), filetime(changed), attributes)


class FakeServer:
    """Folders, sessions and open files; time advances by sleeping. ``faults`` are raised by the next listings."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.offset = START - 1000.0
        self.files: dict[str, tuple[bytes, float]] = {}
        self.folders = {join(ROOT, str(seat["account"])) for seat in SEATS} | {ROOT}
        self.session_list: list[SessionInfo] = []
        self.open_list: list[OpenFile] = []
        self.locked: set[str] = set()
        self.free = 100_000_000_000
        self.armed_as: dict[str, str] = {"session": "s1", "deadline": DEADLINE}
        self.expires: dict[str, float | None] = {str(seat["account"]): START + 7200 for seat in SEATS}
        self.refusals: list[Exception] = []
        self.faults: list[Exception] = []
        self.connects = 0
        self.listed: list[str] = []
        self.hashed: list[str] = []

    # what a test does

    def save(self, path: str, content: bytes, at: float | None = None) -> None:
        whole = join(ROOT, path)
        self.files[whole] = (content, self.server_now if at is None else at)
        parts = whole.split("\\")
        self.folders |= {"\\".join(parts[:depth]) for depth in range(1, len(parts))}

    def remove(self, path: str) -> None:
        del self.files[join(ROOT, path)]

    def come(self, account: str, address: str | None = None, idle: int = 0, since: int = 0) -> None:
        own = next(str(seat["address"]) for seat in SEATS if seat["account"] == account)
        self.session_list.append(SessionInfo("\\\\" + (address or own), account.lower(), 0, since, idle))

    def go(self, account: str) -> None:
        self.session_list = [one for one in self.session_list if one.user != account.lower()]

    # time

    @property
    def server_now(self) -> float:
        return self.now + self.offset

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.server_now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    # watch.eyes.Eyes

    @contextmanager
    def connect(self) -> Iterator[FakeServer]:
        self.connects += 1
        if self.refusals:
            raise self.refusals.pop(0)
        yield self

    def clock(self) -> ServerClock:
        return ServerClock(self.offset - 0.005, self.offset + 0.005, 0.0, 0.001, 15, True)

    def time_sample(self) -> Sample:
        return Sample(self.now, self.now, int(self.server_now) * 100, 1.0)

    def sessions(self) -> list[SessionInfo]:
        if self.faults:
            raise self.faults.pop(0)
        return self.session_list

    def open_files(self) -> list[OpenFile]:
        return self.open_list

    def listdir(self, path: str) -> list[Entry]:
        self.listed.append(path)
        if path not in self.folders:
            raise NotFound(path, path, "STATUS_OBJECT_PATH_NOT_FOUND")
        folders = [one for one in self.folders if one.rpartition("\\")[0] == path]
        files = [one for one in self.files if one.rpartition("\\")[0] == path]
        return [entry(one, 0, START, 0x10) for one in folders] + [
            entry(one, len(self.files[one][0]), self.files[one][1]) for one in files
        ]

    def stat(self, path: str) -> Entry | None:
        if path in self.folders:
            return entry(path, 0, START, 0x10)
        return entry(path, len(self.files[path][0]), self.files[path][1]) if path in self.files else None

    def read(self, path: str) -> bytes:
        if path in self.locked:
            raise SharingViolation(path, path, "STATUS_SHARING_VIOLATION")
        if path not in self.files:
            raise NotFound(path, path, "STATUS_OBJECT_NAME_NOT_FOUND")
        return self.files[path][0]

    def sha256(self, path: str) -> str:
        self.hashed.append(path)
        return hashlib.sha256(self.read(path)).hexdigest()

    def slice(self, path: str, offset: int, length: int) -> tuple[Entry, list[bytes]]:
        content = self.read(path)
        found = self.stat(path)
        assert found is not None
        return found, [content[offset : offset + length]]

    def free_bytes(self) -> int:
        return self.free

    def armed(self) -> dict[str, str]:
        return self.armed_as

    def expiries(self, accounts: Sequence[str]) -> dict[str, float | None]:
        return {name: self.expires[name] for name in accounts}


def note(directory: Path, step: str, event: str, **data: Any) -> None:
    """One line of the session's journal."""
    with Journal(directory).writing() as writer:
        writer.append("test", step, event, data)


def running(directory: Path) -> Path:
    """A session that has started."""
    note(directory, "session", "created", session_id="s1", room="301")
    note(directory, "open", "end", result="done")
    note(directory, "start", "begin")
    note(directory, "start", "end", result="done", started_at=STARTED_AT, deadline=DEADLINE)
    return directory
