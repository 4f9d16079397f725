"""What all stand-in hosts have in common, made once while the image is built: accounts, groups, policies, privileges.

Samba stores accounts by RID, so they become a host's own as soon as it gets a SID (first_boot.py). This module and what
it imports are part of the image's recipe (image.py): a change makes a new image.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import system

SMB_CONF = Path("/etc/samba/smb.conf")
SHARE_RIGHTS = Path("/var/lib/samba/share_info.tdb")
TEMPLATE_SID = "S-1-5-21-1-1-1"
DEFAULT_PASSWORD = "Standin-Adm1n!"
# Relative identifiers of [MS-SAMR] 2.2.1.14 and [MS-DTYP] 2.4.2.4.
BUILT_IN_USERS = (("Administrator", 500), ("Guest", 501), ("DefaultAccount", 503), ("WDAGUtilityAccount", 504))
ALIASES = (
    ("Administrators", 544),
    ("Users", 545),
    ("Guests", 546),
    ("Remote Desktop Users", 555),
    ("Remote Management Users", 580),
)
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
POLICIES = (
    ("bad lockout attempt", "10"),
    ("lockout duration", "10"),
    ("reset count minutes", "10"),
    ("min password length", "0"),
)


def main() -> None:
    """Fill /etc and /var/lib/samba of the image."""
    shutil.copyfile(Path(__file__).with_name("smb.conf"), SMB_CONF)
    _make_unix_accounts()
    system.run("net", "setlocalsid", TEMPLATE_SID)
    for name, rid in ALIASES:
        map_group(f"sid=S-1-5-32-{rid}", name, rid, "builtin")
    for name, rid in GROUPS:
        map_group(f"rid={rid}", name, rid, "domain")
    for name, rid in BUILT_IN_USERS:
        _make_user(name, rid)
    for policy, value in POLICIES:
        system.run("pdbedit", "-P", policy, "-C", value)
    system.run("net", "sam", "rights", "grant", "Administrators", *PRIVILEGES)
    for name, _ in GROUPS:
        system.run("net", "groupmap", "delete", f"ntgroup={name}")
    # Samba's RPC process opens this as the caller, not as root, and nobody but root has a shell on a host.
    system.run("net", "conf", "setparm", "ADMIN$", "path", "/")
    system.run("sharesec", "ADMIN$", "--replace", "S-1-1-0:ALLOWED/0x0/FULL")
    SHARE_RIGHTS.chmod(0o666)


def unix_group(rid: int) -> str:
    """The Unix group that stands for the Windows group of that RID."""
    return "none" if rid == 513 else f"win{rid}"


def map_group(which: str, name: str, rid: int, kind: str) -> None:
    """Tie a Windows group, given as ``sid=…`` or ``rid=…``, to its Unix group."""
    system.run("net", "groupmap", "add", which, f"unixgroup={unix_group(rid)}", f"type={kind}", f"ntgroup={name}")


def _make_unix_accounts() -> None:
    administrator = BUILT_IN_USERS[0][0]
    groups = [
        f"{unix_group(rid)}:x:{20000 + rid}:{administrator if rid in (512, 544) else ''}"
        for _, rid in (*ALIASES, *GROUPS)
    ]
    users = [f"{name}:x:{20000 + rid}:{20000 + 513}::/nonexistent:/usr/sbin/nologin" for name, rid in BUILT_IN_USERS]
    for file, lines in ((Path("/etc/group"), groups), (Path("/etc/passwd"), users)):
        file.write_text(file.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")


def _make_user(name: str, rid: int) -> None:
    secret = DEFAULT_PASSWORD if rid == 500 else os.urandom(16).hex()
    system.run("pdbedit", "-t", "-a", "-u", name, "-U", f"{TEMPLATE_SID}-{rid}", stdin=f"{secret}\n{secret}\n")
    system.run("pdbedit", "-u", name, "-c", "[X]" if rid == 500 else "[DX]")


if __name__ == "__main__":
    main()
