"""The rounds of safety copies, in a process of their own: a large file never delays a look.

A file is read in slices through short-lived handles that forbid nothing, so that no program of a candidate waits long
for us; one that changes meanwhile is kept as it was read and marked so, and copied again in the next round.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..files import megabytes
from ..journal.journal import Clock, stamp, utc_now
from ..journal.sitting import Follower, Sitting
from ..journal.steps import NOTE, Request, operator, perform
from ..wire import smb, srvsvc
from ..wire.smbentry import Entry, join
from ..wire.smberrors import AccessDenied, LogonRefused, NotFound, SharingViolation, SmbError
from ..wire.smbfiles import CHUNK
from .judge import Copies
from .moments import boot_id
from .presence import open_paths
from .saves import is_temporary
from .scan import ask_handles, list_folder
from .store import Index, Store, status_path, write_status

#: As much is read through one handle before it is closed: about a second on the slowest network.
SLICE: Final = 8 * 1024 * 1024
STEP: Final = "safety_copy"
TURN_S: Final = 1.0
#: So near to the deadline nothing is begun: the results themselves are about to be collected.
LAST_S: Final = 60.0
NAMED_AT_MOST: Final = 5


class Files(Protocol):
    """What is needed of the administrative share."""

    def listdir(self, path: str) -> list[Entry]: ...
    def stat(self, path: str) -> Entry | None: ...
    def sha256(self, path: str) -> str: ...
    def slice(self, path: str, offset: int, length: int) -> tuple[Entry, list[bytes]]: ...
    def open_files(self) -> list[srvsvc.OpenFile]: ...


class ShareFiles:
    """Files over a connection of the copier's own."""

    def __init__(self, share: smb.Share, service: srvsvc.ServerService) -> None:
        self._share = share
        self.listdir = share.listdir
        self.stat = share.stat
        self.open_files = service.open_files

    def sha256(self, path: str) -> str:
        """Not asked for: the copies hash what they read."""
        raise NotImplementedError(path)

    def slice(self, path: str, offset: int, length: int) -> tuple[Entry, list[bytes]]:
        """Part of a file through a handle that is closed again, and what the handle said of the file."""
        parts = []
        with self._share.open_read(path) as handle:
            end = offset + length
            while offset < end and (part := handle.read(offset, min(CHUNK, end - offset))):
                parts.append(part)
                offset += len(part)
            return handle.entry, parts


@dataclass
class Round:
    """What one round did. ``skipped``: locked files, by account; ``never``: those of them without any copy."""

    files: int = 0
    bytes: int = 0
    skipped: dict[str, list[str]] = field(default_factory=dict)
    never: dict[str, list[str]] = field(default_factory=dict)
    full: bool = False
    problem: ExamError | None = None
    """An account whose index cannot be read is left out; the others go on."""


@dataclass(frozen=True)
class Order:
    """What to copy. ``root`` is relative to the volume; ``give_up``: whether to stop between two slices."""

    accounts: Sequence[str]
    root: str
    reserve_bytes: int
    give_up: Callable[[], bool]


class _GivenUp(ExamError):
    """Stopped between two slices: the cut is near, or the watch is gone."""


def copy_round(files: Files, store: Store, order: Order, clock: Clock = utc_now) -> Round:
    """Copy every file that changed since its last copy. Raises SmbError when the connection fails."""
    done = Round()
    opened = open_paths(files.open_files(), order.root, order.accounts)
    for account in order.accounts:
        top = join(order.root, account)
        listing = list_folder(files, top)
        if listing.missing or order.give_up():
            continue
        ask_handles(files, top, opened.get(account, ()), listing)
        try:
            index = store.index(account)
        except ExamError as error:
            done.problem = error
            continue
        try:
            _copy_account(files, store, index, listing.files, top, order, done, clock)
        finally:
            if listing.whole:
                _mark_gone(index, listing.files)
            store.save(index)
        if done.full:
            break
    return done


def _copy_account(
    files: Files,
    store: Store,
    index: Index,
    entries: Mapping[str, Entry],
    top: str,
    order: Order,
    done: Round,
    clock: Clock,
) -> None:
    for true, entry in sorted(entries.items()):
        kept = index.files.get(true)
        if is_temporary(entry.name) or (kept is not None and not _differs(entry, kept.newest)):
            continue
        if store.free_bytes() < entry.size + order.reserve_bytes:
            done.full = True
            return
        try:
            version = _copy(files, store, index, true, join(top, true), order, clock)
        except NotFound:
            continue
        except (SharingViolation, AccessDenied):
            done.skipped.setdefault(index.account, []).append(true)
            if kept is None:
                done.never.setdefault(index.account, []).append(true)
            continue
        except _GivenUp:
            return
        if version is not None:
            done.files += 1
            done.bytes += version


def _differs(entry: Entry, newest: Any) -> bool:
    return (entry.changed_100ns, entry.size) != (newest.changed_100ns, newest.size) or not newest.steady


def _copy(files: Files, store: Store, index: Index, true: str, path: str, order: Order, clock: Clock) -> int | None:
    """One file; the bytes of a new version, None when its content had not changed."""
    seen: list[Entry] = []

    def chunks() -> Iterator[bytes]:
        offset = 0
        while True:
            if order.give_up():
                raise _GivenUp("已停止", "stopped")
            entry, parts = files.slice(path, offset, SLICE)
            seen.append(entry)
            yield from parts
            got = sum(len(part) for part in parts)
            offset += got
            if got < SLICE or offset >= entry.size:
                return

    first = files.stat(path)
    if first is None:
        raise NotFound(path, path, "STATUS_OBJECT_NAME_NOT_FOUND")
    version = store.add(index, true, chunks(), first.changed_100ns, first.modified_100ns, stamp(clock()))
    last = files.stat(path)
    if last is None or (last.changed_100ns, last.size) != (first.changed_100ns, first.size):
        store.unsteady(index, true)
    return None if version is None else version.size


def _mark_gone(index: Index, entries: Mapping[str, Entry]) -> None:
    for true, kept in index.files.items():
        if kept.gone != (true not in entries):
            index.files[true] = type(kept)(kept.copy, kept.versions, true not in entries)


# -- the process


@dataclass(frozen=True)
class Job:
    """Everything the process needs. ``go_on`` says whether the watch lives; ``near_end`` whether the cut is near."""

    directory: Path
    connect: Callable[[], AbstractContextManager[Files]]
    accounts: Sequence[str]
    root: str
    every_s: float
    versions: int
    reserve_bytes: int
    go_on: Callable[[], bool]
    near_end: Callable[[Sitting], bool]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    clock: Clock = utc_now


def run(job: Job) -> None:
    """Round after round until the sitting is over. The first begins at once: a watch started anew copies right away."""
    follower = Follower(job.directory)
    store = Store(job.directory, job.versions)
    state = _State(job)
    due = job.monotonic()
    while job.go_on():
        with suppress(ExamError):
            state.sitting = follower.sitting()
        if state.sitting.over:
            return
        if state.sitting.running and job.monotonic() >= due and not job.near_end(state.sitting):
            due = job.monotonic() + job.every_s
            if not state.round(store):
                return
        job.sleep(TURN_S)


class _State:
    """What the rounds have come to so far, for the board and the journal."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.sitting = Sitting()
        self._files = self._bytes = 0
        with suppress(OSError, ValueError, LookupError, TypeError):
            kept = json.loads(status_path(job.directory).read_bytes())
            self._files, self._bytes = int(kept["files"]), int(kept["bytes"])

    def round(self, store: Store) -> bool:
        """One round; False when there must be no other."""
        job = self._job
        order = Order(job.accounts, job.root, job.reserve_bytes, lambda: not job.go_on() or job.near_end(self.sitting))
        try:
            with job.connect() as files:
                done = copy_round(files, store, order, job.clock)
        except LogonRefused as error:
            self._tell(Round(), error)
            return False
        except (SmbError, ExamError) as error:
            self._tell(Round(), error)
            return True
        except OSError as error:
            self._tell(Round(), ExamError(f"主控机出错：{error.strerror}", f"on the controller: {error.strerror}"))
            return True
        self._files += done.files
        self._bytes += done.bytes
        full = ExamError(
            f"主控机磁盘将满（留 {megabytes(job.reserve_bytes)}）",
            f"the controller's disc is nearly full ({megabytes(job.reserve_bytes)} are kept free)",
        )
        self._tell(done, full if done.full else done.problem)
        self._note(done)
        return True

    def _tell(self, done: Round, stopped: ExamError | None) -> None:
        status = {
            "at": stamp(self._job.clock()),
            "monotonic_s": round(self._job.monotonic(), 3),
            "boot_id": boot_id(),
            "files": self._files,
            "bytes": self._bytes,
            "never_copied": {name: paths[:NAMED_AT_MOST] for name, paths in done.never.items()},
            "stopped": None if stopped is None else [stopped.zh, stopped.en],
        }
        # The copies must not die of not being able to say how they are.
        with suppress(ExamError):
            write_status(self._job.directory, status)

    def _note(self, done: Round) -> None:
        """One line in the journal for a round that did something."""
        if not (done.files or done.skipped or done.full):
            return
        skipped = [f"{name}\\{path}" for name, paths in done.skipped.items() for path in paths]
        data = {
            "files": done.files,
            "bytes": done.bytes,
            "skipped": len(skipped),
            "skipped_first": skipped[:NAMED_AT_MOST],
            "disc_full": done.full,
        }
        request = Request(self._job.directory, NOTE, operator(), STEP, self.sitting.session_id, self.sitting.room, data)
        with suppress(ExamError):
            perform(request, clock=self._job.clock)


def standing(session_directory: Path, every_min: float, monotonic: Callable[[], float] = time.monotonic) -> Copies:
    """How the copies stand, by what the process wrote last."""
    if not every_min:
        return Copies()
    try:
        found = json.loads(status_path(session_directory).read_bytes())
        same_boot = found["boot_id"] == boot_id()
        zh, en = found["stopped"] or ("", "")
        return Copies(
            every_min,
            found["at"],
            monotonic() - found["monotonic_s"] if same_boot else None,
            found["files"],
            found["bytes"],
            found["never_copied"],
            zh,
            en,
        )
    except (OSError, ValueError, LookupError, TypeError):
        return Copies(every_min)


def alive(parent: int) -> bool:
    """Whether the watch that started this process still lives."""
    return os.getppid() == parent
