"""uwfmgr.exe, as far as it is used: what it sets holds from the next start on (host/overlay.py)."""

from __future__ import annotations

import re

from ..host import Host
from ..shells import Output

UWFMGR = re.compile(
    r"^uwfmgr\.exe (?:filter (?P<filter>enable|disable)|volume protect (?P<drive>[a-zA-Z]):|"
    r'file add-exclusion (?:"(?P<quoted>[^"]+)"|(?P<path>\S+)))$'
)


def uwfmgr(host: Host, found: re.Match[str]) -> Output:
    """Fails where the feature is not installed: then there is no such program."""
    with host.store.change() as state:
        uwf = state["uwf"]
        if uwf is None:
            return Output(b"", b"'uwfmgr.exe' is not recognized as an internal or external command", 1)
        if found["filter"]:
            uwf["enabled_next"] = found["filter"] == "enable"
        elif found["drive"]:
            uwf["volumes_next"] = sorted({*uwf["volumes_next"], found["drive"].upper()})
        else:
            uwf["exclusions_next"] = sorted({*uwf["exclusions_next"], found["quoted"] or found["path"]})
    return Output(b"Unified Write Filter Configuration Utility\r\n")
