"""Writing files on the controller so that they are there after a power cut, and whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ExamError

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
_BEGIN_WRITING = 0x2
_WRITE_AND_WAIT = 0x7
SPARE_BYTES = 64 * 1024 * 1024
WINDOW_BYTES = 8 * 1024 * 1024


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the controller's disk refuses (full, read-only, failing) into an ExamError that names the path."""
    try:
        yield
    except OSError as exc:
        raise ExamError(f"主控机写不了 {path}：{exc.strerror}", f"Cannot write {path}: {exc.strerror}") from exc


def sync_directory(directory: Path) -> None:
    """Make the names in the directory durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_filesystem(fd: int) -> None:
    """Make durable whatever was written to the file system of an open file (syncfs(2)); OSError when it fails."""
    if _LIBC.syncfs(fd):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class SteadyWriter:
    """Writes an open file from its beginning and sends it to the disk as it goes, a window behind what is written.

    The kernel then reuses the few pages that a big file passes through. Left to itself it takes a fresh page for each
    that is written, which costs more than all else there is to writing, and keeps what nobody reads soon.
    Nothing is durable before the caller has made it so. OSError when the disk refuses.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._written = self._begun = 0

    def write(self, data: bytes | memoryview) -> None:
        """All of it, after what was written before."""
        view = memoryview(data)
        while view:
            count = os.write(self._fd, view)
            self._written += count
            view = view[count:]
        while self._written - self._begun >= WINDOW_BYTES:
            begin_writing(self._fd, self._begun, WINDOW_BYTES)
            if self._begun:
                before = self._begun - WINDOW_BYTES
                _sync_range(self._fd, before, WINDOW_BYTES, _WRITE_AND_WAIT)
                os.posix_fadvise(self._fd, before, WINDOW_BYTES, os.POSIX_FADV_DONTNEED)
            self._begun += WINDOW_BYTES


def begin_writing(fd: int, start: int, length: int) -> None:
    """Have this part of an open file sent to the disk, without waiting for it (sync_file_range(2))."""
    _sync_range(fd, start, length, _BEGIN_WRITING)


def _sync_range(fd: int, start: int, length: int, how: int) -> None:
    if _LIBC.sync_file_range(fd, start, length, how):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def write_atomic(path: Path, content: bytes | Iterable[bytes], mode: int = 0o644, durable: bool = True) -> None:
    """Write the file whole and durable, or leave what was there; ``content`` may come in pieces.

    Not ``durable``: for what is written anew in a moment, and must not wait for a busy disk.
    """
    temporary = path.with_name(f".{path.name}.partial")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "wb") as handle:
        handle.writelines([content] if isinstance(content, bytes) else content)
        if durable:
            handle.flush()
            os.fsync(handle.fileno())
    temporary.replace(path)
    if durable:
        sync_directory(path.parent)


def check_space(directory: Path, needed: int) -> None:
    """Refuse, before anything is written, when the directory's disk has less than ``needed`` bytes and a reserve."""
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed + SPARE_BYTES:
        raise ExamError(
            f"主控机磁盘空间不足：{directory} 需要 {megabytes(needed)}，只剩 {megabytes(free)}。请清出空间后重做。",
            f"Too little space on the controller: {directory} needs {megabytes(needed)} and has {megabytes(free)}. "
            "Make room and run the step again.",
        )


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:.1f} MB"
