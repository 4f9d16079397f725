"""Enumerate, Pull and static methods of three classes (MS-WSMV 3.1.4.1, 3.1.4.11, 3.1.4.16)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from .. import soap
from ..host import Host
from ..soap import ENUMERATION, WSMAN, XSI, Fault, Request
from . import parse, processes, schema, stdregprov, taskmethods, wire
from .instances import PROVIDERS

DIALECT = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
# 0x8033801A, and WBEM_E_INVALID_QUERY.
_CANNOT_PROCESS_FILTER = 2150858778
_INVALID_QUERY = 0x80041017
_REASON = "The WS-Management service cannot process the filter."
# Even where thousands are allowed, Windows puts one item into the EnumerateResponse and the others into Pulls.
_FIRST = 1


class WmiService:
    """WMI of one host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._open: dict[str, list[str]] = {}

    def enumerate(self, request: Request) -> bytes:
        """Run a query; the first item comes at once if the request allows it."""
        self._host.count("wql")
        body = _child(request.body, ENUMERATION, "Enumerate")
        items = self._answer(_namespace(request.resource), _filter(body))
        optimized = body.find(f"{{{WSMAN}}}OptimizeEnumeration") is not None
        first, rest = (items[:_FIRST], items[_FIRST:]) if optimized else ([], items)
        context = self._keep(rest) if rest or not optimized else ""
        inner = f"<n:EnumerationContext>{context}</n:EnumerationContext>"
        if optimized:
            inner += f"<w:Items>{''.join(first)}</w:Items>" if first else "<w:Items/>"
        inner += "" if context else "<w:EndOfSequence/>"
        return soap.reply(request, f"<n:EnumerateResponse>{inner}</n:EnumerateResponse>")

    def pull(self, request: Request) -> bytes:
        """The next items of an enumeration."""
        body = _child(request.body, ENUMERATION, "Pull")
        context = (body.findtext(f"{{{ENUMERATION}}}EnumerationContext") or "").strip()
        most = int(body.findtext(f"{{{ENUMERATION}}}MaxElements") or 1)
        with self._lock:
            items = self._open.pop(context, None)
        if items is None:
            raise Fault("n:InvalidEnumerationContext", 2150858763, "The enumeration context is not valid.")
        now, rest = items[:most], items[most:]
        context = self._keep(rest) if rest else ""
        inner = f"<n:EnumerationContext>{context}</n:EnumerationContext><n:Items>{''.join(now)}</n:Items>"
        inner += "" if context else "<n:EndOfSequence/>"
        return soap.reply(request, f"<n:PullResponse>{inner}</n:PullResponse>")

    def invoke(self, request: Request) -> bytes:
        """A static method; its name is the last part of the action."""
        namespace, _, class_name = request.resource[len(wire.PREFIX) :].partition("?")[0].rpartition("/")
        found = _class(namespace, class_name)
        uri, _, method = request.action.rpartition("/")
        known = method in {name for name, _ in found.methods.values()}
        if uri.casefold() != request.resource.casefold() or not known:
            raise Fault("a:ActionNotSupported", 2150858754, f"The action {request.action} is not supported.")
        self._host.count("wql", f"{found.name}.{method}")
        if (
            request.body is None
            or len(request.body) != 1
            or request.body[0].tag != f"{{{request.resource}}}{method}_INPUT"
        ):
            raise Fault(
                "w:SchemaValidationError", 2150858817, f"The request has no {method}_INPUT in its class's namespace."
            )
        given: dict[str, str | None] = {
            entry.tag.rpartition("}")[2]: None if entry.get(f"{{{XSI}}}nil") == "true" else entry.text or ""
            for entry in request.body[0]
        }
        takes = {entry.split(":")[1] for entry in found.methods[method.casefold()][1] if entry.startswith("in:")}
        if unknown := sorted(set(given) - takes):
            raise Fault("w:InvalidParameter", 2150858762, f"{method} has no parameter {unknown[0]}.")
        answer = _METHODS[found.name](self._host, method, given)
        inner = "".join(wire.element(name, kind, value, "p:") for name, kind, value in answer if value is not None)
        return soap.reply(
            request,
            f'<p:{method}_OUTPUT xmlns:p="{request.resource}">{inner}</p:{method}_OUTPUT>',
            request.action + "Response",
        )

    def _answer(self, namespace: str, text: str) -> list[str]:
        try:
            query = parse.parse(text)
        except parse.InvalidQuery as exc:
            raise _invalid_query() from exc
        found = _class(namespace, query.class_name)
        chosen = None if query.properties is None else [name.casefold() for name in query.properties]
        named = [*(chosen or []), *(name.casefold() for name in query.tested)]
        for name in named:
            if name not in found.properties:
                raise _invalid_query()
        if any(found.properties[name.casefold()].array for name in query.tested):
            raise _invalid_query()
        provider = PROVIDERS.get(found.name)
        if provider is None:
            raise _unmodelled(f"the class {found.name}")
        provided = provider(self._host)
        lacking = next((name for row in provided for name in named if name not in _folded(row)), None)
        if lacking is not None:
            raise _unmodelled(f"the property {found.properties[lacking].name} of {found.name}")
        if chosen is None and any(entry.kind == "object" for entry in found.properties.values()):
            raise _unmodelled(f"all of {found.name}; ask for properties by name")
        rows = [row for row in map(_folded, provided) if query.condition(row)]
        if chosen is None:
            return [wire.instance(found, row) for row in rows]
        return [wire.fragment(found, row, chosen) for row in rows]

    def _keep(self, items: list[str]) -> str:
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        with self._lock:
            self._open[context] = items
        return context


_METHODS: dict[str, Callable[[Host, str, dict[str, str | None]], stdregprov.Out]] = {
    "StdRegProv": stdregprov.call,
    "Win32_Process": lambda host, method, given: processes.create(host, given),
    "PS_ScheduledTask": taskmethods.call,
}


def _folded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): value for name, value in row.items()}


def _namespace(resource: str) -> str:
    path = resource[len(wire.PREFIX) :]
    namespace, _, last = path.rpartition("/")
    if last != "*":
        raise Fault("w:InvalidParameter", 2150858752, "A WQL filter needs a resource URI that ends in /*.")
    return namespace


def _class(namespace: str, name: str) -> schema.WmiClass:
    if namespace.casefold() not in schema.namespaces():
        raise Fault(
            "n:CannotProcessFilter", _CANNOT_PROCESS_FILTER, _REASON, f"The namespace {namespace} is not valid."
        )
    found = schema.classes().get((namespace.casefold(), name.casefold()))
    if found is None:
        inner = "The specified class does not exist in the given namespace. "
        raise Fault("n:CannotProcessFilter", _CANNOT_PROCESS_FILTER, _REASON, inner)
    return found


def _filter(body: ElementTree.Element) -> str:
    for namespace in (WSMAN, ENUMERATION):
        found = body.find(f"{{{namespace}}}Filter")
        if found is not None:
            if found.get("Dialect", "").casefold() != DIALECT.casefold():
                raise Fault("n:FilterDialectRequestedUnavailable", 2150858777, "The filter dialect is not supported.")
            return (found.text or "").strip()
    raise Fault("n:CannotProcessFilter", _CANNOT_PROCESS_FILTER, "The request has no filter.")


def _child(body: ElementTree.Element | None, namespace: str, name: str) -> ElementTree.Element:
    found = body.find(f"{{{namespace}}}{name}") if body is not None else None
    if found is None:
        raise Fault("w:SchemaValidationError", 2150858817, f"The request has no {name}.")
    return found


def _invalid_query() -> Fault:
    return Fault("n:CannotProcessFilter", _INVALID_QUERY, "The WQL query is invalid.", "Invalid query ")


def _unmodelled(what: str) -> Fault:
    reason = f"The stand-in does not model {what}."
    return Fault("w:InternalError", 2150858752, reason, reason, sender=False)
