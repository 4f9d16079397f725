"""What of a host's restore protection shows from inside (V8): drivers, services, the Unified Write Filter, Deep Freeze.

The names that run are the evidence, to be judged again by a longer list of products; restorecards.py has it.
"""

from __future__ import annotations

from typing import Any, Final

from ..wire.wsman import CIMV2, EMBEDDED, Wmi, quoted
from . import restorecards

#: The Unified Write Filter's; there wherever the feature is installed.
DRIVER: Final = "uwfvol"
#: Deep Freeze says itself whether it protects: "Frozen" or "Thawed"; a program of 32 bits up to version 8.
_DEEP_FREEZE: Final = (r"SOFTWARE\WOW6432Node\Faronics\Deep Freeze 6", r"SOFTWARE\Faronics\Deep Freeze 6")
_STATUS: Final = "DF Status"
#: Where roles/restore_card notes what a client was prepared for.
PREPARED_KEY: Final = r"SOFTWARE\ExamRoom"
PREPARED: Final = "Prepared"


def restore_protection(wmi: Wmi) -> dict[str, Any]:
    """Names of the drivers and services that run, and what two products say of themselves; shape in :mod:`facts`."""
    names = wmi.query(
        CIMV2, "Win32_SystemDriver", {"Name": "str", "State": "str"}, f"State = 'Running' OR Name = {quoted(DRIVER)}"
    )
    services = wmi.query(CIMV2, "Win32_Service", {"Name": "str"}, "State = 'Running'")
    seen = {
        "drivers": sorted(row["Name"] for row in names if row["State"] == "Running"),
        "services": sorted(row["Name"] for row in services),
        # Asked only where its driver is: what Windows answers for a namespace that it has not is not known.
        "uwf": write_filter(wmi) if any(row["Name"].casefold() == DRIVER for row in names) else None,
        "deep_freeze": _deep_freeze(wmi),
        "prepared": wmi.registry(PREPARED_KEY, (PREPARED,))[0][PREPARED],
    }
    return seen | {"cards": [one.as_dict() for one in restorecards.found(seen)]}


def write_filter(wmi: Wmi) -> dict[str, Any]:
    """The filter now and after the next start, and the volumes it protects now and then."""
    filters = wmi.query(EMBEDDED, "UWF_Filter", {"CurrentEnabled": "bool", "NextEnabled": "bool"})
    volumes = wmi.query(EMBEDDED, "UWF_Volume", {"DriveLetter": "str", "Protected": "bool", "CurrentSession": "bool"})
    protected = [row for row in volumes if row["Protected"]]
    return {
        "enabled": filters[0]["CurrentEnabled"] if filters else None,
        "enabled_next": filters[0]["NextEnabled"] if filters else None,
        "volumes": sorted(row["DriveLetter"] or "?" for row in protected if row["CurrentSession"]),
        "volumes_next": sorted(row["DriveLetter"] or "?" for row in protected if not row["CurrentSession"]),
    }


def _deep_freeze(wmi: Wmi) -> str | None:
    for key in _DEEP_FREEZE:
        values, _ = wmi.registry(key, (_STATUS,))
        if values[_STATUS]:
            return str(values[_STATUS])
    return None
