"""Making a bare host: what a fresh Windows installation would show on the wire.

The machine has a SID of its own (or one it shares with others, if the room says so), the four built-in accounts, the
built-in groups that remote administration needs, administrative shares, and drives with Windows' default descriptor.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import drives, names, system
from .descriptor import drive_root_descriptor

SMB_CONF = Path("/etc/samba/smb.conf")
MARK = "bare.json"
# Relative identifiers of [MS-SAMR] 2.2.1.14 and [MS-DTYP] 2.4.2.4.
BUILT_IN_USERS = (("Administrator", 500), ("Guest", 501), ("DefaultAccount", 503), ("WDAGUtilityAccount", 504))
ALIASES = (("Administrators", 544), ("Users", 545), ("Guests", 546), ("Remote Desktop Users", 555),
           ("Remote Management Users", 580))
GROUPS = (("Domain Admins", 512), ("None", 513))
PRIVILEGES = (
    "SeDiskOperatorPrivilege",
    "SeBackupPrivilege",
    "SeRestorePrivilege",
    "SeTakeOwnershipPrivilege",
    "SeRemoteShutdownPrivilege",
    "SeSecurityPrivilege",
)
# Ten failures lock for ten minutes, as new installations of Windows 11 and Server 2022 do.
POLICIES = (("bad lockout attempt", "10"), ("lockout duration", "10"), ("reset count minutes", "10"),
            ("min password length", "0"))
FOLDERS = ("Windows", "Windows/System32", "Windows/Temp", "Users", "Users/Public", "Users/Public/Desktop",
           "Program Files", "Program Files (x86)", "ProgramData")


def make_bare() -> None:
    """Make this container a bare host, once; later starts only refresh the configuration file."""
    shutil.copyfile(Path(__file__).with_name("smb.conf"), SMB_CONF)
    if system.load(MARK, {"done": False})["done"]:
        return
    settings = system.settings()
    _make_groups()
    _make_switches()
    current = names.Names(settings["computer"], "WORKGROUP")
    names.put_in_force(current)
    system.save(names.FILE, vars(current))
    _map_groups()
    _make_users(settings["machine_sid"], settings["admin"]["password"])
    for policy, value in POLICIES:
        system.run("pdbedit", "-P", policy, "-C", value)
    system.run("net", "sam", "rights", "grant", "Administrators", *PRIVILEGES)
    _make_drives("cd" if settings["role"] == "server" else "c")
    system.save(MARK, {"done": True})


def unix_group(rid: int) -> str:
    """The Unix group that stands for the Windows group of that RID."""
    return "none" if rid == 513 else f"win{rid}"


def _make_groups() -> None:
    """Write Unix groups and users straight into their files: the container is new, and useradd takes its time."""
    administrator = BUILT_IN_USERS[0][0]
    groups = [
        f"{unix_group(rid)}:x:{20000 + rid}:{administrator if rid in (512, 544) else ''}" for _, rid in (*ALIASES, *GROUPS)
    ]
    users = [f"{name}:x:{20000 + rid}:{20000 + 513}::/nonexistent:/usr/sbin/nologin" for name, rid in BUILT_IN_USERS]
    for file, lines in ((Path("/etc/group"), groups), (Path("/etc/passwd"), users)):
        file.write_text(file.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")


def _make_switches() -> None:
    for key, value in (("server min protocol", "SMB3_11"), ("server signing", "mandatory")):
        system.run("net", "conf", "setparm", "global", key, value)


def _map_groups() -> None:
    for name, rid in ALIASES:
        sid, kind = f"S-1-5-32-{rid}", "builtin"
        system.run("net", "groupmap", "add", f"sid={sid}", f"unixgroup={unix_group(rid)}", f"type={kind}",
                   f"ntgroup={name}")
    for name, rid in GROUPS:
        system.run("net", "groupmap", "add", f"rid={rid}", f"unixgroup={unix_group(rid)}", "type=domain",
                   f"ntgroup={name}")


def _make_users(machine_sid: str, password: str) -> None:
    for name, rid in BUILT_IN_USERS:
        secret = password if rid == 500 else os.urandom(16).hex()
        system.run("pdbedit", "-t", "-a", "-u", name, "-U", f"{machine_sid}-{rid}", stdin=f"{secret}\n{secret}\n")
        flags = "[X]" if rid == 500 else "[DX]"
        system.run("pdbedit", "-u", name, "-c", flags)


def _make_drives(letters: str) -> None:
    for letter in letters:
        root = drives.ROOT / letter
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o777)
        os.setxattr(root, "user.NTACL", drive_root_descriptor())
        _make_share(f"{letter.upper()}$", root, "Default share")
    for folder in FOLDERS:
        (drives.ROOT / "c" / folder).mkdir(parents=True, exist_ok=True)
        (drives.ROOT / "c" / folder).chmod(0o777)
    _make_share("ADMIN$", drives.ROOT / "c" / "Windows", "Remote Admin")


def _make_share(name: str, path: Path, comment: str) -> None:
    for key, value in (
        ("path", str(path)),
        ("comment", comment),
        ("administrative share", "yes"),
        ("valid users", f"+{unix_group(544)}"),
    ):
        system.run("net", "conf", "setparm", name, key, value)
