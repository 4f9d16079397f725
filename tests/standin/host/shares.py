r"""Shares of a stand-in host and the switches of its SMB server, kept in Samba's registry configuration.

Every share is made here or over SRVSVC by the same keys, so both see each other's. Access-based enumeration is Samba's
``hide unreadable``. Switches (RequireSecuritySignature …) act on new connections; a restart of the service ends the old
ones. Where Samba differs: there is no limit of users, no "denied" kept apart from the other entries, and a share's
open files survive a change of its permissions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import drives, system
from .accounts import resolve
from .bake import SMB_CONF

RIGHTS = {
    "full": ("ALLOWED", "FULL"),
    "change": ("ALLOWED", "CHANGE"),
    "read": ("ALLOWED", "READ"),
    "deny": ("DENIED", "FULL"),
}
CACHING = {
    "manual": "manual",
    "documents": "documents",
    "programs": "programs",
    "none": "disable",
    "branchcache": "manual",
}
# Where windows_look.c keeps the flags of SHARE_INFO_1005, and their caching bits ([MS-SRVS] 2.2.4.29).
FLAGS = "standin:flags"
POLICY_BITS = {"manual": 0x00, "documents": 0x10, "programs": 0x20, "disable": 0x30}
OPTIONS_FILE = "server-options.json"
OPTIONS = {"RequireSecuritySignature": True, "EncryptData": False, "RejectUnencryptedAccess": True, "SMB1": False}
# The script that Samba runs for NetrShareDel, so that a share goes in the same way however it is deleted.
DELETE_SHARE = Path(__file__).with_name("commands") / "delete-share"
NAME = re.compile(r'[^"/\\\[\]:|<>+=;,*?%\x00-\x1f]{1,80}')


@dataclass(frozen=True)
class Share:
    """A share: Windows path, permissions as SID -> full|change|read|deny, and Windows' switches for it."""

    name: str
    path: str
    description: str = ""
    permissions: Mapping[str, str] = field(default_factory=dict)
    abe: bool = False
    encrypt: bool = False
    caching: str = "manual"
    special: bool = False


def shares() -> list[Share]:
    """All shares but IPC$, in the order of their names."""
    found = []
    for name, values in _sections().items():
        if name.lower() == "global":
            continue
        policy = values.get("csc policy", "manual")
        found.append(
            Share(
                name=name,
                path=drives.to_windows(values["path"]),
                description=values.get("comment", ""),
                permissions=permissions(name),
                abe=_yes(values.get("hide unreadable")),
                encrypt=values.get("server smb encrypt", "").lower() in ("required", "mandatory"),
                caching="none" if policy == "disable" else policy,
                special=_yes(values.get("administrative share")),
            )
        )
    return sorted(found, key=lambda share: share.name.lower())


def add_share(
    name: str,
    path: str,
    description: str = "",
    permissions: Mapping[str, str] | None = None,
    *,
    abe: bool = False,
    encrypt: bool = False,
    caching: str = "manual",
) -> None:
    """Make a share, or make the existing one exactly this.

    ``permissions`` maps a name or SID to full|change|read|deny (default: Everyone may read, as on Windows).
    ValueError for a name or value Windows refuses; FileNotFoundError if the folder is missing.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"not a share name: {name!r}")
    folder = drives.to_unix(path)
    if not folder.is_dir():
        raise FileNotFoundError(path)
    entries = [_entry(who, right) for who, right in (permissions or {"S-1-1-0": "read"}).items()]
    values = {
        "path": str(folder),
        "comment": description,
        FLAGS: str(shown_flags(_flags(name), abe=abe, encrypt=encrypt, caching=CACHING[caching.lower()])),
        "hide unreadable": "yes" if abe else "no",
        "server smb encrypt": "required" if encrypt else "default",
        "csc policy": CACHING[caching.lower()],
    }
    with system.lock("shares"):
        for key, value in values.items():
            system.run("net", "conf", "setparm", name, key, value)
        system.run("sharesec", name, "--replace", ",".join(entries))
    reload()


def shown_flags(before: int, *, abe: bool, encrypt: bool, caching: str) -> int:
    """The flags of SHARE_INFO_1005 after such a change; those it says nothing about stay as they were."""
    flags = before & ~(0x8000 | 0x800 | 0x30) | POLICY_BITS[caching]
    return flags | (0x800 if abe else 0) | (0x8000 if encrypt else 0)


def remove_share(name: str) -> None:
    """Remove the share and close every connection to it, with what is open there; LookupError if there is none."""
    with system.lock("shares"):
        exact = next((section for section in _sections() if section.lower() == name.lower()), None)
        if exact is None:
            raise LookupError(f"no such share: {name}")
        # Ends badly where smbd does not run and there is nobody to tell; whether the share is gone is looked up.
        system.run_anyway(str(DELETE_SHARE), str(SMB_CONF), exact)
        if exact in _sections():
            raise system.CommandFailed(f"the share {exact} is still there")
    reload()


def permissions(name: str) -> dict[str, str]:
    """Who may what on the share: SID -> full|change|read|deny (masks that are none of these: the nearest below)."""
    found: dict[str, str] = {}
    for line in system.run("sharesec", name, "--viewsddl").splitlines():
        for kind, mask, sid in re.findall(r"\((A|D);[^;]*;([^;]*);;;([^)]*)\)", line):
            found[SDDL_NAMES.get(sid, sid)] = "deny" if kind == "D" else _right(mask)
    return found


SDDL_NAMES = {
    "WD": "S-1-1-0",
    "BA": "S-1-5-32-544",
    "BU": "S-1-5-32-545",
    "AU": "S-1-5-11",
    "SY": "S-1-5-18",
    "BG": "S-1-5-32-546",
}


def options() -> dict[str, bool]:
    """The SMB server's switches in force."""
    return {key: bool(value) for key, value in system.load(OPTIONS_FILE, dict(OPTIONS)).items()}


def set_options(wanted: Mapping[str, bool]) -> None:
    """Change some of the switches named in OPTIONS (KeyError for another); new connections follow them."""
    now = options()
    for key, value in wanted.items():
        if key not in OPTIONS:
            raise KeyError(key)
        now[key] = value
    encryption = ("required" if now["RejectUnencryptedAccess"] else "desired") if now["EncryptData"] else "default"
    values = {
        "server min protocol": "NT1" if now["SMB1"] else "SMB3_11",
        "server signing": "mandatory" if now["RequireSecuritySignature"] else "auto",
        "server smb encrypt": encryption,
    }
    with system.lock("shares"):
        for key, text in values.items():
            system.run("net", "conf", "setparm", "global", key, text)
        system.save(OPTIONS_FILE, dict(now))
    reload()


def reload() -> None:
    """Tell all smbd processes that the configuration has changed; nobody to tell is fine."""
    system.run_anyway("smbcontrol", "all", "reload-config")


def _sections() -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in system.run("net", "conf", "list").splitlines():
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            current = sections.setdefault(text[1:-1], {})
        elif " = " in text or text.endswith(" ="):
            key, _, value = text.partition(" =")
            current[key.strip()] = value.strip().strip('"')
    return sections


def _flags(name: str) -> int:
    for section, values in _sections().items():
        if section.lower() == name.lower():
            return int(values.get(FLAGS, "0"))
    return 0


def _entry(who: str, right: str) -> str:
    kind, mask = RIGHTS[right]
    return f"{resolve(who)[1]}:{kind}/0x0/{mask}"


def _right(mask: str) -> str:
    if mask == "FA":
        return "full"
    bits = int(mask, 16) if mask.lower().startswith("0x") else 0x1200A9
    if bits & 0x1F01FF == 0x1F01FF or bits & 0x10000000:
        return "full"
    return "change" if bits & 0x2 else "read"


def _yes(value: str | None) -> bool:
    return (value or "no").lower() in ("yes", "true", "1")
