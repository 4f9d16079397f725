"""Instances as XML (MS-WSMV 3.1.4.1.26; shapes seen from Windows in shared captures).

A whole instance is an element of its class, its properties in the class's namespace; a SELECT list gives XmlFragment
with the properties in alphabetical order and no namespace. A null is xsi:nil, a null array is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..soap import ADDRESSING
from .schema import Property, WmiClass

PREFIX = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Reference:
    """A pointer to an instance: its class and its keys."""

    namespace: str
    class_name: str
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Embedded:
    """An instance inside a property: what the row lacks is null."""

    wmi_class: WmiClass
    row: Mapping[str, Any]


def instance(wmi_class: WmiClass, row: Mapping[str, Any]) -> str:
    """A whole instance; what the row lacks is null."""
    uri = f"{PREFIX}{wmi_class.namespace}/{wmi_class.name}"
    inner = "".join(_property(entry, row.get(key), "p:", "cim:") for key, entry in wmi_class.properties.items())
    return (
        f'<p:{wmi_class.name} xmlns:p={quoteattr(uri)} xsi:type="p:{wmi_class.name}_Type">{inner}</p:{wmi_class.name}>'
    )


def fragment(wmi_class: WmiClass, row: Mapping[str, Any], names: Sequence[str]) -> str:
    """The named properties (lower case) of an instance."""
    chosen = sorted({wmi_class.properties[name] for name in names}, key=lambda entry: entry.name)
    inner = "".join(_property(entry, row.get(entry.name.casefold()), "", "") for entry in chosen)
    return f"<w:XmlFragment>{inner}</w:XmlFragment>"


def element(name: str, kind: str, value: Any, prefix: str) -> str:
    """One value, or each of a list of values, as elements of that name."""
    if isinstance(value, (list, tuple)):
        return "".join(element(name, kind, entry, prefix) for entry in value)
    if value is None:
        return f'<{prefix}{name} xsi:nil="true"/>'
    if isinstance(value, Embedded):
        return _embedded(name, value, prefix)
    return f"<{prefix}{name}>{_value(kind, value, 'cim:' if prefix else '')}</{prefix}{name}>"


def _embedded(name: str, value: Embedded, prefix: str) -> str:
    """The property's element is of the class and holds its properties (DSP0230, seen in OMI)."""
    found = value.wmi_class
    uri = f"{PREFIX}{found.namespace}/{found.name}"
    row = {key.casefold(): given for key, given in value.row.items()}
    unknown = set(row) - set(found.properties)
    if unknown:
        raise LookupError(f"{found.name} has no {sorted(unknown)[0]}")
    inner = "".join(_property(entry, row.get(key), "e:", "cim:") for key, entry in found.properties.items())
    return f'<{prefix}{name} xmlns:e={quoteattr(uri)} xsi:type="e:{found.name}_Type">{inner}</{prefix}{name}>'


def _property(entry: Property, value: Any, prefix: str, cim: str) -> str:
    if entry.array:
        return "" if value is None else element(entry.name, entry.kind, list(value), prefix)
    return element(entry.name, entry.kind, value, prefix)


def _value(kind: str, value: Any, cim: str) -> str:
    if isinstance(value, Reference):
        selectors = "".join(
            f"<w:Selector Name={quoteattr(name)}>{escape(text)}</w:Selector>" for name, text in value.keys.items()
        )
        return (
            f"<a:Address>{ADDRESSING}/role/anonymous</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{PREFIX}{value.namespace}/{value.class_name}</w:ResourceURI>"
            f"<w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters>"
        )
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return f"<{cim}Datetime>{text}</{cim}Datetime>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_CONTROL.sub("?", str(value)))
