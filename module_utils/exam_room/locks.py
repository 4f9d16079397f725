"""Who is there: locks on files of the session's directory, which the kernel lets go when their holder ends.

No process number is ever trusted: a number that a dead process left behind may belong to another one by now.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# Somebody who only looks (holder) has a lock for a moment: that must not keep its owner out.
PATIENCE_S = 1.0


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as it wrote into the file: its process and since when."""

    pid: int
    since: datetime | None


def take(path: Path, patience_s: float = PATIENCE_S) -> int | None:
    """The lock as an open file descriptor, None when another process still has it after ``patience_s``.

    Whoever inherits the descriptor holds the lock, until the last of them has ended.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_up = time.monotonic() + patience_s
    while not _flock(fd, fcntl.LOCK_EX):
        if time.monotonic() > give_up:
            os.close(fd)
            return None
        time.sleep(0.05)
    return fd


def sign(fd: int, pid: int, since: datetime) -> None:
    """Write into a lock that is held whose it is."""
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{pid} {since.isoformat(timespec='seconds')}\n".encode(), 0)


def holder(path: Path) -> Holder | None:
    """Who holds the lock now, None for nobody."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _flock(fd, fcntl.LOCK_SH):
            return None
        words = os.pread(fd, 200, 0).decode("ascii", "replace").split()
    finally:
        os.close(fd)
    try:
        return Holder(int(words[0]), datetime.fromisoformat(words[1]))
    except (IndexError, ValueError):
        return Holder(0, None)


class Presence:
    """That a menu is open. Each holds the same lock shared; whoever can have it alone is alone."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def others(self) -> bool:
        """Whether another menu is open for this session."""
        # A failed upgrade may lose the shared lock (flock(2)): take it again either way.
        alone = _flock(self._fd, fcntl.LOCK_EX)
        fcntl.flock(self._fd, fcntl.LOCK_SH)
        return not alone


@contextmanager
def present(path: Path) -> Iterator[Presence]:
    """Hold the presence of one menu."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield Presence(fd)
    finally:
        os.close(fd)


def _flock(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
