"""One page of memory that all processes of a host share: its clock's steps, and faults of its parts.

It is the file ``machine`` of the host's state folder, written here, from outside, and read by host/machine.c in every
process of the host while it runs. Layout, 64-bit little endian: flags, number of steps, then up to 255 steps of
(machine's clock in ns since 1970 from which it holds, host's clock minus machine's in ns).
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import StandInError

FILE = "machine"
SIZE = 4096
MOST_STEPS = 255
VOLUME_FULL = 1
RPC_REFUSED = 2
_NUMBERS = struct.Struct("<qq")


def make(folder: Path) -> None:
    """A machine whose clock is right and which has no faults."""
    (folder / FILE).write_bytes(bytes(SIZE))


def set_clock(folder: Path, ahead: float, now: int | None = None) -> None:
    """From now on the host's clock is ``ahead`` seconds before (negative: behind) this machine's.

    Running processes see it at once. ``now`` is this machine's clock in ns since 1970.
    """
    with _page(folder) as page:
        count = _NUMBERS.unpack_from(page)[1]
        if count == MOST_STEPS:
            raise StandInError(
                f"一台主机的时钟最多调整 {MOST_STEPS} 次。", f"A host's clock can be set {MOST_STEPS} times at most."
            )
        step = (time.time_ns() if now is None else now, round(ahead * 1e9))
        _NUMBERS.pack_into(page, _NUMBERS.size * (count + 1), *step)
        # The number comes last, and changes in one byte: nobody reads half a step.
        page[8] = count + 1


def clock(folder: Path) -> float:
    """Seconds that the host's clock is ahead of this machine's."""
    with _page(folder) as page:
        count = _NUMBERS.unpack_from(page)[1]
        return float(_NUMBERS.unpack_from(page, _NUMBERS.size * count)[1] / 1e9) if count else 0.0


def set_flag(folder: Path, flag: int, wanted: bool) -> None:
    """Switch VOLUME_FULL or RPC_REFUSED on or off."""
    with _page(folder) as page:
        page[0] = page[0] | flag if wanted else page[0] & ~flag


@contextmanager
def _page(folder: Path) -> Iterator[mmap.mmap]:
    with (folder / FILE).open("r+b") as file, mmap.mmap(file.fileno(), SIZE) as page:
        yield page
