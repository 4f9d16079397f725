"""The model of roles/software/files/host/Get-InstalledProgram.ps1: the same list, from the host's modelled registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..endpoint.registry import Registry

if TYPE_CHECKING:
    from ..endpoint.host import Host

_UNINSTALL = r"Microsoft\Windows\CurrentVersion\Uninstall"
_PLACES = {"64": rf"SOFTWARE\{_UNINSTALL}", "32": rf"SOFTWARE\WOW6432Node\{_UNINSTALL}"}
_PERSON = re.compile(r"S-1-(5-21|12-1)(-[0-9]+)+")


def directly(host: Host, parameters: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """The script as win_powershell runs it: the keys of the result."""
    if parameters:
        return {"failed": True, "msg": f"the script does not take these parameters: {sorted(parameters)}"}
    registry = Registry(dict(host.store.read()["registry"]))
    programs = [one for view, path in _PLACES.items() for one in _programs(registry, rf"HKLM\{path}", view)]
    for sid in filter(_PERSON.fullmatch, registry.sub_keys("HKU")):
        for path in _PLACES.values():
            programs += _programs(registry, rf"HKU\{sid}\{path}", "user")
    return {"output": [{"programs": programs}]}


def _programs(registry: Registry, path: str, view: str) -> Iterator[dict[str, Any]]:
    for name in registry.sub_keys(path):
        key = rf"{path}\{name}"
        yield {
            "key": name,
            "view": view,
            "name": _text(registry, key, "DisplayName"),
            "version": _text(registry, key, "DisplayVersion"),
            "publisher": _text(registry, key, "Publisher"),
            "component": _text(registry, key, "SystemComponent"),
            "update": registry.get(key, "ParentKeyName") is not None,
        }


def _text(registry: Registry, key: str, name: str) -> str | None:
    value = registry.get(key, name)
    return str(value.data) if value and value.kind in {"string", "expandstring", "dword"} else None
