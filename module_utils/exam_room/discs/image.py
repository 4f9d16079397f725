"""The disc image: ISO 9660 level 3 with Joliet and Rock Ridge, made by xorriso, the same bytes for the same bag."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..collect import results
from ..collect.collect import CHUNK
from ..errors import ExamError
from ..files import WINDOW_BYTES, begin_writing, check_space, megabytes, sync_directory, told
from ..seal import bag as sealed_bag
from ..tools import follow, run

SECTOR = 2048
VOLUME_LENGTH = 15
CAPACITY = {"cd": 359_847 * SECTOR, "dvd": 2_295_104 * SECTOR, "bd": 12_219_392 * SECTOR}
"""Bytes that the smallest usual blank takes: CD-R of 80 minutes, DVD+R, BD-R with one layer."""

# ECMA-119 9.1 with Rock Ridge and Joliet: a record of 254 bytes (and what its sector cannot take of the next), names
# that continue elsewhere (up to 64 characters of 3 bytes and two headers), a record of 162 bytes in the Joliet tree.
RECORD_BYTES = 292 + 260 + 177
# Both trees' folders and the continuation area end at a sector's end; "." and ".." with Rock Ridge; four path tables.
FOLDER_BYTES = 3 * SECTOR + 1100
# What every disc has besides: system area, descriptors, xorriso's padding of 150 sectors, the folder of the bag.
DISC_BYTES = 1024 * 1024
# A record describes less than 4 GiB.
_EXTENT = 4 * 1024**3 - SECTOR

_UNFIT = re.compile(r"[^A-Z0-9]+")
# Slow disks, 25 GB: nothing that is still at work is stopped by this.
_LIMIT_S = 4 * 3600.0


@dataclass(frozen=True)
class Image:
    """An image on the controller's disk."""

    path: Path
    volume: str
    size: int
    sha256: str


def check_tool() -> None:
    """Refuse a controller without xorriso."""
    run(["xorriso", "-version"])


def volume_name(session_id: str, disc: int = 1) -> str:
    """Volume name from session and number of the disc: at most 15 of A-Z, 0-9 and _, the same for the same input.

    What does not fit is replaced by four digits of the session id's SHA-256, so that two sessions keep two names.
    """
    end = f"_{disc}"
    base = _UNFIT.sub("_", session_id.upper()).strip("_")
    if not session_id.isascii() or len(base) > VOLUME_LENGTH - len(end):
        short = base.replace("_", "")[: VOLUME_LENGTH - len(end) - 5]
        base = f"{short}_{hashlib.sha256(session_id.encode()).hexdigest()[:4].upper()}".strip("_")
    return base + end


def set_times(bag: Path) -> int:
    """Give everything in the bag the time it has on the disc; the time of sealing as seconds since 1970.

    Results have the time the candidate saved them, to the nanosecond that a file system keeps; all else, folders
    included, the time of sealing.
    """
    sealed_at = _sealed_at(bag)
    for entry in results.load(bag).files:
        _set_time(f"{bag}/{entry.disc}", results.unix_ns(entry.modified))
    for path in (bag, *bag.iterdir()):
        _set_time(str(path), sealed_at * 10**9)
    for root, folders, _ in os.walk(bag / "data"):
        for name in folders:
            _set_time(f"{root}/{name}", sealed_at * 10**9)
    return sealed_at


def _sealed_at(bag: Path) -> int:
    return int(datetime.fromisoformat(sealed_bag.read_info(bag)["Sealed-At"]).timestamp())


def _set_time(path: str, ns: int) -> None:
    # Nearly everything has it since it was collected: looking costs less than writing it again.
    if os.lstat(path).st_mtime_ns != ns:
        os.utime(path, ns=(ns, ns), follow_symlinks=False)


def file_bytes(size: int) -> int:
    """Bytes that a file takes in an image, at most: its sectors, and its records in both trees."""
    return -(-size // SECTOR) * SECTOR + RECORD_BYTES * (1 + size // _EXTENT)


def at_most(bag: Path) -> int:
    """Bytes that the image takes at most, without asking xorriso, which reads the whole tree for it."""
    return DISC_BYTES + sum(_bytes_below(str(bag)))


def _bytes_below(folder: str) -> Iterator[int]:
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield FOLDER_BYTES + RECORD_BYTES
                yield from _bytes_below(entry.path)
            else:
                yield file_bytes(entry.stat(follow_symlinks=False).st_size)


def _command(bag: Path, volume: str, *more: str) -> list[str]:
    # Owner, modes and character set are said, or they would be those of the machine.
    return [
        "xorriso",
        # It looks this often whether it is done, every second by itself: up to a second for nothing.
        *["-pacifier", "interval=0.1"],
        # For paths up to what discnames allows: otherwise libisofs leaves those beyond 120 characters out of Joliet.
        *["-compliance", "joliet_long_paths", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-J", "-R", "-V"],
        volume,
        *["-input-charset", "utf-8", "-uid", "0", "-gid", "0", "-file-mode", "0444", "-dir-mode", "0555"],
        *more,
        str(bag.absolute()),
    ]


def _environment(sealed_at: int) -> dict[str, str]:
    # SOURCE_DATE_EPOCH fixes the volume's dates and uuid, and sets atime and ctime to mtime. ISO dates carry a zone.
    return {"SOURCE_DATE_EPOCH": str(sealed_at), "TZ": "UTC"}


def size_of(bag: Path, volume: str) -> int:
    """Bytes that the image will have."""
    environment = _environment(_sealed_at(bag))
    done = run(_command(bag, volume, "-print-size"), environment=environment, timeout=_LIMIT_S)
    found = re.search(rb"^(\d+)\s*$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found:
        raise ExamError("xorriso 算不出映像大小。", f"xorriso cannot tell the image's size: {done.stderr!r}")
    return int(found[1]) * SECTOR


def needed(bag: Path, volume: str, medium: str) -> int:
    """Bytes to keep free for the image; refuses a bag that the medium cannot hold. Exact where it matters."""
    size = at_most(bag)
    if size > CAPACITY[medium]:
        size = size_of(bag, volume)
        check_medium(size, medium)
    return size


def check_medium(size: int, medium: str) -> None:
    """Refuse an image that the medium cannot hold."""
    if size > CAPACITY[medium]:
        needed, holds = megabytes(size), megabytes(CAPACITY[medium])
        raise ExamError(
            f"结果共 {needed}，一张 {medium.upper()} 只能容纳 {holds}。请改用更大的光盘。",
            f"The results take {needed}, one {medium.upper()} holds {holds}. Use a larger medium.",
        )


def build(bag: Path, target: Path, volume: str, medium: str) -> Image:
    """Write the image of a sealed bag, durable and under its name only when whole.

    Refuses, before writing, a bag that is not sealed, one that the medium cannot hold and a disk without the space.
    """
    if not (bag / sealed_bag.SEAL).is_file():
        raise ExamError(f"结果包 {bag} 还没有封存。", f"The bag {bag} is not sealed.")
    check_space(target.parent, needed(bag, volume, medium))
    sealed_at = set_times(bag)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    digest = hashlib.sha256()
    with told(partial), partial.open("wb") as sink:
        # Written as to a pipe, from its beginning to its end: what is there need not be read once more to be hashed.
        command = _command(bag, volume, "-o", "-")
        with closing(follow(command, sink, CHUNK, _environment(sealed_at), _LIMIT_S)) as pieces:
            size = begun = 0
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                if size - begun >= WINDOW_BYTES:
                    begin_writing(sink.fileno(), begun, size - begun)
                    begun = size
        os.fsync(sink.fileno())
    check_medium(size, medium)
    partial.replace(target)
    sync_directory(target.parent)
    return Image(target, volume, size, digest.hexdigest())
