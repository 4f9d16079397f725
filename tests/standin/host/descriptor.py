"""The security descriptors of a fresh Windows disk, in the form vfs_acl_xattr stores (xattr_NTACL version 1).

Self-relative layout: [MS-DTYP] 2.4.6. Owner, group and entries are well-known SIDs, so it is the same on every host.
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path

ATTRIBUTE = "user.NTACL"
SYSTEM = (5, 18)
ADMINISTRATORS = (5, 32, 544)
USERS = (5, 32, 545)
AUTHENTICATED = (5, 11)
FULL, MODIFY, READ = 0x1F01FF, 0x1301BF, 0x1200A9
OBJECT_AND_CONTAINER = 0x03
DACL_PRESENT_PROTECTED = 0x9004  # self-relative, DACL present, DACL protected


def _sid(parts: tuple[int, ...]) -> bytes:
    authority, *rest = parts
    return (
        struct.pack("<BB", 1, len(rest))
        + authority.to_bytes(6, "big")
        + b"".join(struct.pack("<I", part) for part in rest)
    )


def _allow(sid: tuple[int, ...], mask: int) -> bytes:
    packed = _sid(sid)
    return struct.pack("<BBHI", 0, OBJECT_AND_CONTAINER, 8 + len(packed), mask) + packed


def self_relative(owner: tuple[int, ...], entries: tuple[tuple[tuple[int, ...], int], ...], base: int) -> bytes:
    """A descriptor with this owner (also the group) and these allow entries, inherited by folders and files.

    ``base`` is added to its offsets: Samba counts them from the start of the whole attribute.
    """
    aces = b"".join(_allow(sid, mask) for sid, mask in entries)
    acl = struct.pack("<BBHHH", 2, 0, 8 + len(aces), len(entries), 0) + aces
    packed_owner = _sid(owner)
    owner_at = base + 20
    group_at = owner_at + len(packed_owner)
    header = struct.pack("<BBHIIII", 1, 0, DACL_PRESENT_PROTECTED, owner_at, group_at, 0, group_at + len(packed_owner))
    return header + packed_owner * 2 + acl


def drive_root_descriptor() -> bytes:
    """A data drive fresh from Windows' set-up: SYSTEM and Administrators all, signed-in users change, Users read."""
    return _stored(((SYSTEM, FULL), (ADMINISTRATORS, FULL), (AUTHENTICATED, MODIFY), (USERS, READ)))


def program_files_descriptor() -> bytes:
    r"""``C:\Program Files`` and ``C:\Windows``: SYSTEM and Administrators all, Users read and execute.

    Windows also names TrustedInstaller, CREATOR OWNER and application packages, which nobody is here.
    """
    return _stored(((SYSTEM, FULL), (ADMINISTRATORS, FULL), (USERS, READ)))


def administrators_only() -> bytes:
    """What SYSTEM and Administrators alone may enter."""
    return _stored(((SYSTEM, FULL), (ADMINISTRATORS, FULL)))


def inherit(made: Path, root: Path) -> None:
    """Give what the host itself made below ``root``, a drive, the descriptor that it inherits on NTFS.

    The nearest folder above that has one decides; its entries are inherited by folders and files alike, as all entries
    are that this project sets. What comes over SMB inherits by Samba.
    """
    for folder in made.parents:
        if root != folder and root not in folder.parents:
            return
        with contextlib.suppress(OSError):
            os.setxattr(made, ATTRIBUTE, os.getxattr(folder, ATTRIBUTE))
            return


def _stored(entries: tuple[tuple[tuple[int, ...], int], ...]) -> bytes:
    # Version, union discriminant and the referent of the one pointer precede the descriptor in NDR.
    prefix = struct.pack("<HHI", 1, 1, 0x00020000)
    return prefix + self_relative(SYSTEM, entries, len(prefix))
