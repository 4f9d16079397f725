"""How much each account may save on each volume of a server (NTFS disk quotas), by their WMI classes.

NTFS counts what belongs to an account, wherever on the volume it lies; administrators have no limit. Sources:
Win32_QuotaSetting, Win32_DiskQuota (Microsoft).
"""

from __future__ import annotations

from typing import Any, Final

from ..wire.wsman import CIMV2, Wmi
from .product import is_client

_DISABLED: Final = 0
_ENFORCED: Final = 2


def quotas(wmi: Wmi) -> list[dict[str, Any]] | None:
    """Each volume of a server with its limits in bytes; None on a client, which keeps nobody's results."""
    if is_client(wmi):
        return None
    settings = wmi.query(CIMV2, "Win32_QuotaSetting", {"VolumePath": "str", "State": "int"})
    limits: dict[str, list[dict[str, Any]]] = {}
    # Where no volume counts there is nothing to read.
    if any(one["State"] != _DISABLED for one in settings):
        for row in wmi.query(
            CIMV2, "Win32_DiskQuota", {"QuotaVolume": "reference", "User": "reference", "Limit": "int"}
        ):
            volume = _key(row["QuotaVolume"], "deviceid")
            limits.setdefault(volume, []).append({"account": _key(row["User"], "name"), "limit": row["Limit"]})
    return [
        {
            "volume": one["VolumePath"].rstrip("\\"),
            "enforced": one["State"] == _ENFORCED,
            "limits": limits.get(one["VolumePath"].rstrip("\\").upper(), []),
        }
        for one in settings
    ]


def _key(reference: Any, name: str) -> str:
    return {key.casefold(): str(value) for key, value in reference.keys.items()}[name].upper()
