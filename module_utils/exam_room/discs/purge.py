"""The end of a session's results on the controller, once the site's retention is over and somebody says so in writing.

What goes: the candidates' files in the bags, the images, the safety copies. What stays proves what they were: journal,
record of the discs, manifests, signatures, tables, papers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..collect.collect import BAG, PARTIAL
from ..errors import ExamError
from ..files import sync_directory, told
from ..journal.gates import BEGIN, DONE, END, check_identity, was_final
from ..journal.journal import FILE_NAME, Clock, Entry, Journal, utc_now
from ..journal.sitting import sitting
from ..room.planfile import PLAN
from ..watch.store import FOLDER as SAFETY

STEP = "purge"
DISCS = "discs"
RETENTION_YEARS = 5
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Item:
    """A file or folder that goes: path below the session's directory, files in it, bytes that its removal frees."""

    path: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Doomed:
    """What goes of which session. ``held_on``: its day; ``due``: the first day on which it may go."""

    session_id: str
    room: str
    deadline: str | None
    held_on: date
    due: date
    items: Sequence[Item]
    interrupted: bool
    """Whether a purge was begun and has not ended."""

    @property
    def changed(self) -> bool:
        return bool(self.items) or self.interrupted

    def result(self) -> dict[str, Any]:
        """exam_purge's return values."""
        return {
            "changed": self.changed,
            "session_id": self.session_id,
            "room": self.room,
            "deadline": self.deadline,
            "held_on": self.held_on.isoformat(),
            "due": self.due.isoformat(),
            "items": [asdict(item) for item in self.items],
            "files": sum(item.files for item in self.items),
            "bytes": sum(item.bytes for item in self.items),
        }


def look(sessions: Path, session_id: str, years: int, clock: Clock = utc_now) -> Doomed:
    """What a purge would remove now.

    Raises ExamError for a session that does not exist, is not final (V7) or has to be kept still, for a clock that is
    behind the session's own journals, and for a journal that is damaged.
    """
    directory = _directory(sessions, session_id)
    return _look(directory, session_id, years, clock, Journal(directory).read().entries)


def purge(sessions: Path, session_id: str, years: int, reason: str, who: str, clock: Clock = utc_now) -> Doomed:
    """Remove it, journalled before and after; what was removed. Raises ExamError as ``look``, or without a reason.

    Run again after it was killed, it goes on; run again after its end, it does nothing.
    """
    if not reason.strip():
        raise ExamError("销毁必须写明理由。", "A purge needs a written reason.")
    directory = _directory(sessions, session_id)
    # Held to the end: no step of this session begins meanwhile.
    with Journal(directory, clock).writing() as writer:
        doomed = _look(directory, session_id, years, clock, writer.entries)
        if not doomed.changed:
            return doomed
        told_of = {name: value for name, value in doomed.result().items() if name in ("items", "files", "bytes")}
        kept_until = {"held_on": doomed.held_on.isoformat(), "due": doomed.due.isoformat(), "retention_years": years}
        writer.append(who, STEP, BEGIN, {"reason": reason.strip(), **kept_until, **told_of})
        for item in doomed.items:
            _remove(directory / item.path)
        writer.append(who, STEP, END, {"result": DONE})
    return doomed


def _directory(sessions: Path, session_id: str) -> Path:
    directory = sessions / session_id
    if not _ID.fullmatch(session_id) or not (directory / FILE_NAME).is_file():
        there = ", ".join(sorted(path.parent.name for path in sessions.glob(f"*/{FILE_NAME}"))) or "-"
        raise ExamError(
            f"{sessions} 里没有场次 {session_id!r}。已有：{there}",
            f"There is no session {session_id!r} in {sessions}. There are: {there}",
        )
    return directory


def _look(directory: Path, session_id: str, years: int, clock: Clock, entries: Sequence[Entry]) -> Doomed:
    check_identity(entries, session_id, None)
    if not was_final(entries):
        raise ExamError(
            f"场次 {session_id} 的光盘没有全部刻好并回读核对，主控机上的结果不能销毁。",
            f"Not every disc of session {session_id} was burned and read back: what is on the controller stays.",
        )
    now = clock()
    last = max((entry.at for entry in (*entries, *Journal(directory / DISCS).read().entries)), key=_moment)
    if now < _moment(last):
        raise ExamError(
            f"主控机的时钟不对：现在 {now.isoformat(timespec='seconds')}，日志里已有 {last}。请先校准时钟。",
            f"The controller's clock is wrong: it says {now.isoformat(timespec='seconds')}, the journal has {last}.",
        )
    here = sitting(entries)
    held_on = _held_on(directory, entries)
    due = _years_later(held_on, years)
    if now.date() <= due:
        raise ExamError(
            f"场次 {session_id} 于 {held_on} 举行，须保存 {years} 年，{due} 之后才可销毁。",
            f"Session {session_id} was held on {held_on} and is kept for {years} years: until {due} nothing goes.",
        )
    purges = [entry.event for entry in entries if entry.step == STEP]
    return Doomed(
        session_id,
        here.room,
        next((entry.data["deadline"] for entry in reversed(entries) if entry.data.get("deadline")), None),
        held_on,
        due,
        tuple(_items(directory)),
        purges[-1:] == [BEGIN],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _held_on(directory: Path, entries: Sequence[Entry]) -> date:
    """The day of the session: as planned, or, when that is later, as it was started last."""
    days = [_moment(str(one.data["started_at"])).date() for one in entries if one.data.get("started_at")]
    try:
        plan = json.loads((directory / PLAN).read_text(encoding="utf-8"))
        days.append(date.fromisoformat(plan["session"]["date"]))
    except (OSError, ValueError, KeyError, TypeError):
        # The journal is the truth; a plan that is lost or damaged does not shorten the time.
        pass
    return max(days) if days else _moment(entries[-1].at).date()


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _items(directory: Path) -> Iterator[Item]:
    discs = directory / DISCS
    found = [directory / BAG / "data", directory / PARTIAL, directory / SAFETY]
    found += sorted(discs.glob("sealed/*/data"))
    found += sorted(path for path in discs.rglob("*") if path.suffix == ".iso" or path.name.endswith(".iso.partial"))
    seen: set[tuple[int, int]] = set()
    for path in found:
        if os.path.lexists(path):
            files, size = _size(path, seen)
            yield Item(path.relative_to(directory).as_posix(), files, size)


def _size(path: Path, seen: set[tuple[int, int]]) -> tuple[int, int]:
    """Files and bytes; what is linked from several places takes its bytes once."""
    files, size = 0, 0
    inside = [path] if path.is_symlink() or not path.is_dir() else path.rglob("*")
    for one in inside:
        found = one.lstat()
        if one.is_dir() and not one.is_symlink():
            continue
        files += 1
        if (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            size += found.st_size
    return files, size


def _remove(path: Path) -> None:
    with told(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        sync_directory(path.parent)
