"""The Unified Write Filter as WMI shows it."""

from __future__ import annotations

from typing import Any

from ..host import Host

Rows = list[dict[str, Any]]


def uwf_filter(host: Host) -> Rows:
    """One instance where the feature is installed."""
    uwf = host.store.read()["uwf"]
    if uwf is None:
        return []
    return [{"Id": "UWF_Filter", "CurrentEnabled": uwf["enabled"], "NextEnabled": uwf["enabled_next"]}]


def uwf_volumes(host: Host) -> Rows:
    """Each volume twice: for this session and for the next."""
    uwf = host.store.read()["uwf"]
    if uwf is None:
        return []
    return [
        {
            "CurrentSession": current,
            "DriveLetter": f"{letter}:",
            "VolumeName": f"Volume{{{letter}}}",
            "BindByDriveLetter": True,
            "CommitPending": False,
            "Protected": letter in uwf[key],
        }
        for letter in host.files.drives
        for current, key in ((True, "volumes"), (False, "volumes_next"))
    ]
