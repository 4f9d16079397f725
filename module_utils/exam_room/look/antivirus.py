"""What protects a host from viruses (V5): Defender by its own WMI classes, other products by Windows Security Center.

Sources: MSFT_MpComputerStatus, MSFT_MpThreat, MSFT_MpThreatDetection (Microsoft); AntiVirusProduct of
root/SecurityCenter2, which Microsoft does not document, as everybody reads it: 0x1000 of productState is on, 0x10 is
out of date.
"""

from __future__ import annotations

import ntpath
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ..wire.wsman import CIMV2, DEFENDER, SECURITY_CENTER, Wmi, quoted, single
from .product import is_client

_ON, _OUT_OF_DATE = 0x1000, 0x10
#: The age that Defender gives for what never was, on old and new builds.
_NEVER: Final = (65_535, 4_294_967_295)
_PROGRAM: Final = "MpCmdRun.exe"
#: Where it lies in every Windows; what an update of the platform brings lies beside the service that runs.
_SHIPPED: Final = r"C:\Program Files\Windows Defender"


def antivirus(wmi: Wmi) -> dict[str, Any]:
    """Shape in :mod:`facts`. Each namespace is asked only where it is: servers have no Security Center."""
    return {"defender": defender(wmi), "products": _products(wmi) if is_client(wmi) else None}


def defender(wmi: Wmi) -> dict[str, Any] | None:
    """Defender alone; None where it is not installed."""
    service = wmi.query(CIMV2, "Win32_Service", {"Name": "str", "PathName": "str"}, f"Name = {quoted('WinDefend')}")
    if not service:
        return None
    status = single(
        wmi.query(
            DEFENDER,
            "MSFT_MpComputerStatus",
            {
                "AMServiceEnabled": "bool",
                "AntivirusEnabled": "bool",
                "RealTimeProtectionEnabled": "bool",
                "AntivirusSignatureVersion": "str",
                "AntivirusSignatureAge": "int",
                "QuickScanAge": "int",
                "QuickScanStartTime": "datetime",
                "QuickScanEndTime": "datetime",
                "FullScanAge": "int",
                "FullScanStartTime": "datetime",
                "FullScanEndTime": "datetime",
            },
        )
    )
    known = wmi.query(DEFENDER, "MSFT_MpThreat", {"ThreatID": "int", "ThreatName": "str", "IsActive": "bool"})
    scans = [age for age in (_days(status["QuickScanAge"]), _days(status["FullScanAge"])) if age is not None]
    scan = _last_scan(status)
    return {
        "enabled": status["AMServiceEnabled"] and status["AntivirusEnabled"],
        "real_time": status["RealTimeProtectionEnabled"],
        "program": _program(service[0]["PathName"]),
        "signature_version": status["AntivirusSignatureVersion"],
        "signature_age_days": _days(status["AntivirusSignatureAge"]),
        "scan_age_days": min(scans, default=None),
        "scan": scan,
        "threats": sorted(row["ThreatName"] for row in known if row["IsActive"]),
        "found": _found(wmi, {row["ThreatID"]: row["ThreatName"] for row in known}, scan),
    }


def _program(path: str | None) -> str:
    """MpCmdRun.exe of the version that runs: it lies beside the program of the service."""
    folder = ntpath.dirname((path or "").strip().strip('"'))
    beside = folder.casefold().rpartition("\\")[2] not in ("", "system32")
    return ntpath.join(folder if beside else _SHIPPED, _PROGRAM)


def _last_scan(status: Mapping[str, Any]) -> dict[str, Any] | None:
    """The quick or full scan that ended last."""
    ended = [
        (status[f"{kind}ScanEndTime"], kind.casefold(), status[f"{kind}ScanStartTime"])
        for kind in ("Quick", "Full")
        if _days(status[f"{kind}ScanAge"]) is not None and status[f"{kind}ScanEndTime"] is not None
    ]
    if not ended:
        return None
    end, kind, start = max(ended, key=lambda one: one[0])
    return {"kind": kind, "start": _time(start), "end": _time(end)}


def _found(wmi: Wmi, names: Mapping[int, str], scan: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What was detected since the last scan began."""
    if not names or scan is None or scan["start"] is None:
        return []
    rows = wmi.query(
        DEFENDER,
        "MSFT_MpThreatDetection",
        {"ThreatID": "int", "InitialDetectionTime": "datetime", "Resources": "str[]", "ActionSuccess": "bool"},
    )
    since = datetime.fromisoformat(scan["start"])
    return [
        {
            "name": names.get(row["ThreatID"], str(row["ThreatID"])),
            "at": _time(row["InitialDetectionTime"]),
            "files": row["Resources"] or [],
            "dealt_with": row["ActionSuccess"],
        }
        for row in rows
        if row["InitialDetectionTime"] is None or row["InitialDetectionTime"] >= since
    ]


def _products(wmi: Wmi) -> list[dict[str, Any]]:
    rows = wmi.query(SECURITY_CENTER, "AntiVirusProduct", {"displayName": "str", "productState": "int"})
    return [
        {
            "name": row["displayName"],
            "enabled": bool(row["productState"] & _ON),
            "up_to_date": not row["productState"] & _OUT_OF_DATE,
            # Defender registers itself; it tells more by its own classes.
            "defender": "defender" in row["displayName"].casefold(),
        }
        for row in rows
    ]


def _days(age: int | None) -> int | None:
    return None if age is None or age in _NEVER else age


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
