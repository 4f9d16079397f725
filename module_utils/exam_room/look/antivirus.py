"""What protects a host from viruses (V5): Defender by its own WMI classes, other products by Windows Security Center.

Sources: MSFT_MpComputerStatus, MSFT_MpThreat (Microsoft); AntiVirusProduct of root/SecurityCenter2, which Microsoft
does not document, as everybody reads it: 0x1000 of productState is on, 0x10 is out of date.
"""

from __future__ import annotations

from typing import Any, Final

from ..wire.wsman import CIMV2, DEFENDER, SECURITY_CENTER, Wmi, quoted, single
from .product import is_client

_ON, _OUT_OF_DATE = 0x1000, 0x10
#: The age that Defender gives for what never was, on old and new builds.
_NEVER: Final = (65_535, 4_294_967_295)


def antivirus(wmi: Wmi) -> dict[str, Any]:
    """Shape in :mod:`facts`. Each namespace is asked only where it is: servers have no Security Center."""
    installed = wmi.query(CIMV2, "Win32_Service", {"Name": "str"}, f"Name = {quoted('WinDefend')}")
    return {
        "defender": _defender(wmi) if installed else None,
        "products": _products(wmi) if is_client(wmi) else None,
    }


def _defender(wmi: Wmi) -> dict[str, Any]:
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
                "FullScanAge": "int",
            },
        )
    )
    threats = wmi.query(DEFENDER, "MSFT_MpThreat", {"ThreatName": "str"}, "IsActive = TRUE")
    scans = [age for age in (_days(status["QuickScanAge"]), _days(status["FullScanAge"])) if age is not None]
    return {
        "enabled": status["AMServiceEnabled"] and status["AntivirusEnabled"],
        "real_time": status["RealTimeProtectionEnabled"],
        "signature_version": status["AntivirusSignatureVersion"],
        "signature_age_days": _days(status["AntivirusSignatureAge"]),
        "scan_age_days": min(scans, default=None),
        "threats": sorted(row["ThreatName"] for row in threats),
    }


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
