"""Windows security descriptors as plain data: parse, build, compare, show (MS-DTYP 2.4.2 to 2.4.6). Pure.

The three access lists of the room (V3) are made here: the folder of one account, the root above them, the raw
material. They are exact and protected: nothing is inherited, so Everyone and Users cannot come in from above.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..errors import ExamError

SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
USERS: Final = "S-1-5-32-545"
EVERYONE: Final = "S-1-1-0"

FULL: Final = 0x001F_01FF
MODIFY: Final = 0x0013_01BF
CHANGE: Final = MODIFY
READ_EXECUTE: Final = 0x0012_00A9

ALLOW: Final = 0
DENY: Final = 1
OBJECT_INHERIT: Final = 0x01
CONTAINER_INHERIT: Final = 0x02
INHERITED: Final = 0x10
ALL_BELOW: Final = OBJECT_INHERIT | CONTAINER_INHERIT
THIS_FOLDER: Final = 0

_DACL_PRESENT: Final = 0x0004
_DACL_PROTECTED: Final = 0x1000
_SELF_RELATIVE: Final = 0x8000

_KNOWN: Final = {SYSTEM: "SY", ADMINISTRATORS: "BA", USERS: "BU", EVERYONE: "WD"}
_RIGHTS: Final = {FULL: "FA", MODIFY: "0x1301bf", READ_EXECUTE: "0x1200a9"}


def _broken(en: str) -> ExamError:
    return ExamError(f"安全描述符无法解析（{en}）", f"security descriptor cannot be read: {en}")


def sid_to_bytes(sid: str) -> bytes:
    """A SID such as S-1-5-32-544 in its binary form (MS-DTYP 2.4.2.2)."""
    parts = sid.split("-")
    if len(parts) < 3 or parts[0] != "S" or not all(part.isdigit() for part in parts[1:]):
        raise _broken(f"not a SID: {sid}")
    revision, authority, *subs = (int(part) for part in parts[1:])
    return struct.pack("<BB", revision, len(subs)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(subs)}I", *subs)


def sid_from_bytes(raw: bytes) -> str:
    """The text form of a binary SID; bytes after it are ignored."""
    if len(raw) < 8 or len(raw) < 8 + 4 * raw[1]:
        raise _broken("SID is cut off")
    subs = struct.unpack_from(f"<{raw[1]}I", raw, 8)
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, subs)])


@dataclass(frozen=True)
class Ace:
    """One entry of an access list: ``kind`` ALLOW or DENY (other types keep their number), flags, mask, SID."""

    kind: int
    flags: int
    mask: int
    sid: str

    def to_bytes(self) -> bytes:
        """ACCESS_ALLOWED_ACE or ACCESS_DENIED_ACE (MS-DTYP 2.4.4.2, 2.4.4.4)."""
        body = struct.pack("<I", self.mask) + sid_to_bytes(self.sid)
        return struct.pack("<BBH", self.kind, self.flags, 4 + len(body)) + body

    def text(self) -> str:
        """The entry as SDDL (MS-DTYP 2.5.1.1)."""
        kind = {ALLOW: "A", DENY: "D"}.get(self.kind, str(self.kind))
        flags = "".join(
            name for bit, name in ((1, "OI"), (2, "CI"), (4, "NP"), (8, "IO"), (16, "ID")) if self.flags & bit
        )
        return f"({kind};{flags};{_RIGHTS.get(self.mask, hex(self.mask))};;;{_KNOWN.get(self.sid, self.sid)})"

    def as_dict(self) -> dict[str, str | int | bool]:
        """The entry as evidence."""
        kind = {ALLOW: "allow", DENY: "deny"}.get(self.kind, f"type {self.kind}")
        return {
            "kind": kind,
            "sid": self.sid,
            "mask": f"0x{self.mask:08x}",
            "flags": self.flags,
            "inherited": bool(self.flags & INHERITED),
        }


@dataclass(frozen=True)
class Descriptor:
    """Owner, group and access list. ``dacl`` None means there is none at all: everybody may do everything."""

    owner: str | None
    group: str | None
    dacl: tuple[Ace, ...] | None
    protected: bool

    @classmethod
    def from_bytes(cls, raw: bytes) -> Descriptor:
        """Parse a self-relative SECURITY_DESCRIPTOR (MS-DTYP 2.4.6); ExamError when it is malformed."""
        if len(raw) < 20:
            raise _broken("shorter than its header")
        _, _, control, owner, group, _, dacl = struct.unpack_from("<BBHIIII", raw)
        aces: tuple[Ace, ...] | None = None
        if control & _DACL_PRESENT and dacl:
            aces = _parse_acl(raw[dacl:])
        return cls(
            owner=sid_from_bytes(raw[owner:]) if owner else None,
            group=sid_from_bytes(raw[group:]) if group else None,
            dacl=aces,
            protected=bool(control & _DACL_PROTECTED),
        )

    def to_bytes(self) -> bytes:
        """The self-relative form."""
        control = _SELF_RELATIVE | (_DACL_PRESENT if self.dacl is not None else 0)
        control |= _DACL_PROTECTED if self.protected else 0
        body = b""
        offsets = []
        for sid in (self.owner, self.group):
            data = sid_to_bytes(sid) if sid else b""
            offsets.append(20 + len(body) if data else 0)
            body += data
        dacl_at = 0
        if self.dacl is not None:
            dacl_at = 20 + len(body)
            aces = b"".join(ace.to_bytes() for ace in self.dacl)
            body += struct.pack("<BBHHH", 2, 0, 8 + len(aces), len(self.dacl), 0) + aces
        return struct.pack("<BBHIIII", 1, 0, control, offsets[0], offsets[1], 0, dacl_at) + body

    def same_access(self, other: Descriptor) -> bool:
        """Whether both let the same in: same entries as a set, same owner, same protection. Order does not count.

        Order would count between allow and deny entries of one SID; the lists made here hold no deny entries.
        """
        mine, theirs = self.dacl, other.dacl
        if mine is None or theirs is None:
            return mine is theirs
        same_list = len(mine) == len(theirs) and set(mine) == set(theirs)
        return same_list and self.protected == other.protected and self.owner == other.owner

    def text(self) -> str:
        """The descriptor as SDDL, entries sorted, for diffs."""
        owner = f"O:{_KNOWN.get(self.owner, self.owner)}" if self.owner else ""
        if self.dacl is None:
            return f"{owner}D:NO_ACCESS_CONTROL"
        return f"{owner}D:{'P' if self.protected else ''}{''.join(sorted(ace.text() for ace in self.dacl))}"

    def as_dict(self) -> dict[str, object]:
        """The descriptor as evidence."""
        return {
            "owner": self.owner,
            "protected": self.protected,
            "aces": None if self.dacl is None else [ace.as_dict() for ace in self.dacl],
            "sddl": self.text(),
        }


def _parse_acl(raw: bytes) -> tuple[Ace, ...]:
    if len(raw) < 8:
        raise _broken("access list is cut off")
    _, _, size, count, _ = struct.unpack_from("<BBHHH", raw)
    aces = []
    position = 8
    for _ in range(count):
        if position + 8 > min(size, len(raw)):
            raise _broken("access list is cut off")
        kind, flags, length = struct.unpack_from("<BBH", raw, position)
        if length < 8:
            raise _broken("entry without a length")
        (mask,) = struct.unpack_from("<I", raw, position + 4)
        aces.append(Ace(kind, flags, mask, sid_from_bytes(raw[position + 8 : position + length])))
        position += length
    return tuple(aces)


def _administration() -> tuple[Ace, ...]:
    return (Ace(ALLOW, ALL_BELOW, FULL, SYSTEM), Ace(ALLOW, ALL_BELOW, FULL, ADMINISTRATORS))


def _exact(aces: Iterable[Ace]) -> Descriptor:
    return Descriptor(ADMINISTRATORS, None, (*_administration(), *aces), protected=True)


def candidate_folder(sid: str) -> Descriptor:
    """V3: the folder of one account: it may modify, SYSTEM and Administrators have full control, nobody else."""
    return _exact([Ace(ALLOW, ALL_BELOW, MODIFY, sid)])


def share_root(sids: Iterable[str]) -> Descriptor:
    """The folder above: each account may list it and pass through, and gets nothing below from here."""
    return _exact(Ace(ALLOW, THIS_FOLDER, READ_EXECUTE, sid) for sid in sids)


def material_folder(sids: Iterable[str]) -> Descriptor:
    """The raw material: each account may read it with all that is below."""
    return _exact(Ace(ALLOW, ALL_BELOW, READ_EXECUTE, sid) for sid in sids)


def administration_only() -> Descriptor:
    """A folder that SYSTEM and Administrators may enter, and nobody else."""
    return _exact([])


def disc_permissions() -> Descriptor:
    """Permissions of the temporary share of a disc: Administrators read, nobody else comes in (V7)."""
    return Descriptor(None, None, (Ace(ALLOW, 0, READ_EXECUTE, ADMINISTRATORS),), protected=False)


def share_permissions(sids: Iterable[str]) -> Descriptor:
    """Permissions of the exam share itself: Administrators full, each account Change and never Full."""
    entries = (Ace(ALLOW, 0, FULL, ADMINISTRATORS), *(Ace(ALLOW, 0, CHANGE, sid) for sid in sids))
    return Descriptor(None, None, entries, protected=False)
