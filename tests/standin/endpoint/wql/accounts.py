"""Win32_UserAccount, Win32_Group and Win32_GroupUser, from Samba's accounts."""

from __future__ import annotations

from typing import Any

from ..backend import BUILTIN_GROUPS
from ..host import Host
from .wire import Reference

Rows = list[dict[str, Any]]
# SidTypeUser and SidTypeAlias (MS-SAMR 2.2.2.3); UF_NORMAL_ACCOUNT.
_USER, _ALIAS, _NORMAL = 1, 4, 512


def users(host: Host) -> Rows:
    domain = host.backend.computer_name().upper()
    return [
        {
            "AccountType": _NORMAL,
            "Caption": f"{domain}\\{user.name}",
            "Description": user.description,
            "Disabled": user.disabled,
            "Domain": domain,
            "FullName": user.fullname,
            "InstallDate": None,
            "LocalAccount": True,
            "Lockout": user.locked,
            "Name": user.name,
            "PasswordChangeable": not user.cannot_change_password,
            "PasswordExpires": not user.password_never_expires,
            "PasswordRequired": True,
            "SID": user.sid,
            "SIDType": _USER,
            "Status": "Degraded" if user.disabled else "OK",
        }
        for user in host.backend.users()
    ]


def groups(host: Host) -> Rows:
    domain = host.backend.computer_name().upper()
    return [
        {
            "Caption": f"{domain}\\{name}",
            "Domain": domain,
            "InstallDate": None,
            "LocalAccount": True,
            "Name": name,
            "SID": sid,
            "SIDType": _ALIAS,
            "Status": "OK",
        }
        for sid, name in BUILTIN_GROUPS.items()
    ]


def group_users(host: Host) -> Rows:
    domain = host.backend.computer_name().upper()
    return [
        {
            "GroupComponent": Reference("root/cimv2", "Win32_Group", {"Domain": domain, "Name": BUILTIN_GROUPS[sid]}),
            "PartComponent": Reference("root/cimv2", "Win32_UserAccount", {"Domain": domain, "Name": user.name}),
        }
        for user in host.backend.users()
        for sid in user.groups
        if sid in BUILTIN_GROUPS
    ]


def profiles(host: Host) -> Rows:
    """Of people; Windows also lists those of its services, which are special."""
    service = {
        "SID": "S-1-5-18",
        "LocalPath": r"C:\Windows\system32\config\systemprofile",
        "Loaded": True,
        "Special": True,
    }
    return [
        service,
        *(
            {"SID": sid, "LocalPath": profile["path"], "Loaded": profile["loaded"], "Special": False}
            for sid, profile in host.store.read()["profiles"].items()
        ),
    ]
