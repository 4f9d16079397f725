"""The profiles of people on a host: whose, where, and whether somebody is signed in with it."""

from __future__ import annotations

from typing import Any

from ..wire.wsman import CIMV2, Wmi


def profiles(wmi: Wmi) -> list[dict[str, Any]]:
    """Shape in :mod:`facts`; those of Windows' own services are left out."""
    rows = wmi.query(
        CIMV2, "Win32_UserProfile", {"SID": "str", "LocalPath": "str", "Loaded": "bool"}, "Special = FALSE"
    )
    return [{"sid": row["SID"], "path": row["LocalPath"], "loaded": row["Loaded"]} for row in rows]
