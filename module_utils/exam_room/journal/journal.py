"""The journal of a session: append-only, hash-chained, one JSON object a line (architecture.md, Gates).

A line holds, in this order: ``seq`` (from 1), ``at`` (UTC, ISO 8601 with milliseconds), ``who``, ``step``, ``event``,
``data``, ``prev`` (the hash of the line before, 64 zeros for the first) and ``hash``: the SHA-256 of the canonical JSON
of all the others. The chain shows a line that was altered, removed or slipped in; that lines are missing at the end
shows only against a hash kept elsewhere, which is why the last one goes onto the disc.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..files import sync_directory

FILE_NAME = "journal.jsonl"
GENESIS = "0" * 64
LOCK_PATIENCE_S = 20.0
TORN_PREFIX = "journal.torn-"
# The lines that belong to no step of the day: the first one, and what is found while the journal is mended.
SESSION_STEP = "session"
EVENT_CREATED = "created"
EVENT_TORN = "torn"

_FIELDS = ("seq", "at", "who", "step", "event", "data", "prev", "hash")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The controller's clock, the default wherever a clock can be injected."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as the project writes it: ``2025-06-01T01:02:03.456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    seq: int
    at: str
    who: str
    step: str
    event: str
    data: Mapping[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The line as it stands in the file, without its end."""
        return _json({name: getattr(self, name) for name in _FIELDS}, sort=False)


@dataclass(frozen=True)
class Reading:
    """A journal that was read and found whole: its entries, and the bytes of a last line that was never finished."""

    entries: tuple[Entry, ...]
    torn: bytes
    size: int
    """Bytes of the finished lines."""

    @property
    def last_hash(self) -> str:
        return self.entries[-1].hash if self.entries else GENESIS


def _json(value: object, sort: bool) -> bytes:
    # A name from a candidate's folder may hold a lone surrogate; backslashreplace writes it as the JSON escape \udXXX.
    text = json.dumps(value, sort_keys=sort, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def entry_hash(fields: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON, keys sorted, no blanks, of every field but ``hash``."""
    return hashlib.sha256(_json({k: v for k, v in fields.items() if k != "hash"}, sort=True)).hexdigest()


class JournalBroken(ExamError):
    """The chain does not hold: a line was altered, removed or damaged."""


def _broken(path: Path, line: int, zh: str, en: str) -> JournalBroken:
    return JournalBroken(
        f"场次日志 {path} 第{line}行：{zh}。日志已被改动或损坏，拒绝继续；请保留原文件并报告督考员。",
        f"Journal {path} line {line}: {en}. It was altered or damaged. Keep it and tell the inspector.",
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _parse(path: Path, number: int, raw: bytes, prev: str) -> Entry:
    try:
        fields = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise _broken(path, number, "不是完整的 JSON", "not JSON") from None
    if not isinstance(fields, dict) or set(fields) != set(_FIELDS) or not isinstance(fields["data"], dict):
        raise _broken(path, number, "字段不对", "its fields are not those of a journal line")
    if fields["seq"] != number:
        raise _broken(path, number, f"序号是 {fields['seq']!r}", f"its number is {fields['seq']!r}")
    if fields["prev"] != prev:
        raise _broken(path, number, "与上一行不相连", "it does not continue the line before")
    if fields["hash"] != entry_hash(fields):
        raise _broken(path, number, "内容与散列值不符", "its content does not match its hash")
    entry = Entry(**fields)
    if entry.line() != raw:
        raise _broken(path, number, "写法不规范", "it is not written the way this journal is written")
    return entry


def parse(content: bytes, path: Path = Path(FILE_NAME)) -> Reading:
    """Read and verify the bytes of a journal.

    Raises ExamError naming the line at which the chain breaks. Bytes after the last line end are no breach: they are
    what a killed run leaves, were never acknowledged to anyone, and come back in ``torn``.
    """
    *lines, torn = content.split(b"\n")
    entries: list[Entry] = []
    for number, raw in enumerate(lines, start=1):
        entries.append(_parse(path, number, raw, entries[-1].hash if entries else GENESIS))
    return Reading(tuple(entries), torn, len(content) - len(torn))


class Journal:
    """The journal in a session directory. Writing takes the file's lock; each line is on disk when append returns."""

    def __init__(self, directory: Path, clock: Clock = utc_now, patience: float = LOCK_PATIENCE_S) -> None:
        self.directory = directory
        self.path = directory / FILE_NAME
        self._clock = clock
        self._patience = patience

    def read(self) -> Reading:
        """The verified journal; an absent file is an empty one. Writes nothing, not even to mend a torn line."""
        try:
            with self.path.open("rb") as handle:
                self._lock(handle.fileno(), fcntl.LOCK_SH)
                return parse(handle.read(), self.path)
        except FileNotFoundError:
            return Reading((), b"", 0)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the journal: what is read, decided and appended inside happens as one.

        A torn last line is first put aside into a file of its own, and that is journalled.
        """
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._lock(fd, fcntl.LOCK_EX)
            with os.fdopen(os.dup(fd), "rb") as handle:
                reading = parse(handle.read(), self.path)
            if reading.size == 0:
                sync_directory(self.directory)
            if reading.torn:
                self._put_aside(fd, reading)
            yield Writer(fd, self.directory, list(reading.entries), self._clock)
        finally:
            os.close(fd)

    def _lock(self, fd: int, how: int) -> None:
        give_up = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(fd, how | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise ExamError(
                        f"场次日志 {self.path} 正被另一个程序占用。请等它结束后再试。",
                        f"Journal {self.path} is held by another program. Try again when that has ended.",
                    ) from None
                time.sleep(0.02)

    def _put_aside(self, fd: int, reading: Reading) -> None:
        # First the copy, durable, under a name made of its content; then the cut. Killed in between, the next run
        # makes the same copy again; killed after it, the next run finds a copy that no line speaks of.
        digest = hashlib.sha256(reading.torn).hexdigest()
        aside = self.directory / f"{TORN_PREFIX}{len(reading.entries) + 1:06d}-{digest[:12]}"
        temporary = aside.with_name("." + aside.name)
        with temporary.open("wb") as handle:
            handle.write(reading.torn)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(aside)
        sync_directory(self.directory)
        os.ftruncate(fd, reading.size)
        os.fsync(fd)


class Writer:
    """A journal that is held for writing; see Journal.writing."""

    def __init__(self, fd: int, directory: Path, entries: list[Entry], clock: Clock) -> None:
        self._fd = fd
        self._directory = directory
        self._entries = entries
        self._clock = clock

    @property
    def entries(self) -> Sequence[Entry]:
        return tuple(self._entries)

    @property
    def last_hash(self) -> str:
        return self._entries[-1].hash if self._entries else GENESIS

    def append(self, who: str, step: str, event: str, data: Mapping[str, Any]) -> Entry:
        """Add one line and make it durable. ``data`` has to be JSON; raises ExamError when it is not."""
        self._journal_what_was_put_aside(who)
        return self._append(who, step, event, data)

    def _journal_what_was_put_aside(self, who: str) -> None:
        known = {entry.data.get("file") for entry in self._entries if entry.event == EVENT_TORN}
        for aside in sorted(self._directory.glob(TORN_PREFIX + "*")):
            if aside.name not in known:
                content = aside.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                found = {"file": aside.name, "bytes": len(content), "sha256": digest}
                self._append(who, SESSION_STEP, EVENT_TORN, found)

    def _append(self, who: str, step: str, event: str, data: Mapping[str, Any]) -> Entry:
        fields: dict[str, Any] = {
            "seq": len(self._entries) + 1,
            "at": stamp(self._clock()),
            "who": who,
            "step": step,
            "event": event,
            "data": _plain(data),
            "prev": self.last_hash,
        }
        entry = Entry(hash=entry_hash(fields), **fields)
        _write_all(self._fd, entry.line() + b"\n")
        os.fsync(self._fd)
        self._entries.append(entry)
        return entry


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as it will be read back, so that what is hashed is what is stored."""
    try:
        plain: dict[str, Any] = json.loads(_json(data, sort=False))
    except (TypeError, ValueError) as exc:
        raise ExamError(f"写入日志的数据不是 JSON：{exc}", f"The data for the journal is not JSON: {exc}") from exc
    return plain


def _write_all(fd: int, content: bytes) -> None:
    while content:
        content = content[os.write(fd, content) :]
