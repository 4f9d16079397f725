"""Defender and Windows Security Center."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from ..defender import age_days, scan_times, settled
from ..host import Host

Rows = list[dict[str, Any]]


def computer_status(host: Host) -> Rows:
    """Defender of itself; ages in days, 4294967295 for never."""
    state = settled(host)["antivirus"]
    quick, full = scan_times(state, "quick"), scan_times(state, "full")
    return [
        {
            "AMServiceEnabled": True,
            "AntivirusEnabled": state["enabled"],
            "RealTimeProtectionEnabled": state["real_time"],
            "AntivirusSignatureVersion": state["signature_version"],
            "AntivirusSignatureAge": age_days(host, state, "signature"),
            "QuickScanAge": age_days(host, state, "quick"),
            "QuickScanStartTime": quick[0],
            "QuickScanEndTime": quick[1],
            "FullScanAge": age_days(host, state, "full"),
            "FullScanStartTime": full[0],
            "FullScanEndTime": full[1],
            "AMRunningMode": "Normal",
        }
    ]


def threats(host: Host) -> Rows:
    """What Defender has found; active is what it has not dealt with."""
    state = settled(host)["antivirus"]
    names = dict.fromkeys([*state["threats"], *(one["name"] for one in state["detections"])])
    return [
        {"ThreatName": name, "ThreatID": zlib.crc32(name.encode()), "IsActive": name in state["threats"]}
        for name in names
    ]


def threat_detections(host: Host) -> Rows:
    """Where and when it found them."""
    return [
        {
            "DetectionID": f"{{{one['id']}}}",
            "ThreatID": zlib.crc32(one["name"].encode()),
            "InitialDetectionTime": datetime.fromisoformat(one["at"]),
            "Resources": [f"file:_{one['file']}"],
            "ActionSuccess": one["cleaned"],
            # Quarantined, QuarantineFailed.
            "ThreatStatusID": 3 if one["cleaned"] else 102,
        }
        for one in settled(host)["antivirus"]["detections"]
    ]


def products(host: Host) -> Rows:
    """Who registered with Security Center."""
    return [
        {"displayName": one["name"], "productState": one["state"]} for one in host.store.read()["antivirus"]["products"]
    ]
