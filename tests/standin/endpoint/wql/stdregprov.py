"""StdRegProv: the registry by methods without an instance (WMI SDK, StdRegProv class)."""

from __future__ import annotations

from typing import Any

from ..host import Host
from ..registry import HIVES, KINDS, Registry
from ..soap import Fault
from .schema import WmiClass

# Win32 errors that the methods return.
_FOUND = 0
_NO_FILE = 2
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
Out = list[tuple[str, str, Any]]


def call(host: Host, wmi_class: WmiClass, method: str, given: dict[str, str | None]) -> Out:
    """The out parameters of a method as (name, kind, value); a value of None is left out.

    :raises Fault: for a method or parameter that StdRegProv lacks.
    """
    known = wmi_class.methods.get(method.casefold())
    if known is None or known[0] != method:
        raise Fault("a:ActionNotSupported", 2150858754, f"StdRegProv has no method {method} here.")
    takes = {entry.split(":")[1] for entry in known[1] if entry.startswith("in:")}
    unknown = sorted(set(given) - takes)
    if unknown:
        raise Fault("w:InvalidParameter", 2150858762, f"{method} has no parameter {unknown[0]}.")
    hive = int(given.get("hDefKey") or HIVES["HKLM"])
    letters = next((name for name, number in HIVES.items() if number == hive), None)
    sub_key = (given.get("sSubKeyName") or "").strip("\\")
    registry = Registry(host.store.read()["registry"])
    path = f"{letters}\\{sub_key}" if sub_key else str(letters)
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
