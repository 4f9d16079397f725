"""Which files an unfinished collection holds already: one line a file, beside the unfinished bag.

A line is written when its file is whole and durable. A later run takes over what the server still lists with the same
size and times, and reads the rest.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..files import sync_filesystem, told
from .results import Entry

FILE_NAME = "bag.partial.jsonl"
BATCH_FILES = 500
BATCH_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Copied:
    """What is known of a file once it has been read: its hashes, and its alternate data streams with their sizes."""

    sha256: str
    sha512: str
    streams: tuple[tuple[str, int], ...] = ()


class Taken:
    """The files that lie whole in ``partial``. May be used by several threads."""

    def __init__(self, log: Path, partial: Path, plan: Iterable[Entry]) -> None:
        """Take over what an earlier run left and the plan still wants unchanged; everything else there is removed."""
        wanted = {_key(entry): entry for entry in plan}
        self._lock = threading.Lock()
        self._known = {key: copied for key, copied in _read(log) if key in wanted and _is_whole(partial, wanted[key])}
        self._path = log
        self._log: IO[bytes] | None = None
        _remove_others(partial, {partial / wanted[key].disc for key in self._known})

    @property
    def size(self) -> int:
        """Bytes that need not be read again."""
        return sum(int(key[3]) for key in self._known)

    def get(self, entry: Entry) -> Copied | None:
        """What is known of this very file; None when it has to be read."""
        with self._lock:
            return self._known.get(_key(entry))

    def begin(self) -> None:
        """Write the log anew: a line that a power cut tore goes, and so does what is no longer wanted."""
        with told(self._path):
            self._log = self._path.open("wb")
            for key, copied in self._known.items():
                self._write(key, copied)
            self._log.flush()

    def add(self, found: Iterable[tuple[Entry, Copied]]) -> None:
        """These files are whole and durable. Raises ExamError when the controller's disk refuses the lines."""
        with self._lock, told(self._path):
            assert self._log is not None, "begin() comes first"
            for entry, copied in found:
                self._known[_key(entry)] = copied
                self._write(_key(entry), copied)
            self._log.flush()

    def close(self) -> None:
        """Close the log; what is in it stays."""
        if self._log is not None:
            with contextlib.suppress(OSError):
                self._log.close()

    def _write(self, key: _Key, copied: Copied) -> None:
        assert self._log is not None, "begin() comes first"
        line = {"key": key, "sha256": copied.sha256, "sha512": copied.sha512, "streams": copied.streams}
        self._log.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")


class Batch:
    """Files of one thread that are made durable together: for small files that is a third of the time. To be closed."""

    def __init__(self, partial: Path, taken: Taken) -> None:
        self._partial = partial
        self._taken = taken
        self._found: list[tuple[Entry, Copied]] = []
        self._bytes = 0
        # Opened before anything is written: the kernel reports to it what it could not write since.
        with told(partial):
            self._fd = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)

    def add(self, entry: Entry, copied: Copied) -> None:
        """The file has been written whole. Raises ExamError when the controller's disk fails."""
        self._found.append((entry, copied))
        self._bytes += entry.size
        if len(self._found) >= BATCH_FILES or self._bytes >= BATCH_BYTES:
            self._keep()

    def close(self) -> None:
        """Keep what has been added, whatever went wrong after it."""
        try:
            self._keep()
        finally:
            os.close(self._fd)

    def _keep(self) -> None:
        if self._found:
            with told(self._partial):
                sync_filesystem(self._fd)
            self._taken.add(self._found)
            self._found, self._bytes = [], 0


# account, true path, path in the bag, size, modified, changed
_Key = tuple[str, str, str, int, int, int]


def _key(entry: Entry) -> _Key:
    return (entry.account, entry.path, entry.disc, entry.size, entry.modified, entry.changed)


def _read(log: Path) -> list[tuple[_Key, Copied]]:
    """The lines of the log up to the first that is none."""
    found: list[tuple[_Key, Copied]] = []
    try:
        lines = log.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            one: dict[str, Any] = json.loads(line)
            account, path, disc, size, modified, changed = one["key"]
            streams = tuple((str(name), int(length)) for name, length in one["streams"])
            found.append(
                ((account, path, disc, size, modified, changed), Copied(one["sha256"], one["sha512"], streams))
            )
        except (ValueError, KeyError, TypeError):
            break
    return found


def _is_whole(partial: Path, entry: Entry) -> bool:
    path = partial / entry.disc
    return path.is_file() and not path.is_symlink() and path.stat().st_size == entry.size


def _remove_others(partial: Path, kept: set[Path]) -> None:
    with told(partial):
        for root, folders, files in os.walk(partial, topdown=False):
            for name in files:
                if Path(root) / name not in kept:
                    (Path(root) / name).unlink()
            for name in folders:
                path = Path(root) / name
                if path.is_symlink():
                    path.unlink()
                else:
                    # A folder that still holds something stays.
                    with contextlib.suppress(OSError):
                        path.rmdir()
