"""Moments of the server's clock: seconds since 1970 inside, UTC ISO 8601 in files, FILETIME on the wire."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ..server.clock import iso, seconds

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def from_iso(text: str | None) -> float | None:
    """Seconds since 1970 of UTC ISO 8601."""
    return None if text is None else seconds(text)


def to_iso(moment: float | None) -> str | None:
    """UTC ISO 8601 with milliseconds and Z."""
    return None if moment is None else iso(moment)


def local_time(text: str | None, timezone: str) -> str:
    """The time of day as people in the room read it: ``11:00:00``; empty for none."""
    return "" if text is None else datetime.fromisoformat(text).astimezone(ZoneInfo(timezone)).strftime("%H:%M:%S")


def boot_id() -> str:
    """Which start of this machine a monotonic moment belongs to; empty where the kernel does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
