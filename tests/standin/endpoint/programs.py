"""Installed programs as Windows lists them: keys below Uninstall, in the view of 64-bit or of 32-bit programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .registry import Registry

_UNINSTALL = r"Microsoft\Windows\CurrentVersion\Uninstall"
VIEWS = {"64": rf"HKLM\SOFTWARE\{_UNINSTALL}", "32": rf"HKLM\SOFTWARE\WOW6432Node\{_UNINSTALL}"}


def put(registry: Registry, view: str, key: str, values: Mapping[str, Any]) -> None:
    """Write a program's key; texts become strings, numbers DWORDs. What stood there stays unless it is named."""
    path = rf"{VIEWS[view]}\{key}"
    registry.create_key(path)
    for name, data in values.items():
        registry.set(path, name, "dword" if isinstance(data, int) else "string", data)


def _program(name: str, version: str, publisher: str, uninstall: str, **more: Any) -> dict[str, Any]:
    return {
        "DisplayName": name,
        "DisplayVersion": version,
        "Publisher": publisher,
        "UninstallString": uninstall,
        "EstimatedSize": 48_128,
    } | more


_RUNTIME = "{f65db027-aff3-4070-886a-0d87064aabb1}"
# view, key, values; in the order in which an image would have got them
_EVERYWHERE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # Keys of Windows' own, which name no program.
    ("64", "AddressBook", {}),
    ("64", "WIC", {"NoRemove": 1}),
    ("32", "Connection Manager", {"SystemComponent": 1}),
    (
        "64",
        "7-Zip",
        _program("7-Zip 23.01 (x64)", "23.01", "Igor Pavlov", r'"C:\Program Files\7-Zip\Uninstall.exe"'),
    ),
    (
        "32",
        _RUNTIME,
        _program(
            "Microsoft Visual C++ 2013 Redistributable (x86) - 12.0.30501",
            "12.0.30501.0",
            "Microsoft Corporation",
            rf'"C:\ProgramData\Package Cache\{_RUNTIME}\vcredist_x86.exe"  /uninstall',
        ),
    ),
    # What the one above brought along: Windows does not show it.
    (
        "32",
        "{13A4EE12-23EA-3371-91EE-EFB36DDFFF3E}",
        _program(
            "Microsoft Visual C++ 2013 x86 Minimum Runtime - 12.0.21005",
            "12.0.21005",
            "Microsoft Corporation",
            "MsiExec.exe /X{13A4EE12-23EA-3371-91EE-EFB36DDFFF3E}",
            SystemComponent=1,
            WindowsInstaller=1,
        ),
    ),
    (
        "32",
        "Microsoft Edge",
        _program(
            "Microsoft Edge",
            "131.0.2903.86",
            "Microsoft Corporation",
            r'"C:\Program Files (x86)\Microsoft\Edge\Application\131.0.2903.86\Installer\setup.exe" --uninstall',
        ),
    ),
)
_OFFICE = "{90160000-0011-0000-1000-0000000FF1CE}"
_CLIENTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "32",
        "Kingsoft Office",
        _program(
            "WPS Office (12.1.0.18276)",
            "12.1.0.18276",
            "Kingsoft Corp.",
            r'"C:\Program Files (x86)\Kingsoft\WPS Office\12.1.0.18276\utility\uninst.exe"',
        ),
    ),
    (
        "32",
        "Sogou Input",
        _program(
            "搜狗输入法 14.3正式版",
            "14.3.0.9582",
            "Sogou.com",
            r"C:\Program Files (x86)\SogouInput\14.3.0.9582\Uninstall.exe",
        ),
    ),
    (
        "64",
        _OFFICE,
        _program(
            "Microsoft Office 专业增强版 2016",
            "16.0.4266.1001",
            "Microsoft Corporation",
            f"MsiExec.exe /X{_OFFICE}",
            WindowsInstaller=1,
        ),
    ),
    # An update of the one above: Windows lists it there, not among the programs.
    (
        "64",
        rf"{_OFFICE}_Office16.PROPLUS_{{9D2E7F1A-55C2-4C5B-8E0F-0B6C29CDBF4A}}",
        _program(
            "Security Update for Microsoft Office 2016 (KB4484287) 64-Bit Edition",
            "",
            "Microsoft",
            r'"C:\Program Files\Common Files\Microsoft Shared\OFFICE16\Oarpmany.exe" /removereleaseinpatch',
            ParentKeyName="Office16.PROPLUS",
            ParentDisplayName="Microsoft Office 专业增强版 2016",
        ),
    ),
    (
        "64",
        "Google Chrome",
        _program(
            "Google Chrome",
            "131.0.6778.109",
            "Google LLC",
            r'"C:\Program Files\Google\Chrome\Application\131.0.6778.109\Installer\setup.exe" --uninstall',
        ),
    ),
)


def put_initial(registry: Registry, *, server: bool) -> None:
    """What the image of a room's computer has."""
    for view, key, values in _EVERYWHERE if server else (*_EVERYWHERE, *_CLIENTS):
        put(registry, view, key, values)
