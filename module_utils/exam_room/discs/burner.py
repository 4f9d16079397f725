"""Writing an image to a disc with xorriso and reading the disc back.

A drive is named as xorriso names it: ``/dev/sr0``, or ``stdio:/path`` for a file that plays a disc in tests. Real
drives are always read over SCSI, through xorriso: after a burn the kernel may still believe the medium empty.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..collect.collect import CHUNK
from ..errors import ExamError
from ..files import check_space, megabytes
from ..tools import complaint, run, stream
from . import isofiles
from .image import SECTOR, Image

_LOOK_S = 120.0
# How often a drive is looked at while somebody changes the disc.
_LOOK_AGAIN_S = 4.0
# From linux/cdrom.h: the question, about the drive's only slot, and the answers no disc, tray open and not ready.
_DRIVE_STATUS, _CURRENT_SLOT = 0x5326, 0x7FFFFFFF
_NOTHING_TO_LOOK_AT = (1, 2, 3)
# A BD-R at single speed takes an hour and a half.
_BURN_S = 3 * 3600.0

# What xorriso and libburn say, as recorded by the burner test, and what it means for the person at the drive.
_TROUBLE = re.compile(r"^\S+ : (?:FATAL|FAILURE|SORRY) : .*$", re.MULTILINE)
_MEANINGS = (
    (re.compile(r"SCSI error on write"), "光盘写不进去", "the disc cannot be written"),
    (re.compile(r"File object .* not found"), "没有这个设备", "there is no such device"),
)


class NoDisc(ExamError):
    """The drive is empty."""


@dataclass(frozen=True)
class Medium:
    """What lies in the drive, in xorriso's words; ``writable`` in bytes."""

    kind: str
    status: str
    writable: int

    @property
    def present(self) -> bool:
        return bool(self.status) and "not present" not in self.status

    @property
    def blank(self) -> bool:
        return self.status == "is blank"

    @property
    def closed(self) -> bool:
        return "closed" in self.status


def look(device: str) -> Medium:
    """What lies in the drive. Raises ExamError when there is no such drive or it cannot be used."""
    done = run(["xorriso", "-outdev", device, "-toc"], timeout=_LOOK_S)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode != 0:
        zh, en = _cause(done)
        raise ExamError(f"刻录机 {device} 不能用：{zh}", f"The burner {device} cannot be used: {en}")
    kinds = re.findall(r"^Media current: (.*)$", said, re.MULTILINE)
    statuses = re.findall(r"^Media status : (.*)$", said, re.MULTILINE)
    blocks = re.findall(r"^Media blocks : .*?(\d+) writable", said, re.MULTILINE)
    return Medium(
        kinds[-1].strip() if kinds else "",
        statuses[-1].strip() if statuses else "",
        int(blocks[-1]) * SECTOR if blocks else 0,
    )


def check_blank(device: str, size: int) -> Medium:
    """Refuse a drive without a blank medium of ``size`` bytes; says what is in it."""
    medium = look(device)
    if not medium.present:
        raise _no_disc(device)
    if not medium.blank:
        raise ExamError(
            f"刻录机 {device} 里的光盘不是空白盘（{medium.kind}，{medium.status}）。请换一张空白光盘。",
            f"The disc in {device} is not blank ({medium.kind}, {medium.status}). Insert a blank one.",
        )
    if medium.writable < size:
        raise ExamError(
            f"刻录机 {device} 里的光盘太小：需要 {megabytes(size)}，只有 {megabytes(medium.writable)}。",
            f"The disc in {device} is too small: {megabytes(size)} needed, it has {megabytes(medium.writable)}.",
        )
    return medium


def _no_disc(device: str) -> NoDisc:
    return NoDisc(f"刻录机 {device} 里没有光盘。请放入空白光盘。", f"There is no disc in {device}. Insert a blank one.")


def drive_status(device: str) -> int:
    """What the kernel knows of the drive without moving its tray, as in linux/cdrom.h; 0: nothing."""
    try:
        drive = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        # Or a file that plays a disc. xorriso says what is wrong.
        return 0
    try:
        return fcntl.ioctl(drive, _DRIVE_STATUS, _CURRENT_SLOT)
    except OSError:
        return 0
    finally:
        os.close(drive)


def await_blank(
    device: str,
    size: int,
    seconds: float,
    known: str = "",
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> ExamError | None:
    """Look at the drive again and again until a blank medium of ``size`` bytes is in it: None.

    Else what check_blank says: at once where that is not ``known`` (its English words) and the drive not just empty,
    and in any case after ``seconds``. An open tray stays open: xorriso, asked about it, would draw it in.
    """
    ends = now() + seconds
    while True:
        try:
            if drive_status(device) in _NOTHING_TO_LOOK_AT:
                raise _no_disc(device)
            check_blank(device, size)
        except ExamError as exc:
            news = exc.en != known and not isinstance(exc, NoDisc)
            if news or now() >= ends:
                return exc
        else:
            return None
        sleep(_LOOK_AGAIN_S)


def _check_written(device: str) -> None:
    """Refuse to read where nothing can have been written."""
    medium = look(device)
    if not medium.present:
        raise ExamError(
            f"刻录机 {device} 里没有光盘，无法回读核对。请放入刚刻好的光盘。",
            f"There is no disc in {device} to read back. Insert the one that was burned.",
        )
    if medium.blank:
        raise ExamError(
            f"刻录机 {device} 里的光盘没有刻好：光驱认为它是空白盘。这张光盘请作废重刻。",
            f"The disc in {device} was not burned to its end: the drive takes it for a blank one. "
            "Mark it as bad and burn another.",
        )


def burn(image: Image, device: str) -> None:
    """Write the image to the blank medium, track at once, and close it; refuses a medium that is not blank.

    Written is not burned: only ``read_back`` tells.
    """
    if device.startswith(isofiles.STDIO):
        check_space(Path(device.removeprefix(isofiles.STDIO)).parent, image.size)
    check_blank(device, image.size)
    # Track at once, for some drives lack RESERVE TRACK; without -multi the medium is closed.
    command = ["xorriso", "-as", "cdrecord", "-v", f"dev={device}", "-tao", str(image.path.absolute())]
    done = run(command, timeout=_BURN_S)
    if done.returncode != 0:
        zh, en = _cause(done)
        raise ExamError(
            f"刻录失败：{zh}。这张光盘请作废，换一张空白光盘重做。",
            f"Burning failed: {en}. Mark this disc as bad and try again with another blank one.",
        )


def read_back(image: Image, device: str | None, expected: Mapping[str, str]) -> int:
    """Read the disc (None: the image file itself) to its end and compare; the number of files compared.

    Every byte is compared with the image, then every file, read through its file system, with ``expected`` (path ->
    SHA-256), and the names that Windows will see (Joliet). Raises ExamError naming the first thing that differs.
    """
    if device is None:
        _compare_bytes_of_file(image)
    else:
        _check_written(device)
        _compare_bytes_of_disc(image, device)
    source = device or isofiles.drive_of(image.path)
    listed = isofiles.listing(source, "rockridge")
    found = {}
    for path, hashes in isofiles.hashes(source, listed, "sha256"):
        if hashes is None:
            raise _file_differs(path)
        found[path] = hashes["sha256"]
    for path in sorted(expected.keys() | found.keys()):
        if expected.get(path) != found.get(path):
            raise _file_differs(path)
    joliet = isofiles.listing(source, "joliet")
    if joliet != listed:
        raise _file_differs(sorted(joliet.items() ^ listed.items())[0][0])
    return len(found)


def _cause(done: subprocess.CompletedProcess[bytes]) -> tuple[str, str]:
    """Why xorriso failed, for a person and in its own words: Chinese, English.

    The first trouble is the cause; the lines after it tell how xorriso gave up.
    """
    troubles = _TROUBLE.findall((done.stderr + done.stdout).decode("utf-8", "replace"))
    words = troubles[0] if troubles else complaint(done)
    for pattern, zh, en in _MEANINGS:
        if any(pattern.search(trouble) for trouble in troubles):
            return f"{zh}（{words}）", f"{en} ({words})"
    return words, words


def _differs(zh: str, en: str) -> ExamError:
    return ExamError(
        f"回读核对不一致：{zh}。这张光盘不能算刻好，请作废重刻。",
        f"Read back, {en} is not what was written. This disc does not count; mark it as bad and burn another.",
    )


def _file_differs(path: str) -> ExamError:
    return _differs(path, path)


def _compare_bytes_of_file(image: Image) -> None:
    digest = hashlib.sha256()
    with image.path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != image.sha256 or image.path.stat().st_size != image.size:
        raise _file_differs(image.path.name)


def reading(image: Image, device: str) -> list[str]:
    """The command that writes the sectors of the disc to its standard output, as many as the image has."""
    last = image.size // SECTOR - 1
    return [
        *("xorriso", "-outdev", device, "-check_media", "use=outdev", "what=disc"),
        *("min_lba=0", f"max_lba={last}", "data_to=-", "--"),
    ]


def _compare_bytes_of_disc(image: Image, device: str) -> None:
    position = 0
    digest = hashlib.sha256()
    with stream(reading(image, device), timeout=_BURN_S) as disc, image.path.open("rb") as original:
        while chunk := disc.read(CHUNK):
            digest.update(chunk)
            if chunk != (written := original.read(len(chunk))):
                sector = (position + _first_difference(chunk, written)) // SECTOR
                raise _differs(f"第 {sector} 扇区（从 0 数起）", f"sector {sector} (counted from 0)")
            position += len(chunk)
        # Said here, before the exit status: that is bad too when sectors cannot be read.
        if position != image.size:
            sector = position // SECTOR
            raise _differs(
                f"从第 {sector} 扇区（从 0 数起）开始读不出来",
                f"the disc, unreadable from sector {sector} (counted from 0) on,",
            )
    if digest.hexdigest() != image.sha256:
        raise _differs(f"映像文件 {image.path.name} 本身", f"the image {image.path.name} itself")


def _first_difference(one: bytes, other: bytes) -> int:
    """Where two different byte strings begin to differ."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
