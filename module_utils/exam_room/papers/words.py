"""How times, sizes, hashes and names of files are written on paper."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..collect.results import filetime_text
from ..room import identity

SHORT_HASH = 16
"""Hexadecimal digits of a hash that are printed where it is shortened."""

# Joiners and selectors that an emoji or a rare form of a character is made with; the other unseen ones are shown.
_SHAPING = {0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def clock(moment: str, zone: ZoneInfo) -> str:
    """A UTC moment as the clock in the room showed it: 2027-06-19 11:00:00."""
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def saved(filetime: int, zone: ZoneInfo) -> str:
    """A FILETIME as the clock in the room showed it; a dash for one that no calendar reaches or that is not set."""
    text = filetime_text(filetime)
    try:
        return clock(f"{text[:19]}Z", zone) if filetime > 0 else "—"
    except (ValueError, OverflowError):
        return "—"


def size(count: int) -> str:
    """Bytes with their groups of three: 1,234,567."""
    return f"{count:,}"


def total(files: int, count: int) -> str:
    """A sum of files for people: 3 个文件，1,234,567 字节（1.2 MB）."""
    rough = next(
        (f"{count / unit:.1f} {name}" for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")) if count >= unit),
        "",
    )
    return f"{size(files)} 个文件，{size(count)} 字节" + (f"（{rough}）" if rough else "")


def short(digest: str) -> str:
    """The first digits of a hash."""
    return digest[:SHORT_HASH]


def minutes(seconds: float) -> str:
    """A duration: 120 分钟, or 90 秒 where it is no whole number of minutes."""
    return f"{seconds / 60:g} 分钟" if seconds % 60 == 0 else f"{seconds:g} 秒"


def ms(value: Any) -> str:
    """Milliseconds from the deadline; a dash for what is not known."""
    return "—" if value is None else f"{float(value):+.0f} 毫秒"


def seen(text: str) -> str:
    """The text with characters that show as nothing, or turn what follows around, written as ⟨U+202E⟩."""
    return "".join(
        f"⟨U+{ord(one):04X}⟩" if unicodedata.category(one) in _UNSEEN and ord(one) not in _SHAPING else one
        for one in text
    )


def printed(value: Any) -> Any:
    """What goes onto paper: text made seen, and without identity-card numbers. Markup is made from it later."""
    return identity.mask(seen(value)) if type(value) is str else value
