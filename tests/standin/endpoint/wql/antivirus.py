"""Defender and Windows Security Center."""

from __future__ import annotations

from typing import Any

from ..host import Host

Rows = list[dict[str, Any]]


def computer_status(host: Host) -> Rows:
    """Defender of itself; ages in days, 4294967295 for never."""
    state = host.store.read()["antivirus"]
    return [
        {
            "AMServiceEnabled": True,
            "AntivirusEnabled": state["enabled"],
            "RealTimeProtectionEnabled": state["real_time"],
            "AntivirusSignatureVersion": state["signature_version"],
            "AntivirusSignatureAge": state["signature_age"],
            "QuickScanAge": state["quick_scan_age"],
            "FullScanAge": state["full_scan_age"],
            "AMRunningMode": "Normal",
        }
    ]


def threats(host: Host) -> Rows:
    """What Defender has found and not yet dealt with."""
    return [
        {"ThreatName": name, "ThreatID": 2147519003 + number, "IsActive": True}
        for number, name in enumerate(host.store.read()["antivirus"]["threats"])
    ]


def products(host: Host) -> Rows:
    """Who registered with Security Center."""
    return [
        {"displayName": one["name"], "productState": one["state"]} for one in host.store.read()["antivirus"]["products"]
    ]
