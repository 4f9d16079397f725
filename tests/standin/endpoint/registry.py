"""The registry as a model: keys and values under canonical hive names, whatever the case they are asked for in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HIVES = {
    "HKLM": 0x80000002,
    "HKCR": 0x80000000,
    "HKCU": 0x80000001,
    "HKU": 0x80000003,
    "HKCC": 0x80000005,
}
# MS-RRP 3.1.1.5
KINDS = {"none": 0, "string": 1, "expandstring": 2, "binary": 3, "dword": 4, "multistring": 7, "qword": 11}


@dataclass(frozen=True)
class Value:
    """One value of a key; ``data`` is a str, an unsigned int, a list of str, or a list of byte values."""

    name: str
    kind: str
    data: Any


class Registry:
    """A view on the ``registry`` part of the model state; setting changes that part."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self._keys = keys

    def has_key(self, path: str) -> bool:
        """Whether the key exists, itself or as a parent of one."""
        folded = path.casefold()
        return folded in self._keys or any(key.startswith(folded + "\\") for key in self._keys)

    def create_key(self, path: str) -> None:
        self._keys.setdefault(path.casefold(), {"path": path, "values": {}})

    def delete_key(self, path: str) -> None:
        """Remove the key and all below it; nothing happens if there is none."""
        folded = path.casefold()
        for key in [key for key in self._keys if key == folded or key.startswith(folded + "\\")]:
            del self._keys[key]

    def get(self, path: str, name: str) -> Value | None:
        entry = self._keys.get(path.casefold(), {}).get("values", {}).get(name.casefold())
        return Value(*entry) if entry else None

    def set(self, path: str, name: str, kind: str, data: Any) -> None:
        self.create_key(path)
        self._keys[path.casefold()]["values"][name.casefold()] = [name, kind, data]

    def delete(self, path: str, name: str) -> None:
        self._keys.get(path.casefold(), {}).get("values", {}).pop(name.casefold(), None)

    def values(self, path: str) -> list[Value]:
        return [Value(*entry) for entry in self._keys.get(path.casefold(), {}).get("values", {}).values()]

    def sub_keys(self, path: str) -> list[str]:
        """Names of the keys directly below."""
        return sorted(set(self._below(path)), key=str.casefold)

    def _below(self, path: str) -> Iterator[str]:
        folded = path.casefold() + "\\"
        for key, entry in self._keys.items():
            if key.startswith(folded):
                yield entry["path"][len(folded) :].split("\\")[0]


def part_of_user(sid: str) -> str:
    """The key that holds what Windows keeps for a user; it is loaded while he is signed in."""
    return rf"HKU\{sid}"


def dword_parameters(state: dict[str, Any], path: str) -> dict[str, int]:
    """The DWORD values of a key."""
    values = Registry(state["registry"]).values(path)
    return {value.name: value.data for value in values if value.kind == "dword"}
