"""ansible.windows.win_regedit and win_reg_stat, on the model's registry."""

from __future__ import annotations

import re
from typing import Any

from ..host import Host
from ..registry import HIVES, Registry, Value
from ..task import ModuleFailure, Result, Task, with_diff

_PATH = re.compile(r"^(HK(?:CC|CR|CU|LM|U)):\\(.+?)\\?$", re.IGNORECASE)
_SHOWN = {
    "none": "REG_NONE",
    "string": "REG_SZ",
    "expandstring": "REG_EXPAND_SZ",
    "binary": "REG_BINARY",
    "dword": "REG_DWORD",
    "multistring": "REG_MULTI_SZ",
    "qword": "REG_QWORD",
}
_KINDS = {
    "none": "None",
    "string": "String",
    "expandstring": "ExpandString",
    "binary": "Binary",
    "dword": "DWord",
    "multistring": "MultiString",
    "qword": "QWord",
}


def win_regedit(host: Host, task: Task) -> Result:
    args = task.args
    if args["hive"]:
        raise ModuleFailure("The stand-in does not load registry hives from files.")
    path, shown = _key(args["path"]), args["path"]
    name = args["name"] or ""
    kind = args["type"] if args["name"] is not None else "string"
    result: Result = {"changed": False, "data_changed": False, "data_type_changed": False}
    before: Any = ""
    after: Any = ""
    with host.store.change(keep=not task.check_mode) as state:
        registry = Registry(state["registry"])
        if args["state"] == "present":
            data = _data(kind, args["data"], name)
            existed = registry.has_key(path)
            before, after = ({shown: {}} if existed else {}), {shown: {}}
            old = registry.get(path, name)
            result["changed"] = not existed
            registry.create_key(path)
            if data is not None and (old is None or (old.kind, old.data) != (kind, data)):
                result["changed"] = True
                if old is not None:
                    result["data_type_changed"] = old.kind != kind
                    result["data_changed"] = old.data != data
                registry.set(path, name, kind, data)
            if old is not None and existed:
                before[shown][name] = _diff(old)
            # The real module stops after making a key in check mode, before it looks at the value.
            if data is not None and (existed or not task.check_mode):
                after[shown][name] = _diff(Value(name, kind, data))
        elif registry.has_key(path):
            old = registry.get(path, name)
            if args["delete_key"] and not name:
                registry.delete_key(path)
                result["changed"], before, after = True, {shown: {}}, {}
            elif old is not None:
                registry.delete(path, name)
                result["changed"], before, after = True, {shown: {name: _diff(old)}}, {shown: {}}
    return with_diff(result, task, before, after)


def win_reg_stat(host: Host, task: Task) -> Result:
    path = _key(task.args["path"])
    registry = Registry(host.store.read()["registry"])
    if not registry.has_key(path):
        return {"changed": False, "exists": False}
    name = task.args["name"]
    if name is None:
        return {
            "changed": False,
            "exists": True,
            "properties": {value.name: _stat(value) for value in registry.values(path)},
            "sub_keys": registry.sub_keys(path),
        }
    value = registry.get(path, name)
    if value is None:
        return {"changed": False, "exists": False}
    return {"changed": False, "exists": True, **_stat(value)}


def _key(path: str) -> str:
    """``HKLM:\\SOFTWARE\\X`` as ``HKLM\\SOFTWARE\\X``."""
    found = _PATH.match(path)
    if not found or found.group(1).upper() not in HIVES:
        raise ModuleFailure(f"path: {path} is not a valid powershell path, see module documentation for examples.")
    return f"{found.group(1).upper()}\\{found.group(2)}"


def _data(kind: str, data: Any, name: str) -> Any:
    """The data of a task in the form the registry model keeps, None for a key without a value."""
    if kind in {"binary", "none"}:
        return _bytes(data)
    if kind in {"dword", "qword"}:
        return _number(kind, data)
    if kind == "multistring":
        if data is None:
            return []
        return [str(entry) for entry in data] if isinstance(data, list) else [str(data)]
    if data is None:
        return "" if name else None
    if isinstance(data, (list, dict)):
        raise ModuleFailure(f"data of a {kind} must be one value, not a {type(data).__name__}")
    return str(data)


def _number(kind: str, data: Any) -> int:
    bits = 32 if kind == "dword" else 64
    try:
        number = int(data or 0) if not isinstance(data, str) else int(data, 0)
    except (TypeError, ValueError):
        raise ModuleFailure(f"data '{data}' is not a number, as type {kind} needs") from None
    if isinstance(data, float) and data % 1:
        raise ModuleFailure(
            f"data '{data}' cannot be a decimal or float value with a remainder when type is dword or qword"
        )
    if number >= 1 << bits:
        raise ModuleFailure(f"data cannot be larger than 0x{'f' * (bits // 4)} when type is {kind}")
    return number % (1 << bits)


def _bytes(data: Any) -> list[int]:
    if data is None:
        return []
    if isinstance(data, list):
        return [int(entry) & 0xFF for entry in data]
    if isinstance(data, int):
        if data > 255:
            raise ModuleFailure(
                f"cannot convert binary data '{data}' to byte array, please specify this value as a "
                "yaml byte array or a comma separated hex value string"
            )
        return [data]
    text = re.sub(r"[^a-f0-9:,]", "", str(data).lower().removeprefix("hex:")).replace(",", ":")
    pairs = text.split(":") if ":" in text else re.findall("..?", text)
    return [int(pair, 16) for pair in pairs if pair]


def _diff(value: Value) -> dict[str, Any]:
    data = value.data
    if value.kind in {"binary", "none"}:
        data = [f"0x{byte:02x}" for byte in data]
    elif value.kind == "dword":
        data = f"0x{data:08x}"
    elif value.kind == "qword":
        data = f"0x{data:016x}"
    return {"type": _KINDS[value.kind], "value": data}


def _stat(value: Value) -> dict[str, Any]:
    raw = value.data
    if value.kind in {"binary", "none"}:
        raw = [f"0x{byte:02x}" for byte in raw]
    return {"type": _SHOWN[value.kind], "value": value.data, "raw_value": raw}
