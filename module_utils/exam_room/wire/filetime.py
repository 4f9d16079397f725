"""FILETIME: 100 ns since 1601-01-01 UTC (MS-DTYP 2.3.3), and seconds since 1970."""

from __future__ import annotations

from typing import Final

#: FILETIME of 1970-01-01.
EPOCH: Final = 116_444_736_000_000_000
PER_SECOND: Final = 10_000_000


def to_seconds(filetime: int) -> float:
    """Seconds since 1970."""
    return (filetime - EPOCH) / PER_SECOND


def of_seconds(seconds: int) -> int:
    """The FILETIME of a whole second since 1970."""
    return seconds * PER_SECOND + EPOCH
