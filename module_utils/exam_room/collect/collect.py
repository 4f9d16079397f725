"""Collecting the results (V6, V7): every folder of a candidate is read from the server into the bag, hashed on the way.

The network stands behind ``Source``; one source serves one thread, and a connection that is lost is made anew a few
times. Nothing is trusted to stay as it was: after copying, everything is listed again, and what changed, appeared or
vanished stops the step by name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..errors import ExamError
from ..files import SteadyWriter, check_space, sync_directory, sync_filesystem, told
from ..journal.journal import Clock, stamp, utc_now
from ..wire.smberrors import ConnectionLost, Unreachable
from . import results
from .discnames import Parts, disc_names, disc_paths
from .results import FILE, FOLDER, LATE, STREAM, Entry, Owner, Table
from .taken import FILE_NAME as TAKEN
from .taken import Batch, Copied, Taken

BAG = "bag"
PARTIAL = "bag.partial"
CHUNK = 1024 * 1024
WORKERS = 4
RECONNECT_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Pauses before a lost connection is made anew; as many tries, counted from the last file that came through."""
_NAMED_AT_MOST = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in a candidate's folder; times are FILETIMEs (100 ns since 1601, UTC; MS-DTYP 2.3.3)."""

    parts: Parts
    kind: str
    """results.FILE, results.FOLDER or results.REPARSE (never followed)."""
    size: int
    modified: int
    changed: int
    created: int = 0


class Content(Protocol):
    """An open file."""

    @property
    def chunks(self) -> Iterable[bytes | memoryview]:
        """The content from its beginning to its end, in pieces of about a megabyte, each valid until the next."""

    @property
    def streams(self) -> Sequence[tuple[str, int]]:
        """Its alternate data streams: name and size."""


class Source(Protocol):
    """The candidates' folders on the server, read with backup intent. Raises ExamError naming what cannot be read,
    ConnectionLost or Unreachable when it is the connection that failed.
    """

    def walk(self, folder: str) -> Iterable[Found]:
        """Everything below the candidate's folder, the folder itself not included; ExamError when it is missing."""

    def open_read(self, folder: str, parts: Parts, size: int) -> contextlib.AbstractContextManager[Content]:
        """The file, open for reading; its size as it was listed is a hint only."""


Connect = Callable[[], contextlib.AbstractContextManager[Source]]
Say = Callable[[int, int], None]
"""Told, now and then, how many of how many bytes are there."""


class Line:
    """A connection for one thread, made when it is first needed and anew when it is lost."""

    def __init__(self, connect: Connect, sleep: Callable[[float], object]) -> None:
        self._connect = connect
        self._sleep = sleep
        self._open = contextlib.ExitStack()
        self._source: Source | None = None

    def work(self, work: Callable[[Source], T], so_far: Callable[[], int]) -> T:
        """Do the work, once more from its beginning after each loss of the connection.

        ``so_far`` counts what came through: whoever gets on has all the tries again.
        """
        done, tries = so_far(), 0
        while True:
            try:
                if self._source is None:
                    self._source = self._open.enter_context(self._connect())
                return work(self._source)
            except (ConnectionLost, Unreachable):
                self.close()
                if so_far() != done:
                    done, tries = so_far(), 0
                if tries == len(RECONNECT_S):
                    raise
                self._sleep(RECONNECT_S[tries])
                tries += 1

    def close(self) -> None:
        self._source = None
        # A connection that was lost cannot be closed in order.
        with contextlib.suppress(ExamError):
            self._open.close()


@dataclass(frozen=True)
class Collected:
    """What lies in the bag; ``changed`` is False when it lay there already and the server still agrees."""

    table: Table
    changed: bool


class Collector:
    """Reads the owners' folders through ``workers`` connections at once into ``session``/bag.

    A file created and changed after ``latest`` (FILETIME of the server) is no result (V6): recorded, not collected.
    """

    def __init__(
        self,
        session: Path,
        connect: Connect,
        workers: int = WORKERS,
        clock: Clock = utc_now,
        latest: int | None = None,
        say: Say = lambda done, whole: None,
    ) -> None:
        self._session = session
        self._connect = connect
        self._workers = max(1, workers)
        self._clock = clock
        self._latest = latest
        self._say = say
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._done = self._whole = 0

    def collect(self, owners: Sequence[Owner], dry: bool = False) -> Collected:
        """Fill the bag, once; a bag that is there already is compared with the server instead.

        An earlier run that was interrupted left bag.partial: what it holds whole, and the server has as it was, is not
        read again. ``dry`` lists and compares and writes nothing; its table has no hashes.
        """
        bag, partial = self._session / BAG, self._session / PARTIAL
        tops = _tops(owners)
        with contextlib.ExitStack() as stack:
            lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
            for _ in range(min(self._workers, len(owners))):
                line = Line(self._connect, self._stop.wait)
                stack.callback(line.close)
                lines.put(line)
            listed = dict(zip(owners, self._each(lines, owners, _list), strict=True))
            if bag.exists():
                table = results.load(bag)
                _agree(_different(_seen_in_table(table), _seen(listed)), _no_longer_agrees)
                return Collected(table, changed=False)
            plan = [entry for owner in owners for entry in self._plan(owner, tops[owner], listed[owner])]
            taken_at = stamp(self._clock())
            if dry:
                return Collected(Table(taken_at, taken_at, tuple(owners), tops, tuple(plan)), changed=True)
            taken = Taken(self._session / TAKEN, partial, [entry for entry in plan if entry.kind == FILE])
            stack.callback(taken.close)
            self._whole = sum(entry.size for entry in plan if entry.kind == FILE)
            self._done = taken.size
            check_space(self._session, self._whole - self._done)
            taken.begin()
            with told(partial):
                _make_folders(partial, tops, plan)
            copied = self._copy_all(lines, partial, owners, plan, taken)

            def list_again(source: Source, owner: Owner) -> set[Seen]:
                return _different(_seen({owner: listed[owner]}), _seen({owner: _list(source, owner)}))

            _agree(set().union(*self._each(lines, owners, list_again)), _differ)
        table = Table(taken_at, stamp(self._clock()), tuple(owners), tops, tuple(copied))
        results.save(partial, table)
        _sync_folders(partial)
        partial.rename(bag)
        (self._session / TAKEN).unlink()
        sync_directory(self._session)
        return Collected(table, changed=True)

    def _plan(self, owner: Owner, top: str, found: Sequence[Found]) -> Iterator[Entry]:
        disc = disc_paths(top, [item.parts for item in found])
        for item in sorted(found, key=lambda item: item.parts):
            # A program may give a file a creation time of its own choice, even one to come; ChangeTime is the server's.
            late = item.kind == FILE and self._latest is not None and min(item.created, item.changed) > self._latest
            kind, at = LATE if late else item.kind, disc[item.parts]
            yield Entry(owner.account, kind, item.parts, at, item.size, item.modified, item.changed)

    def _copy_all(
        self,
        lines: queue.SimpleQueue[Line],
        partial: Path,
        owners: Sequence[Owner],
        plan: Sequence[Entry],
        taken: Taken,
    ) -> list[Entry]:
        def copy_folder(source: Source, owner: Owner) -> list[Entry]:
            found: list[Entry] = []
            with contextlib.closing(Batch(partial, taken)) as batch:
                for entry in plan:
                    if entry.account != owner.account:
                        continue
                    if entry.kind != FILE:
                        found.append(entry)
                        continue
                    copied = taken.get(entry)
                    if copied is None:
                        copied = self._copy(source, partial, entry)
                        batch.add(entry, copied)
                    found.append(entry.hashed(copied.sha256, copied.sha512))
                    found += [_stream(entry, name, size) for name, size in copied.streams]
            return found

        return [entry for entries in self._each(lines, owners, copy_folder) for entry in entries]

    def _each(
        self, lines: queue.SimpleQueue[Line], owners: Sequence[Owner], work: Callable[[Source, Owner], T]
    ) -> list[T]:
        """The work for every owner, several at once; the first failure stops the others at their next chunk."""

        def with_a_line(owner: Owner) -> T:
            line = lines.get()
            try:
                self._go_on()
                return line.work(lambda source: work(source, owner), lambda: self._done)
            except BaseException:
                self._stop.set()
                raise
            finally:
                lines.put(line)

        with ThreadPoolExecutor(self._workers) as pool:
            futures = [pool.submit(with_a_line, owner) for owner in owners]
            try:
                wait(futures)
            except BaseException:
                self._stop.set()
                raise
        errors = [error for future in futures if (error := future.exception()) is not None]
        if errors:
            raise next((error for error in errors if not isinstance(error, _StoppedError)), errors[0])
        return [future.result() for future in futures]

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _StoppedError("收集已中止。", "Collecting was stopped.")

    def _copy(self, source: Source, partial: Path, entry: Entry) -> Copied:
        """One file, hashed while streaming, written once; memory is one chunk. Durable is what its Batch has kept."""
        sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
        target = partial / entry.disc
        with source.open_read(entry.account, entry.parts, entry.size) as content, told(target), _written(target) as fd:
            writer = SteadyWriter(fd)
            for chunk in content.chunks:
                self._go_on()
                sha256.update(chunk)
                sha512.update(chunk)
                writer.write(chunk)
                size += len(chunk)
            streams = tuple(content.streams)
            os.utime(fd, ns=(results.unix_ns(entry.modified),) * 2)
        if size != entry.size:
            raise _differ([f"{entry.account}\\{entry.path}"])
        with self._lock:
            self._done += size
            self._say(self._done, self._whole)
        return Copied(sha256.hexdigest(), sha512.hexdigest(), streams)


class _StoppedError(ExamError):
    """Another folder failed first."""


def _stream(entry: Entry, name: str, size: int) -> Entry:
    parts = (*entry.parts[:-1], f"{entry.parts[-1]}:{name}")
    return Entry(entry.account, STREAM, parts, "", size, entry.modified, entry.changed)


@contextlib.contextmanager
def _written(target: Path) -> Iterator[int]:
    # A try before, whose connection was lost, may have left its beginning.
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        yield fd
    finally:
        os.close(fd)


def _list(source: Source, owner: Owner) -> list[Found]:
    found = list(source.walk(owner.account))
    if len({item.parts for item in found}) != len(found):
        raise ExamError(
            f"服务器把 {owner.account} 文件夹里的同一个名字列了两次，请重试。",
            f"The server listed one name in the folder of {owner.account} twice; try again.",
        )
    return found


def _tops(owners: Sequence[Owner]) -> Mapping[Owner, str]:
    """Folder in the bag of each owner: ``data/<account>_<exam number>``."""
    wanted = {owner: f"{owner.account}_{owner.label}" for owner in owners}
    if len({owner.account.casefold() for owner in owners}) != len(owners):
        raise ExamError("座次表里有重复的用户名。", "The seats name an account twice.")
    names = disc_names(wanted.values())
    return {owner: f"data/{names[name]}" for owner, name in wanted.items()}


def _make_folders(partial: Path, tops: Mapping[Owner, str], plan: Sequence[Entry]) -> None:
    folders = {partial / "data", *(partial / top for top in tops.values())}
    for entry in plan:
        at = partial / entry.disc
        folders.add(at if entry.kind == FOLDER else at.parent)
    for folder in sorted(folders):
        folder.mkdir(parents=True, exist_ok=True)


def _sync_folders(partial: Path) -> None:
    fd = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync_filesystem(fd)
    finally:
        os.close(fd)


# What has to be the same before and after: a folder's own size and times move for reasons that are nobody's doing.
Seen = tuple[str, str, Parts]
_Seen = Mapping[Seen, tuple[int, int, int] | None]


def _seen(listed: Mapping[Owner, Sequence[Found]]) -> _Seen:
    return {
        (owner.account, item.kind, item.parts): (
            (item.size, item.modified, item.changed) if item.kind == FILE else None
        )
        for owner, found in listed.items()
        for item in found
    }


def _seen_in_table(table: Table) -> _Seen:
    return {
        (entry.account, FILE if entry.kind == LATE else entry.kind, entry.parts): (
            (entry.size, entry.modified, entry.changed) if entry.kind in (FILE, LATE) else None
        )
        for entry in table.entries
        if entry.kind != STREAM
    }


def _different(before: _Seen, after: _Seen) -> set[Seen]:
    nothing: Any = object()
    return {key for key in before.keys() | after.keys() if before.get(key, nothing) != after.get(key, nothing)}


def _agree(different: set[Seen], say: Callable[[Sequence[str]], ExamError]) -> None:
    if different:
        raise say(sorted(account + "\\" + "\\".join(parts) for account, _, parts in different))


def _named(paths: Sequence[str]) -> str:
    # A lone surrogate in a name must not keep the message from being printed.
    named = [results.printable(path) for path in dict.fromkeys(paths)]
    more = f" (+{len(named) - _NAMED_AT_MOST})" if len(named) > _NAMED_AT_MOST else ""
    return ", ".join(named[:_NAMED_AT_MOST]) + more


def _differ(paths: Sequence[str]) -> ExamError:
    listed = _named(paths)
    return ExamError(
        f"收集期间服务器上的文件有变动（改动、新增或消失）：{listed}。请确认已收卷、无人再连接服务器，然后重做。",
        f"Files on the server changed, appeared or vanished while they were collected: {listed}. "
        "Make sure that the session is cut off and nobody is connected, then run the step again.",
    )


def _no_longer_agrees(paths: Sequence[str]) -> ExamError:
    listed = _named(paths)
    return ExamError(
        f"本场结果已收集过，但服务器上的文件现在与当时不同：{listed}。已收集的文件包未改动；请查明原因。",
        f"The results were collected before and the server now differs from them: {listed}. "
        "The bag was left as it is; find out why.",
    )
