"""Policies of a machine, and of who is signed in, written by StdRegProv, all over one connection.

ansible.windows.win_regedit takes a call for each value, of one to two seconds each on Windows; there are eighteen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..look.policies import place_of
from ..wire.wsman import REGISTRY, Wmi, WsmanError


def write(wmi: Wmi, wanted: Sequence[Mapping[str, Any]], sid: str | None = None) -> None:
    """Write each ``{"key": …, "name": …, "wanted": …}`` below HKEY_LOCAL_MACHINE, and read all of them back.

    A number becomes a DWORD, a text a REG_SZ. With ``sid`` it is the part of the registry of who is signed in.

    :raises WsmanError: where Windows refuses, or has another value afterwards.
    """
    hive, below = place_of(sid)
    for policy_key in dict.fromkeys(str(one["key"]) for one in wanted):
        values = {str(one["name"]): one["wanted"] for one in wanted if one["key"] == policy_key}
        key = below + policy_key
        given = {"hDefKey": str(hive), "sSubKeyName": key}
        _must(wmi.invoke(REGISTRY, "StdRegProv", "CreateKey", given), key)
        for name, value in values.items():
            method, parameter = ("SetStringValue", "sValue") if isinstance(value, str) else ("SetDWORDValue", "uValue")
            more = {"sValueName": name, parameter: str(value)}
            _must(wmi.invoke(REGISTRY, "StdRegProv", method, given | more), rf"{key}\{name}")
        found, _ = wmi.registry(key, list(values), hive)
        if found != values:
            raise WsmanError(f"注册表 {key} 应为 {values}，写入后仍是 {found}", f"{key} is {found} still, not {values}")


def _must(code: int, what: str) -> None:
    if code != 0:
        raise WsmanError(
            f"写入注册表 {what} 失败（错误 {code}）", f"writing {what} to the registry failed: error {code}"
        )
