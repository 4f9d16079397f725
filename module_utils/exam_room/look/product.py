"""Which kind of Windows a host has: some of what is looked at is there on clients only."""

from __future__ import annotations

from typing import Final

from ..wire.wsman import CIMV2, Wmi, single

#: Win32_OperatingSystem.ProductType of a workstation.
_CLIENT: Final = 1


def is_client(wmi: Wmi) -> bool:
    """Whether it is no server."""
    return bool(single(wmi.query(CIMV2, "Win32_OperatingSystem", {"ProductType": "int"}))["ProductType"] == _CLIENT)
