"""Policies of a machine written by StdRegProv, all over one connection.

ansible.windows.win_regedit takes a call for each value, of one to two seconds each on Windows; there are eighteen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..wire.wsman import HKLM, REGISTRY, Wmi, WsmanError


def write(wmi: Wmi, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Make each ``{"key": …, "name": …, "wanted": …}`` a DWORD below HKEY_LOCAL_MACHINE, and read all of them back.

    :raises WsmanError: where Windows refuses, or has another value afterwards.
    """
    for key in dict.fromkeys(str(one["key"]) for one in wanted):
        values = {str(one["name"]): int(one["wanted"]) for one in wanted if one["key"] == key}
        given = {"hDefKey": str(HKLM), "sSubKeyName": key}
        _must(wmi.invoke(REGISTRY, "StdRegProv", "CreateKey", given), key)
        for name, value in values.items():
            more = {"sValueName": name, "uValue": str(value)}
            _must(wmi.invoke(REGISTRY, "StdRegProv", "SetDWORDValue", given | more), rf"{key}\{name}")
        found, _ = wmi.registry(key, list(values))
        if found != values:
            raise WsmanError(f"注册表 {key} 应为 {values}，写入后仍是 {found}", f"{key} is {found} still, not {values}")


def _must(code: int, what: str) -> None:
    if code != 0:
        raise WsmanError(
            f"写入注册表 {what} 失败（错误 {code}）", f"writing {what} to the registry failed: error {code}"
        )
