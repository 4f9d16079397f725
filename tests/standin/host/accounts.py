"""Local users and groups of a stand-in host, kept by Samba (tdbsam) and by Unix groups mapped to Windows' own.

Where Samba differs from Windows: only the built-in groups of bake.ALIASES have members; "user cannot change
password" does not exist; complexity of passwords is not checked. Names made over SAMR are upper case.
"""

from __future__ import annotations

import grp
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from spnego._ntlm_raw.crypto import ntowfv1

from . import system
from .bake import ALIASES, unix_group

USER_FILE = Path("/run/standin.ntlm-users")
NEVER = "[NUX        ]"
GUEST = "Unix username:        Guest\n"
# Windows' rule for local user names (NetUserAdd): at most 20 characters, none of these, not only dots and blanks.
FORBIDDEN = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f]')


@dataclass(frozen=True)
class User:
    """A local account. ``groups`` are the SIDs of built-in groups it is a member of."""

    name: str
    sid: str
    rid: int
    disabled: bool
    locked: bool
    password_never_expires: bool
    password_expired: bool
    full_name: str
    comment: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A built-in local group and the names of its members."""

    name: str
    sid: str
    members: tuple[str, ...]


def users() -> list[User]:
    """All local accounts in the order of their RIDs."""
    blocks = system.run("pdbedit", "-L", "-v").split("---------------\n")
    # In a list Samba makes the guest account up; asked for by name, it tells what is stored.
    blocks = [block for block in blocks if "User SID:" in block and not block.startswith(GUEST)]
    blocks.append(system.run("pdbedit", "-v", "-u", "Guest"))
    return sorted((_parse(block) for block in blocks), key=lambda user: user.rid)


def user(name: str) -> User | None:
    """The account of that name, whatever its letter case; None if there is none."""
    try:
        found = _parse(system.run("pdbedit", "-v", "-u", name))
    except system.CommandFailed:
        # Samba has no such account, or cannot be asked: listing them tells which.
        return next((one for one in users() if one.name.lower() == name.lower()), None)
    return found if found.name.lower() == name.lower() else None


def create_user(name: str, password: str) -> User:
    """Make an enabled account; ValueError for a name Windows refuses or one that exists."""
    if not 0 < len(name) <= 20 or FORBIDDEN.search(name) or not name.strip(". "):
        raise ValueError(f"not a user name: {name!r}")
    with system.lock("accounts"):
        if user(name) is not None:
            raise ValueError(f"user exists: {name}")
        system.run("useradd", "--badname", "--no-create-home", "--gid", "none", "--shell", "/usr/sbin/nologin", name)
        try:
            system.run("pdbedit", "-t", "-a", "-u", name, stdin=f"{password}\n{password}\n")
        except system.CommandFailed:
            system.run("userdel", name)
            raise
    return _existing(name)


def delete_user(name: str) -> None:
    """Remove the account; LookupError if there is none. Open sessions stay until they end, as on Windows."""
    with system.lock("accounts"):
        exact = _existing(name).name
        system.run("pdbedit", "-x", "-u", exact)
        system.run("userdel", exact)


def set_password(name: str, password: str) -> None:
    """Set the password, as an administrator does; also ends "must change at next log-on" and a lock-out."""
    exact = _existing(name).name
    system.run("smbpasswd", "-s", exact, stdin=f"{password}\n{password}\n")
    system.run("pdbedit", "-z", "-u", exact)


def set_disabled(name: str, wanted: bool) -> None:
    """Disable or enable the account."""
    _set(name, "disabled", wanted)


def set_password_never_expires(name: str, wanted: bool) -> None:
    """Whether the password is exempt from the maximum age."""
    _set(name, "pwnoexp", wanted)


def set_password_expired(name: str, wanted: bool) -> None:
    """Whether the password must be changed at the next log-on."""
    _set(name, "pwdmustchangenow", wanted)


def unlock(name: str) -> None:
    """End a lock-out and forget the failures counted."""
    exact = _existing(name).name
    system.run("pdbedit", "-z", "-u", exact)
    _set(exact, "autolock", False)


def set_full_name(name: str, text: str) -> None:
    """Set the full name."""
    system.run("net", "sam", "set", "fullname", _existing(name).name, text)


def set_comment(name: str, text: str) -> None:
    """Set the description."""
    system.run("net", "sam", "set", "comment", _existing(name).name, text)


def groups() -> list[Group]:
    """The built-in local groups."""
    return [Group(name, f"S-1-5-32-{rid}", tuple(grp.getgrnam(unix_group(rid)).gr_mem)) for name, rid in ALIASES]


def set_groups(name: str, sids: tuple[str, ...] | list[str]) -> None:
    """Make the account a member of exactly these built-in groups; takes effect at its next log-on."""
    exact = _existing(name).name
    for group in groups():
        member, wanted = exact in group.members, group.sid in sids
        if member != wanted:
            _member(exact, group.sid, wanted)


def add_member(group_sid: str, name: str) -> None:
    """Put the account into a built-in group, named by SID (S-1-5-32-…)."""
    _member(_existing(name).name, group_sid, True)


def remove_member(group_sid: str, name: str) -> None:
    """Take the account out of a built-in group."""
    _member(_existing(name).name, group_sid, False)


def check_password(name: str, password: str) -> bool:
    """True if an account of that name is enabled, not locked, and has that password."""
    entry = _hashes().get(name.lower())
    if entry is None or entry[1] != bytes(ntowfv1(password)).hex().upper():
        return False
    found = user(name)
    return found is not None and not found.disabled and not found.locked


def count_bad_logon(name: str) -> None:
    """Let Samba count a failed log-on that did not come over SMB, so that one lock-out serves both protocols.

    Only possible while smbd runs: it is done by a log-on that must fail. Samba counts at once but answers two seconds
    later (logon.c), so nobody waits for the answer.
    """
    command = ("smbclient", "-m", "SMB3", "-U", f"{name}%-", "-L", "127.0.0.1")
    threading.Thread(target=system.run_anyway, args=command, daemon=True).start()


def ntlm_user_file() -> Path:
    """The file pyspnego's NTLM acceptor reads (NTLM_USER_FILE): name, uid, LM, NT, flags, time; usable accounts only.

    Brought up to date at each call; replaced in one step.
    """
    usable = {one.name.lower() for one in users() if not one.disabled and not one.locked}
    lines = [
        f"{name}:{1000 + number}:{'0' * 32}:{secret}:{NEVER}:LCT-00000000:"
        for number, (key, (name, secret)) in enumerate(_hashes().items())
        if key in usable
    ]
    temporary = USER_FILE.with_suffix(".tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(USER_FILE)
    return USER_FILE


def resolve(name_or_sid: str) -> tuple[str, str]:
    """The name and SID of a local account, built-in group or well-known principal; LookupError if unknown."""
    text = name_or_sid.rpartition("\\")[2].lower()
    for sid, name in WELL_KNOWN.items():
        if text in (sid.lower(), name.lower()):
            return name, sid
    for group in groups():
        if text in (group.sid.lower(), group.name.lower()):
            return group.name, group.sid
    for one in users():
        if text in (one.sid.lower(), one.name.lower()):
            return one.name, one.sid
    raise LookupError(f"no such principal: {name_or_sid}")


WELL_KNOWN = {
    "S-1-1-0": "Everyone",
    "S-1-3-0": "CREATOR OWNER",
    "S-1-5-11": "Authenticated Users",
    "S-1-5-18": "SYSTEM",
    "S-1-5-19": "LOCAL SERVICE",
    "S-1-5-20": "NETWORK SERVICE",
    "S-1-5-2": "NETWORK",
    "S-1-5-4": "INTERACTIVE",
}


def _existing(name: str) -> User:
    found = user(name)
    if found is None:
        raise LookupError(f"no such user: {name}")
    return found


def _set(name: str, flag: str, wanted: bool) -> None:
    system.run("net", "sam", "set", flag, _existing(name).name, "yes" if wanted else "no")


def _member(exact: str, group_sid: str, wanted: bool) -> None:
    rid = int(group_sid.rpartition("-")[2])
    system.run("gpasswd", "--add" if wanted else "--delete", exact, unix_group(rid))


def _hashes() -> dict[str, tuple[str, str]]:
    """Lower-case name -> (name, NT hash in upper-case hexadecimal)."""
    fields = [line.split(":") for line in system.run("pdbedit", "-L", "-w").splitlines() if line.count(":") >= 5]
    return {one[0].lower(): (one[0], one[3]) for one in fields if not one[3].startswith("X")}


def _parse(block: str) -> User:
    values = dict(re.findall(r"^([^:\n]+?) *: *(.*)$", block, re.MULTILINE))
    name = values["Unix username"].strip()
    flags = values["Account Flags"]
    sid = values["User SID"].strip()
    return User(
        name=name,
        sid=sid,
        rid=int(sid.rpartition("-")[2]),
        disabled="D" in flags,
        locked="L" in flags,
        password_never_expires="X" in flags,
        password_expired=values.get("Password must change", "").strip() == "0",
        full_name=values.get("Full Name", "").strip(),
        comment=values.get("Account desc", "").strip(),
        groups=tuple(group.sid for group in groups() if name in group.members),
    )
