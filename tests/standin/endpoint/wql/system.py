"""The computer, its operating system, services and drives."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import Any

from ..host import Host
from ..models.services import is_running

Rows = list[dict[str, Any]]
_START_MODES = {"auto": "Auto", "delayed": "Auto", "manual": "Manual", "disabled": "Disabled"}
_CAPABILITIES = {2: "Other", 3: "Random Access", 4: "Supports Writing", 7: "Supports Removable Media"}
_FIXED, _OPTICAL = 3, 5
_BUILD = "26100"
_INSTALLED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def computer_system(host: Host) -> Rows:
    name, group = host.backend.computer_name(), host.backend.workgroup()
    return [
        {
            "Caption": name.upper(),
            "DNSHostName": name,
            "Domain": group,
            "DomainRole": 2 if host.server else 0,
            "Manufacturer": "LENOVO",
            "Model": "30E1S5QK00",
            "Name": name.upper(),
            "NumberOfProcessors": 1,
            "PartOfDomain": False,
            "PrimaryOwnerName": None,
            "Status": "OK",
            "SystemType": "x64-based PC",
            "TotalPhysicalMemory": 8_437_272_576,
            "UserName": f"{name.upper()}\\{user}" if (user := host.store.read()["signed_in"]) else None,
            "Workgroup": group,
        }
    ]


def operating_system(host: Host) -> Rows:
    return [
        {
            "BootDevice": r"\Device\HarddiskVolume1",
            "BuildNumber": _BUILD,
            "Caption": "Microsoft Windows Server 2025 Standard" if host.server else "Microsoft Windows 11 专业版",
            "CountryCode": "86",
            "CSName": host.backend.computer_name().upper(),
            "CurrentTimeZone": 480,
            "InstallDate": _INSTALLED,
            "LastBootUpTime": datetime.fromtimestamp(host.backend.boot_time(), UTC),
            "LocalDateTime": host.clock(),
            "Locale": "0804",
            "MUILanguages": ["zh-CN"],
            "OperatingSystemSKU": 7 if host.server else 48,
            "OSArchitecture": "64 位",
            "OSLanguage": 2052,
            "ProductType": 3 if host.server else 1,
            "Status": "OK",
            "SystemDrive": "C:",
            "Version": f"10.0.{_BUILD}",
            "WindowsDirectory": r"C:\Windows",
        }
    ]


def services(host: Host) -> Rows:
    found = []
    for service in host.store.read()["services"].values():
        running = is_running(host, service)
        found.append(
            {
                "AcceptStop": running,
                "Caption": service["display_name"],
                "DelayedAutoStart": service["start_mode"] == "delayed",
                "Description": service["description"] or None,
                "DisplayName": service["display_name"],
                "Name": service["name"],
                "PathName": service["path"],
                "Started": running,
                "StartMode": _START_MODES[service["start_mode"]],
                "StartName": service["username"],
                "State": "Running" if running else "Stopped",
                "Status": "OK",
            }
        )
    return found


def drivers(host: Host) -> Rows:
    """Kernel drivers; the model has a few of the hundreds that Windows has."""
    return [
        {
            "Caption": driver["name"],
            "DisplayName": driver["name"],
            "Name": driver["name"],
            "PathName": rf"C:\Windows\system32\drivers\{driver['name']}.sys",
            "Started": driver["running"],
            "StartMode": driver["start_mode"],
            "State": "Running" if driver["running"] else "Stopped",
            "Status": "OK",
        }
        for driver in host.store.read()["drivers"].values()
    ]


def logical_disks(host: Host) -> Rows:
    disks: Rows = []
    for letter, folder in host.files.drives.items():
        usage = shutil.disk_usage(folder)
        disks.append(_disk(f"{letter}:", _FIXED, "NTFS", usage.total, usage.free, "" if letter == "C" else "数据"))
    for drive in _plugged_in(host):
        disks.append(
            _disk(drive["drive"], _OPTICAL, "CDFS" if drive["media_loaded"] else None, None, None, drive["volume"])
        )
    return disks


def _disk(
    letter: str, kind: int, file_system: str | None, size: int | None, free: int | None, volume: str | None
) -> dict[str, Any]:
    return {
        "Caption": letter,
        "Description": "本地固定磁盘" if kind == _FIXED else "CD-ROM 光盘",
        "DeviceID": letter,
        "DriveType": kind,
        "FileSystem": file_system,
        "FreeSpace": free,
        "Name": letter,
        "Size": size,
        "VolumeName": volume,
    }


def optical_drives(host: Host) -> Rows:
    return [
        {
            "Capabilities": drive["capabilities"],
            "CapabilityDescriptions": [_CAPABILITIES[number] for number in drive["capabilities"]],
            "Caption": drive["name"],
            "Description": "CD-ROM 驱动器",
            "Drive": drive["drive"],
            "Id": drive["drive"],
            "MediaLoaded": drive["media_loaded"],
            "MediaType": "DVD Writer" if 4 in drive["capabilities"] else "DVD-ROM",
            "Name": drive["name"],
            "Status": "OK",
            "VolumeName": drive["volume"],
        }
        for drive in _plugged_in(host)
    ]


def _plugged_in(host: Host) -> Rows:
    """The optical drives that Windows finds (host/burner.py switches them)."""
    return [drive for drive in host.store.read()["optical"] if "no-burner" not in drive.get("faults", ())]
