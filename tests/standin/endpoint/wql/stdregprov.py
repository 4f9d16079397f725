"""StdRegProv: the registry by methods without an instance (WMI SDK, StdRegProv class)."""

from __future__ import annotations

from typing import Any

from ..host import Host
from ..registry import HIVES, KINDS, Registry, part_of_user

# Win32 errors that the methods return.
_FOUND = 0
_NO_FILE = 2
_INVALID_PARAMETER = 87
# WBEM_E_TYPE_MISMATCH: what a Get…Value answers for a value of another type.
_WRONG_TYPE = 0x80041005
_READS = {
    "GetStringValue": ("string", "sValue"),
    "GetExpandedStringValue": ("expandstring", "sValue"),
    "GetDWORDValue": ("dword", "uValue"),
    "GetQWORDValue": ("qword", "uValue"),
    "GetMultiStringValue": ("multistring", "sValue"),
    "GetBinaryValue": ("binary", "uValue"),
}
_WRITES = ("CreateKey", "SetDWORDValue", "SetStringValue")
COMPUTER_NAMES = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName"
Out = list[tuple[str, str, Any]]


def call(host: Host, method: str, given: dict[str, str | None]) -> Out:
    """The out parameters of a method as (name, kind, value); a value of None is left out."""
    hive = int(given.get("hDefKey") or HIVES["HKLM"])
    letters = next((name for name, number in HIVES.items() if number == hive), None)
    sub_key = (given.get("sSubKeyName") or "").strip("\\")
    path = f"{letters}\\{sub_key}" if sub_key else str(letters)
    registry = _registry(host)
    if letters is not None and method in _WRITES:
        user = sub_key.partition("\\")[0]
        # Windows makes no key directly below: a hive is loaded there.
        lacking = letters == "HKU" and not registry.has_key(part_of_user(user))
        code = _INVALID_PARAMETER if lacking else _write(host, method, path, given)
        return [("ReturnValue", "uint32", code)]
    if letters is None or not registry.has_key(path):
        return [("ReturnValue", "uint32", _NO_FILE)]
    if method == "EnumKey":
        return [("ReturnValue", "uint32", _FOUND), ("sNames", "string", registry.sub_keys(path) or None)]
    if method == "EnumValues":
        values = registry.values(path)
        return [
            ("ReturnValue", "uint32", _FOUND),
            ("sNames", "string", [value.name for value in values] or None),
            ("Types", "sint32", [KINDS[value.kind] for value in values] or None),
        ]
    kind, out = _READS[method]
    value = registry.get(path, given.get("sValueName") or "")
    if value is None:
        return [("ReturnValue", "uint32", _NO_FILE)]
    if value.kind != kind and not (kind == "string" and value.kind == "expandstring"):
        return [("ReturnValue", "uint32", _WRONG_TYPE)]
    return [("ReturnValue", "uint32", _FOUND), (out, kind, value.data)]


def _registry(host: Host) -> Registry:
    """The model, with the names of the computer: the one in force, and the one that the next start will bring.

    Without what Windows keeps for users who are not signed in.
    """
    state = host.store.read()
    registry = Registry(dict(state["registry"]))
    for sid, profile in state["profiles"].items():
        if not profile["loaded"]:
            registry.delete_key(part_of_user(sid))
    name = host.backend.computer_name()
    for key, value in (("ActiveComputerName", name), ("ComputerName", host.backend.pending_name() or name)):
        registry.set(rf"{COMPUTER_NAMES}\{key}", "ComputerName", "string", value)
    return registry


def _write(host: Host, method: str, path: str, given: dict[str, str | None]) -> int:
    with host.lock, host.store.change() as state:
        registry = Registry(state["registry"])
        if method == "CreateKey":
            registry.create_key(path)
            return _FOUND
        if not registry.has_key(path):
            return _NO_FILE
        if method == "SetStringValue":
            registry.set(path, given.get("sValueName") or "", "string", given.get("sValue") or "")
            return _FOUND
        # uValue is uint32; DWORDs beyond it are none.
        registry.set(path, given.get("sValueName") or "", "dword", int(given.get("uValue") or 3) & 0xFFFFFFFF)
    return _FOUND
