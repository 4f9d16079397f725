"""What a host's antivirus needs before the exam, by what was seen of it (V5).

A filter loads this in every task that Ansible runs, so nothing is imported here that connects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Nobody prepares for a session further away with a scan that will be too old by then.
_AHEAD_DAYS: Final = 7


@dataclass(frozen=True)
class Limits:
    """How old signatures and scan may be on the day of the session, in days."""

    signatures: int
    scan: int


def needs(seen: Mapping[str, Any], wanted: str, days_ahead: int, limits: Limits) -> dict[str, Any]:
    """What a host needs: ``{"signatures": …, "scan": …, "told": …}``; ``told`` is for a person, or empty.

    :param seen: the section antivirus of the look, ``{"value": …}`` or ``{"unknown": reason}``.
    :param wanted: required, or what the exam says of the protection of this host: optional, disabled.
    :param days_ahead: days until the session; what is just young enough today is too old then.
    """
    nothing = {"signatures": False, "scan": False}
    if "unknown" in seen:
        return nothing | {"told": f"防病毒状态读不到 its antivirus could not be read: {seen['unknown']}"}
    if wanted != "required":
        return nothing | {"told": ""}
    value = seen["value"]
    others = [one["name"] for one in value["products"] or () if not one["defender"] and one["enabled"]]
    if others:
        names = "、".join(others)
        return nothing | {
            "told": f"由 {names} 防护，请在其中更新病毒库并扫描 {names} protects it: update it and scan with it by hand"
        }
    found = value["defender"]
    if found is None or found["enabled"] is False:
        return nothing | {
            "told": "Defender 没有工作：请启用它，或确认其他防病毒软件已更新并扫描 "
            "Defender is not at work: switch it on, or see to it that another product is up to date and has scanned"
        }
    ahead = min(max(days_ahead, 0), _AHEAD_DAYS)
    signatures, scan = found["signature_age_days"], found["scan_age_days"]
    return {
        "signatures": signatures is None or signatures + ahead > limits.signatures,
        # One of today is as young as a scan can be.
        "scan": scan is None or (scan > 0 and scan + ahead > limits.scan),
        "told": "",
    }
