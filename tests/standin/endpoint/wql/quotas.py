"""Win32_QuotaSetting and Win32_DiskQuota, of the volume D: of a server."""

from __future__ import annotations

from typing import Any

from ..host import Host
from .wire import Reference

Rows = list[dict[str, Any]]
_NO_LIMIT = -1


def settings(host: Host) -> Rows:
    """State: 0 disabled, 2 enforced."""
    return [
        {
            "VolumePath": f"{volume}\\",
            "State": 2 if one["enforced"] else 0,
            "DefaultLimit": _NO_LIMIT,
            "DefaultWarningLimit": _NO_LIMIT,
            "ExceededNotification": False,
            "WarningExceededNotification": False,
        }
        for volume, one in host.store.read()["quotas"].items()
    ]


def entries(host: Host) -> Rows:
    """The limits of accounts that are there; nothing counts how much they use."""
    domain = host.backend.computer_name().upper()
    return [
        {
            "QuotaVolume": Reference("root/cimv2", "Win32_LogicalDisk", {"DeviceID": volume}),
            "User": Reference("root/cimv2", "Win32_Account", {"Domain": domain, "Name": user.name}),
            "Limit": one["limits"][user.name.casefold()]["limit"],
            "WarningLimit": one["limits"][user.name.casefold()]["warning"],
            "Status": 0,
        }
        for volume, one in host.store.read()["quotas"].items()
        for user in host.backend.users()
        if user.name.casefold() in one["limits"]
    ]
