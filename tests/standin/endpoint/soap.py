"""SOAP envelopes of WS-Management, in and out (MS-WSMV 2.2; DSP0226)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"

_NAMESPACES = (
    f'xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:x="{TRANSFER}" xmlns:n="{ENUMERATION}" xmlns:w="{WSMAN}" '
    f'xmlns:rsp="{SHELL}" xmlns:f="{FAULT}" xmlns:xsi="{XSI}" xmlns:cim="{CIM}"'
)


@dataclass(frozen=True)
class Fault(Exception):
    """What a request is refused with: an HTTP 500 with a SOAP fault (MS-WSMV 2.2.4.43).

    ``subcode`` is a prefixed name such as ``w:InternalError``; ``provider`` the provider's own message, if any.
    """

    subcode: str
    code: int
    reason: str
    provider: str | None = None
    sender: bool = True


@dataclass(frozen=True)
class Request:
    """The parts of an envelope that the endpoint acts on."""

    action: str
    resource: str
    message_id: str
    selectors: dict[str, str]
    options: dict[str, str]
    body: ElementTree.Element | None
    timeout: float = field(default=60.0)


def parse(raw: bytes) -> Request:
    """Read an envelope.

    :raises Fault: wsman:SchemaValidationError for what is not a SOAP 1.2 envelope with an action.
    """
    try:
        envelope = ElementTree.fromstring(raw)
    except ElementTree.ParseError as exc:
        raise Fault("w:SchemaValidationError", 2150858817, f"The request is no XML: {exc}") from None
    header = envelope.find(f"{{{SOAP}}}Header")
    body = envelope.find(f"{{{SOAP}}}Body")
    action = header.findtext(f"{{{ADDRESSING}}}Action") if header is not None else None
    if header is None or not action:
        raise Fault("w:SchemaValidationError", 2150858817, "The request has no Action.")
    return Request(
        action=action.strip(),
        resource=(header.findtext(f"{{{WSMAN}}}ResourceURI") or "").strip(),
        message_id=(header.findtext(f"{{{ADDRESSING}}}MessageID") or "").strip(),
        selectors=_named(header, "SelectorSet", "Selector"),
        options=_named(header, "OptionSet", "Option"),
        body=body,
        timeout=_seconds(header.findtext(f"{{{WSMAN}}}OperationTimeout")),
    )


def _named(header: ElementTree.Element, outer: str, inner: str) -> dict[str, str]:
    found = header.findall(f"{{{WSMAN}}}{outer}/{{{WSMAN}}}{inner}")
    return {entry.get("Name", "").casefold(): (entry.text or "").strip() for entry in found}


def _seconds(duration: str | None) -> float:
    """The OperationTimeout that pywinrm and pypsrp send: ``PT20S``, ``PT20.000S``."""
    try:
        return float((duration or "").removeprefix("PT").removesuffix("S"))
    except ValueError:
        return 60.0


def reply(request: Request, body: str, action: str | None = None) -> bytes:
    """The answer to ``request``, whose body is XML already."""
    return _envelope(action or request.action + "Response", request.message_id, body)


def fault(fault_: Fault, message_id: str, machine: str) -> bytes:
    """The envelope of a fault, with the detail that Windows adds."""
    provider = ""
    if fault_.provider is not None:
        provider = (
            '<f:ProviderFault provider="WMI Provider" path="%systemroot%\\system32\\WsmWmiPl.dll">'
            f'<f:WSManFault Code="{fault_.code}" Machine={quoteattr(machine)}>'
            f"<f:Message>{escape(fault_.provider)}</f:Message></f:WSManFault></f:ProviderFault>"
        )
    body = (
        f"<s:Fault><s:Code><s:Value>s:{'Sender' if fault_.sender else 'Receiver'}</s:Value>"
        f"<s:Subcode><s:Value>{fault_.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(fault_.reason)}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{fault_.code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{escape(fault_.reason)}{provider}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return _envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", message_id, body)


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f"<s:Envelope {_NAMESPACES}><s:Header><a:Action>{escape(action)}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        f"<a:To>{ADDRESSING}/role/anonymous</a:To><a:RelatesTo>{escape(relates_to)}</a:RelatesTo>"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
