"""Names and SIDs of accounts and groups, as Windows resolves them."""

from __future__ import annotations

import re

from ..backend import BUILTIN_GROUPS, EVERYONE
from ..host import Host

_SID = re.compile(r"^S-1(-\d+)+$", re.IGNORECASE)
_WELL_KNOWN = {
    EVERYONE: "Everyone",
    "S-1-5-11": r"NT AUTHORITY\Authenticated Users",
    "S-1-5-18": r"NT AUTHORITY\SYSTEM",
    "S-1-5-19": r"NT AUTHORITY\LOCAL SERVICE",
    "S-1-5-20": r"NT AUTHORITY\NETWORK SERVICE",
    "S-1-5-32-544": r"BUILTIN\Administrators",
    "S-1-5-32-545": r"BUILTIN\Users",
    "S-1-5-32-546": r"BUILTIN\Guests",
    "S-1-5-32-580": r"BUILTIN\Remote Management Users",
}


def sid_of(host: Host, name: str) -> str | None:
    """The SID of a name, of ``DOMAIN\\name``, or of a SID in text; None if nobody has it."""
    name = name.strip()
    if _SID.match(name):
        return name.upper()
    prefix, _, bare = name.rpartition("\\")
    for sid, full in _WELL_KNOWN.items():
        domain, _, short = full.rpartition("\\")
        if short.casefold() == bare.casefold() and (not prefix or prefix.casefold() == domain.casefold()):
            return sid
    if prefix and prefix.casefold() not in {".", host.backend.computer_name().casefold()}:
        return None
    user = host.backend.user(bare)
    return user.sid if user else None


def name_of(host: Host, sid: str) -> str:
    """``COMPUTER\\name`` or the well-known name; the SID itself if nobody has it."""
    known = _WELL_KNOWN.get(sid)
    if known:
        return known
    for user in host.backend.users():
        if user.sid == sid:
            return f"{host.backend.computer_name()}\\{user.name}"
    return sid


def group_sid(host: Host, name: str) -> str | None:
    """The SID of a local group; None for anything else."""
    sid = sid_of(host, name)
    return sid if sid in BUILTIN_GROUPS else None
