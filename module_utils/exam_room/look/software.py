"""The programs that Windows lists as installed, over WMI: the keys Uninstall of the registry, wherever they lie.

For all users there are two, of 64-bit and of 32-bit programs; whoever is signed in may have programs of his own, which
show only while he is. What Windows itself does not list is left out: components (SystemComponent) and updates of
another program (ParentKeyName). Source: Microsoft, "Uninstall Registry Key" of the Windows Installer.
An inspection takes the quicker way of programs.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from ..wire.wsman import HKLM, HKU, RegistryValue, Wmi, WsmanError
from .profiles import signed_in
from .programs import in_order, nothing_read, plain, program

_UNINSTALL: Final = r"Microsoft\Windows\CurrentVersion\Uninstall"
_64, _32 = rf"SOFTWARE\{_UNINSTALL}", rf"SOFTWARE\WOW6432Node\{_UNINSTALL}"
_SHOWN: Final = ("DisplayName", "DisplayVersion", "Publisher")
#: How many seconds the list may take: a host whose look takes too long as a whole counts as not reached.
_SECONDS: Final = 60.0
#: REG_SZ, REG_EXPAND_SZ, REG_DWORD: some installers write a version as a number.
_READABLE: Final = (1, 2, 4)


def software(wmi: Wmi, clock: Callable[[], float] = time.monotonic) -> list[dict[str, Any]]:
    """Each program's name, version, publisher (null: not given), view (64, 32 or user) and key; sorted by name."""
    end = clock() + _SECONDS
    found = []
    for one in _everywhere(wmi):
        if clock() > end:
            raise WsmanError(
                f"{_SECONDS:g} 秒内没有读完已安装的程序", f"the list of programs took longer than {_SECONDS:g} s"
            )
        found.append(one)
    return in_order(found)


def _everywhere(wmi: Wmi) -> Iterator[dict[str, Any]]:
    keys = wmi.registry_keys(_64)
    if not keys:
        raise nothing_read()
    yield from _programs(wmi, HKLM, _64, keys, "64")
    yield from _programs(wmi, HKLM, _32, wmi.registry_keys(_32), "32")
    for person in signed_in(wmi):
        for place in (_64, _32):
            path = rf"{person}\{place}"
            yield from _programs(wmi, HKU, path, wmi.registry_keys(path, HKU), "user")


def _programs(wmi: Wmi, hive: int, path: str, keys: list[str] | None, view: str) -> Iterator[dict[str, Any]]:
    for key in keys or ():
        values = _listed(wmi, hive, rf"{path}\{key}")
        if values is not None:
            yield program(values["DisplayName"], values["DisplayVersion"], values["Publisher"], view, key)


def _listed(wmi: Wmi, hive: int, key: str) -> dict[str, str | None] | None:
    """What a key says of a program, None where Windows lists none."""
    kinds = wmi.registry_values(key, hive)
    if "displayname" not in kinds or "parentkeyname" in kinds:
        return None
    if "systemcomponent" in kinds and _text(wmi, hive, key, kinds["systemcomponent"]) == "1":
        return None
    values = {
        name: _text(wmi, hive, key, kinds[name.casefold()]) if name.casefold() in kinds else None for name in _SHOWN
    }
    # Windows does not show a program without a name either.
    return values if values["DisplayName"] else None


def _text(wmi: Wmi, hive: int, key: str, value: RegistryValue) -> str | None:
    """One value as text; None for an empty one and for what is no text."""
    if value.kind not in _READABLE:
        return None
    return plain(wmi.registry_value(key, value, hive))
