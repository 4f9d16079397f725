"""Writing an image to a disc with xorriso and reading the disc back.

A drive is named as xorriso names it: ``/dev/sr0``, or ``stdio:/path`` for a file that plays a disc in tests. Real
drives are always read over SCSI, through xorriso: after a burn the kernel may still believe the medium empty.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ExamError
from ..files import check_space, megabytes
from ..tools import complaint, run, stream
from . import isofiles
from .collect import CHUNK
from .image import SECTOR, Image

_LOOK_S = 120.0
# A BD-R at single speed takes an hour and a half.
_BURN_S = 3 * 3600.0


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
        raise ExamError(
            f"刻录机 {device} 不能用：{complaint(done)}", f"The burner {device} cannot be used: {complaint(done)}"
        )
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
        raise ExamError(
            f"刻录机 {device} 里没有光盘。请放入空白光盘。", f"There is no disc in {device}. Insert a blank one."
        )
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
        raise ExamError(
            f"刻录失败：{complaint(done)}。这张光盘请作废，换一张空白光盘重做。",
            f"Burning failed: {complaint(done)}. Mark this disc as bad and try again with another blank one.",
        )


def read_back(image: Image, device: str | None, expected: Mapping[str, str]) -> int:
    """Read the disc (None: the image file itself) to its end and compare; the number of files compared.

    Every byte is compared with the image, then every file, read through its file system, with ``expected`` (path ->
    SHA-256), and the names that Windows will see (Joliet). Raises ExamError naming the first thing that differs.
    """
    if device is None:
        _compare_bytes_of_file(image)
    else:
        _compare_bytes_of_disc(image, device)
    source = device or isofiles.drive_of(image.path)
    listed = isofiles.listing(source, "rockridge")
    found = {}
    for path, hashes in isofiles.hashes(source, listed, "sha256"):
        if hashes is None:
            raise _differs(path)
        found[path] = hashes["sha256"]
    for path in sorted(expected.keys() | found.keys()):
        if expected.get(path) != found.get(path):
            raise _differs(path)
    joliet = isofiles.listing(source, "joliet")
    if joliet != listed:
        raise _differs(sorted(joliet.items() ^ listed.items())[0][0])
    return len(found)


def _differs(what: str) -> ExamError:
    return ExamError(
        f"回读核对不一致：{what}。这张光盘不能算刻好，请作废重刻。",
        f"Read back, {what} is not what was written. This disc does not count; mark it as bad and burn another.",
    )


def _compare_bytes_of_file(image: Image) -> None:
    digest = hashlib.sha256()
    with image.path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != image.sha256 or image.path.stat().st_size != image.size:
        raise _differs(image.path.name)


def _compare_bytes_of_disc(image: Image, device: str) -> None:
    last = image.size // SECTOR - 1
    command = [
        *("xorriso", "-outdev", device, "-check_media", "use=outdev", "what=disc"),
        *("min_lba=0", f"max_lba={last}", "data_to=-", "--"),
    ]
    position = 0
    digest = hashlib.sha256()
    with stream(command, timeout=_BURN_S) as disc, image.path.open("rb") as original:
        while chunk := disc.read(CHUNK):
            digest.update(chunk)
            if chunk != original.read(len(chunk)):
                raise _differs(f"sectors {position // SECTOR}-{(position + len(chunk)) // SECTOR}")
            position += len(chunk)
    if position != image.size or digest.hexdigest() != image.sha256:
        raise _differs(f"the end of the disc ({position} of {image.size} bytes)")
