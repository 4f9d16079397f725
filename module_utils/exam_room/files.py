"""Writing files on the controller so that they are there after a power cut, and whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ExamError

_LIBC = ctypes.CDLL(None, use_errno=True)
SPARE_BYTES = 64 * 1024 * 1024


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


def write_atomic(path: Path, content: bytes | bytearray, mode: int = 0o644, durable: bool = True) -> None:
    """Write the file whole and durable, or leave what was there.

    Not ``durable``: for what is written anew in a moment, and must not wait for a busy disk.
    """
    temporary = path.with_name(f".{path.name}.partial")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "wb") as handle:
        handle.write(content)
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
