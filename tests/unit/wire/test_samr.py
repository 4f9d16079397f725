"""SAMR's numbers: when an account expires."""

from __future__ import annotations

import pytest

from exam_room.wire.samr import expiry_of_seconds, seconds_of_expiry

NEVER = 0x7FFF_FFFF_FFFF_FFFF


def test_known_moments() -> None:
    assert expiry_of_seconds(0) == 116_444_736_000_000_000
    assert expiry_of_seconds(1_795_575_600.0) == 134_400_492_000_000_000
    assert seconds_of_expiry(134_400_492_000_000_000) == 1_795_575_600.0


@pytest.mark.parametrize("filetime", [0, NEVER])
def test_both_ways_to_say_never(filetime: int) -> None:
    assert seconds_of_expiry(filetime) is None


def test_never_is_written_as_zero() -> None:
    """Found on the stand-in: Samba makes 1975 of the other one."""
    assert expiry_of_seconds(None) == 0


@pytest.mark.parametrize("moment", [1_795_575_600.0, 1_795_575_600.000001, 1_795_575_600.4, 1_795_575_600.999])
def test_nobody_is_refused_before_the_moment(moment: float) -> None:
    """A server that keeps whole seconds cannot round it down."""
    kept = seconds_of_expiry(expiry_of_seconds(moment))
    assert kept is not None
    assert moment <= kept < moment + 1
    assert kept == int(kept)
