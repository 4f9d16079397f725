"""The WMI classes served, with the properties that Microsoft's schema gives them (data/wmi_classes.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "wmi_classes.json"


@dataclass(frozen=True)
class Property:
    """``kind`` is a CIM type in lower case; ``array`` whether it is a list of them."""

    name: str
    kind: str
    array: bool


@dataclass(frozen=True)
class WmiClass:
    """``properties`` and ``methods`` by their names in lower case; a method is its name and its parameters."""

    name: str
    namespace: str
    properties: dict[str, Property]
    methods: dict[str, tuple[str, tuple[str, ...]]]


@cache
def classes() -> dict[tuple[str, str], WmiClass]:
    """Every class by (namespace, name), both in lower case."""
    loaded = json.loads(DATA.read_text(encoding="utf-8"))
    found = {}
    for name, entry in loaded.items():
        properties = {
            key.casefold(): Property(key, kind.removesuffix("[]"), kind.endswith("[]"))
            for key, kind in entry["properties"].items()
        }
        methods = {key.casefold(): (key, tuple(value)) for key, value in entry.get("methods", {}).items()}
        for namespace in (entry["namespace"], *entry.get("also_in", ())):
            found[namespace.casefold(), name.casefold()] = WmiClass(name, namespace, properties, methods)
    return found


def namespaces() -> set[str]:
    """The namespaces that hold a class served, in lower case."""
    return {namespace for namespace, _ in classes()}
