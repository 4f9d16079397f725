"""The disc image: ISO 9660 level 3 with Joliet and Rock Ridge, made by xorriso, the same bytes for the same bag."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import ExamError
from ..files import check_space, megabytes, sync_directory, told
from ..tools import run, stream
from . import bag as sealed_bag
from . import results
from .collect import CHUNK

SECTOR = 2048
VOLUME_LENGTH = 15
CAPACITY = {"cd": 359_847 * SECTOR, "dvd": 2_295_104 * SECTOR, "bd": 12_219_392 * SECTOR}
"""Bytes that the smallest usual blank takes: CD-R of 80 minutes, DVD+R, BD-R with one layer."""

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
    sealed_at = int(datetime.fromisoformat(sealed_bag.read_info(bag)["Sealed-At"]).timestamp())
    for entry in results.load(bag).files:
        os.utime(bag / entry.disc, ns=(results.unix_ns(entry.modified),) * 2, follow_symlinks=False)
    for path in (bag, *bag.iterdir()):
        os.utime(path, (sealed_at, sealed_at), follow_symlinks=False)
    for root, folders, _ in os.walk(bag / "data"):
        for name in folders:
            os.utime(Path(root) / name, (sealed_at, sealed_at), follow_symlinks=False)
    return sealed_at


def _command(bag: Path, volume: str, *more: str) -> list[str]:
    # Owner, modes and character set are said, or they would be those of the machine.
    return [
        "xorriso",
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


def size_of(bag: Path, volume: str, sealed_at: int) -> int:
    """Bytes that the image will have."""
    done = run(_command(bag, volume, "-print-size"), environment=_environment(sealed_at), timeout=_LIMIT_S)
    found = re.search(rb"^(\d+)\s*$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found:
        raise ExamError("xorriso 算不出映像大小。", f"xorriso cannot tell the image's size: {done.stderr!r}")
    return int(found[1]) * SECTOR


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
    sealed_at = set_times(bag)
    expected = size_of(bag, volume, sealed_at)
    check_medium(expected, medium)
    check_space(target.parent, expected)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    digest = hashlib.sha256()
    command = _command(bag, volume, "-o", "-")
    with stream(command, _environment(sealed_at), _LIMIT_S) as source, told(partial), partial.open("wb") as sink:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
        size = sink.tell()
    partial.replace(target)
    sync_directory(target.parent)
    return Image(target, volume, size, digest.hexdigest())
