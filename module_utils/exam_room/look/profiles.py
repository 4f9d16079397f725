"""The profiles of people on a host: whose, where, and whether somebody is signed in with it."""

from __future__ import annotations

import re
from typing import Any, Final

from ..wire.wsman import CIMV2, HKU, Wmi

#: Accounts of people, local ones and those of Microsoft Entra; not services, and not what keeps a person's classes.
_PERSON: Final = re.compile(r"S-1-(5-21|12-1)(-[0-9]+)+")


def profiles(wmi: Wmi) -> list[dict[str, Any]]:
    """Shape in :mod:`facts`; those of Windows' own services are left out."""
    rows = wmi.query(
        CIMV2, "Win32_UserProfile", {"SID": "str", "LocalPath": "str", "Loaded": "bool"}, "Special = FALSE"
    )
    return [{"sid": row["SID"], "path": row["LocalPath"], "loaded": row["Loaded"]} for row in rows]


def signed_in(wmi: Wmi) -> list[str]:
    """The SIDs of the people whose part of the registry is loaded, for they are signed in. One round trip."""
    return [sid for sid in wmi.registry_keys("", HKU) or () if _PERSON.fullmatch(sid)]
