"""WMI and the registry of a Windows host, read by WQL over WS-Management (MS-WSMV; HTTPS and NTLM through pypsrp).

All but ``start`` and ``invoke`` only reads (``invoke_for`` as its method does). A query names each property with the
kind of value it expects, so an answer is typed or it is an error; a property that Windows lacks is an error too
(WBEM_E_INVALID_QUERY), never an empty value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal
from xml.etree import ElementTree

import requests
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import NAMESPACES, WSMan

from ..errors import ExamError

CIMV2 = "root/cimv2"
STANDARD = "root/StandardCimv2"
SMB = "root/Microsoft/Windows/SMB"
TASKS = "root/Microsoft/Windows/TaskScheduler"
EMBEDDED = "root/StandardCimv2/embedded"
DEFENDER = "root/Microsoft/Windows/Defender"
SECURITY_CENTER = "root/SecurityCenter2"
REGISTRY = "root/default"
HKLM = 0x80000002
HKU = 0x80000003

Kind = Literal["str", "int", "bool", "datetime", "str[]", "int[]", "reference", "object", "object[]"]
Row = dict[str, Any]

_PREFIX = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
_WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# StdRegProv.EnumValues, Types: which method reads a value, and the out parameter that holds it.
_READERS: Mapping[int, tuple[str, str, Kind]] = {
    1: ("GetStringValue", "sValue", "str"),
    2: ("GetExpandedStringValue", "sValue", "str"),
    4: ("GetDWORDValue", "uValue", "int"),
    7: ("GetMultiStringValue", "sValue", "str[]"),
    11: ("GetQWORDValue", "uValue", "int"),
}
_FILE_NOT_FOUND = 2


class WsmanError(ExamError):
    """A query failed; the host itself answers."""


class HostError(WsmanError):
    """The host cannot be asked at all: unreachable, another certificate, log-on refused."""


class LogonRefused(HostError):
    """It answers and refuses the log-on: whoever asks again and again locks the administrator's account."""


@dataclass(frozen=True)
class Login:
    """How to reach a host. ``ca_path`` names the PEM file that its certificate is checked against."""

    address: str
    username: str
    password: str = field(repr=False)
    ca_path: str
    port: int = 5986


@dataclass(frozen=True)
class RegistryValue:
    """A value of a key without its data; ``kind`` is its type (MS-RRP 3.1.1.5)."""

    name: str
    kind: int


@dataclass(frozen=True)
class Reference:
    """A pointer to an instance: its class and its keys."""

    class_name: str
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Embedded:
    """An instance inside a property of another one. ``row`` reads its properties as a query does."""

    class_name: str
    element: ElementTree.Element = field(repr=False)

    def row(self, properties: Mapping[str, Kind]) -> Row:
        """Exactly the named properties; one that is null or not there is None. :raises WsmanError: as ``query``."""
        return _row(self.element, properties)


class Wmi:
    """One connection to one host; not to be shared between threads.

    Nothing is tried twice: a wrong password counts towards the lock-out of an administrator's account.
    """

    def __init__(self, login: Login, timeout: float = 20.0) -> None:
        self._login = login
        self._connection = WSMan(
            login.address,
            port=login.port,
            username=login.username,
            password=login.password,
            ssl=True,
            auth="ntlm",
            cert_validation=login.ca_path,
            connection_timeout=timeout,
            read_timeout=timeout,
            operation_timeout=max(1, int(timeout) - 1),
            no_proxy=True,
            reconnection_retries=0,
        )

    def __enter__(self) -> Wmi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def query(self, namespace: str, class_name: str, properties: Mapping[str, Kind], where: str = "") -> list[Row]:
        """Instances of a class as dicts with exactly the named properties; a null is None.

        :raises HostError: if the host cannot be asked; :raises WsmanError: if it refuses or answers another type.
        """
        text = f"SELECT {', '.join(properties)} FROM {class_name}" + (f" WHERE {where}" if where else "")
        return [_row(item, properties) for item in self._enumerate(namespace, text)]

    def registry(self, key: str, names: Sequence[str], hive: int = HKLM) -> tuple[Row, frozenset[str]]:
        """The named values of a key, None where there is no such value, and the names of all its values.

        Only the values asked for are read. Windows does not care for the case of names; the dict has those asked for.
        """
        present = self.registry_values(key, hive)
        found: Row = {}
        for name in names:
            value = present.get(name.casefold())
            found[name] = None if value is None else self.registry_value(key, value, hive)
        return found, frozenset(value.name for value in present.values())

    def registry_values(self, key: str, hive: int = HKLM) -> dict[str, RegistryValue]:
        """Which values a key has, by their names in small letters; none where there is no such key. One round trip."""
        answer = self._call("EnumValues", hive, key)
        if answer is None:
            return {}
        pairs = zip(_texts(answer, "sNames"), map(int, _texts(answer, "Types")), strict=False)
        return {name.casefold(): RegistryValue(name, kind) for name, kind in pairs}

    def registry_value(self, key: str, value: RegistryValue, hive: int = HKLM) -> Any:
        """The data of a value that :meth:`registry_values` found; None if it is gone. One round trip."""
        return self._value(hive, key, value.name, value.kind)

    def registry_keys(self, key: str, hive: int = HKLM) -> list[str] | None:
        """The names of the keys below a key; None if there is no such key."""
        answer = self._call("EnumKey", hive, key)
        return None if answer is None else _texts(answer, "sNames")

    def start(self, program: str, arguments: Sequence[str]) -> None:
        """Run one program on the host to its end (MS-WSMV 3.1.4.10); all else in this file only reads.

        :raises HostError: if the host cannot be asked; :raises WsmanError: if the program ends with a code but 0.
        """

        def run() -> int | None:
            with WinRS(self._connection) as shell:
                process = Process(shell, program, list(arguments))
                process.invoke()
                process.signal(SignalCode.CTRL_C)
                code: int | None = process.rc
                return code

        code = self._ask(run)
        if code != 0:
            raise WsmanError(f"{program} 失败（退出码 {code}）", f"{program} failed with exit code {code}")

    def invoke(self, namespace: str, class_name: str, method: str, given: Mapping[str, str]) -> int:
        """Call a static method, which may change the host, and give its ReturnValue; 0 is success.

        :raises HostError: if the host cannot be asked; :raises WsmanError: if it has no such method.
        """
        return _return_value(self._invoke(namespace, class_name, method, given), method)

    def invoke_for(
        self, namespace: str, class_name: str, method: str, given: Mapping[str, str], properties: Mapping[str, Kind]
    ) -> Row:
        """Call a static method of a cmdlet's class, and give the named properties of its one ``cmdletOutput``.

        :raises HostError: if the host cannot be asked; :raises WsmanError: if it refuses or answers something else.
        """
        output = self._invoke(namespace, class_name, method, given)
        found = _converted([one for one in output if _local(one) == "cmdletOutput"], "object", "cmdletOutput")
        if found is None:
            raise WsmanError(f"{method} 的回答不完整", f"the answer to {method} is incomplete")
        row: Row = found.row(properties)
        return row

    def _value(self, hive: int, key: str, name: str, number: int) -> Any:
        reader = _READERS.get(number)
        if reader is None:
            raise WsmanError(
                f"注册表值 {name} 的类型 {number} 无法读取", f"registry value {name} has the type {number}"
            )
        method, out, kind = reader
        answer = self._call(method, hive, key, name)
        if answer is None:
            return None
        elements = [element for element in answer if _local(element) == out]
        return _converted(elements, kind, name)

    def _call(self, method: str, hive: int, key: str, name: str | None = None) -> ElementTree.Element | None:
        """The _OUTPUT of a StdRegProv method; None for a key or value that does not exist."""
        given = {"hDefKey": str(hive), "sSubKeyName": key} | ({} if name is None else {"sValueName": name})
        output = self._invoke(REGISTRY, "StdRegProv", method, given)
        code = _return_value(output, method)
        if code == _FILE_NOT_FOUND:
            return None
        if code != 0:
            raise WsmanError(
                f"读取注册表 {key} 失败（错误 {code}）", f"reading the registry key {key} failed: error {code}"
            )
        return output

    def _invoke(self, namespace: str, class_name: str, method: str, given: Mapping[str, str]) -> ElementTree.Element:
        """The _OUTPUT of a static method (MS-WSMV 4.1.4)."""
        uri = f"{_PREFIX}{namespace}/{class_name}"
        request = ElementTree.Element(f"{{{uri}}}{method}_INPUT")
        for name, text in given.items():
            ElementTree.SubElement(request, f"{{{uri}}}{name}").text = text
        envelope: ElementTree.Element = self._ask(lambda: self._connection.invoke(f"{uri}/{method}", uri, request))
        output = envelope.find(f"s:Body/{{{uri}}}{method}_OUTPUT", NAMESPACES)
        if output is None:
            raise WsmanError(f"{method} 的回答不完整", f"the answer to {method} is incomplete")
        return output

    def _enumerate(self, namespace: str, text: str) -> Iterator[ElementTree.Element]:
        uri = f"{_PREFIX}{namespace}/*"
        request = _element("wsen", "Enumerate")
        _element("wsman", "OptimizeEnumeration", request)
        _element("wsman", "MaxElements", request).text = "32000"
        wanted = _element("wsman", "Filter", request)
        wanted.set("Dialect", _WQL)
        wanted.text = text
        body = self._ask(lambda: self._connection.enumerate(uri, request))[0]
        while True:
            for prefix in ("wsman", "wsen"):
                items = body.find(f"{prefix}:Items", NAMESPACES)
                yield from () if items is None else items
            context = (body.findtext("wsen:EnumerationContext", namespaces=NAMESPACES) or "").strip()
            if any(body.find(f"{prefix}:EndOfSequence", NAMESPACES) is not None for prefix in ("wsman", "wsen")):
                return
            if not context:
                raise WsmanError("查询的回答没有结尾", "the answer to a query has no end")
            body = self._pull(uri, context)

    def _pull(self, uri: str, context: str) -> ElementTree.Element:
        request = _element("wsen", "Pull")
        _element("wsen", "EnumerationContext", request).text = context
        _element("wsen", "MaxElements", request).text = "32000"
        body: ElementTree.Element = self._ask(lambda: self._connection.pull(uri, request))[0]
        return body

    def _ask(self, ask: Any) -> Any:
        address = self._login.address
        try:
            answer = ask()
        except requests.exceptions.SSLError as exc:
            raise HostError(
                f"{address} 的证书无法验证，请检查 CA 文件和证书中的地址",
                f"the certificate of {address} does not pass against the CA file: {exc}",
            ) from None
        except (requests.exceptions.Timeout, requests.exceptions.ConnectionError) as exc:
            slow = isinstance(exc, requests.exceptions.Timeout)
            raise HostError(
                f"无法连接 {address}:{self._login.port}{'（超时）' if slow else ''}",
                f"{address}:{self._login.port} cannot be reached: {'timed out' if slow else _root(exc)}",
            ) from None
        except AuthenticationError:
            raise LogonRefused(
                f"{address} 拒绝管理员 {self._login.username} 登录（不再重试，以免账户被锁定）",
                f"{address} refuses the log-on of {self._login.username}; not tried again, for accounts lock",
            ) from None
        except WSManFaultError as exc:
            raise WsmanError(f"{address} 拒绝查询：{_reason(exc)}", f"{address} refuses: {_reason(exc)}") from None
        except (WinRMTransportError, WinRMError, ElementTree.ParseError) as exc:
            raise WsmanError(
                f"{address} 的回答无法理解：{exc}", f"{address} gives an answer that is none: {exc}"
            ) from None
        # pypsrp looks for proxies in the environment once; requests would do so with every message, and for .netrc too.
        self._connection.transport.session.trust_env = False
        return answer


def single(rows: list[Row]) -> Row:
    """The one instance of an answer. Raises WsmanError where there is another number of them."""
    if len(rows) != 1:
        raise WsmanError(f"应有 1 个回答，实有 {len(rows)} 个", f"expected one instance, got {len(rows)}")
    return rows[0]


def quoted(text: str) -> str:
    """A string as WQL writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _element(prefix: str, name: str, parent: ElementTree.Element | None = None) -> ElementTree.Element:
    tag = f"{{{NAMESPACES[prefix]}}}{name}"
    return ElementTree.Element(tag) if parent is None else ElementTree.SubElement(parent, tag)


def _return_value(output: ElementTree.Element, method: str) -> int:
    found = next((element.text for element in output if _local(element) == "ReturnValue"), None)
    if found is None:
        raise WsmanError(f"{method} 的回答不完整", f"the answer to {method} is incomplete")
    return int(found)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(output: ElementTree.Element, name: str) -> list[str]:
    return [element.text or "" for element in output if _local(element) == name and element.get(_NIL) != "true"]


def _row(item: ElementTree.Element, properties: Mapping[str, Kind]) -> Row:
    # XmlFragment: properties without a namespace; names are compared without case, as WMI does.
    found: dict[str, list[ElementTree.Element]] = {}
    for element in item:
        found.setdefault(_local(element).casefold(), []).append(element)
    return {name: _converted(found.get(name.casefold(), []), kind, name) for name, kind in properties.items()}


def _converted(elements: Sequence[ElementTree.Element], kind: Kind, name: str) -> Any:
    """The value of a property from its elements: none or a nil one is null, an array repeats the element."""
    present = [element for element in elements if element.get(_NIL) != "true"]
    try:
        if kind == "str[]":
            return [element.text or "" for element in present] if present else None
        if kind == "object[]":
            return [_embedded(element) for element in present]
        if kind == "int[]":
            return [int(element.text or "") for element in present] if present else None
        if not present:
            return None
        if len(present) > 1:
            raise ValueError("several values")
        return _scalar(present[0], kind)
    except ValueError as exc:
        raise WsmanError(f"属性 {name} 的值无法理解：{exc}", f"the value of {name} is no {kind}: {exc}") from None


def _scalar(element: ElementTree.Element, kind: Kind) -> Any:
    text = element.text or ""
    if kind == "str":
        return text
    if kind == "int":
        return int(text)
    if kind == "bool":
        folded = text.strip().casefold()
        if folded not in {"true", "false", "1", "0"}:
            raise ValueError(text)
        return folded in {"true", "1"}
    if kind == "datetime":
        inner = next((child.text for child in element.iter() if _local(child) == "Datetime"), text)
        moment = datetime.fromisoformat((inner or "").strip())
        # A time without a zone is UTC.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return _embedded(element) if kind == "object" else _reference(element)


def _embedded(element: ElementTree.Element) -> Embedded:
    """Its class stands in xsi:type as ``p:Class_Type``; or the property holds one element named by the class."""
    kind = element.get(_TYPE)
    if kind is not None:
        return Embedded(kind.rpartition(":")[2].removesuffix("_Type"), element)
    if len(element) != 1 or len(element[0]) == 0:
        raise ValueError("no class")
    return Embedded(_local(element[0]), element[0])


def _reference(element: ElementTree.Element) -> Reference:
    uri = next((child.text for child in element.iter() if _local(child) == "ResourceURI"), None)
    if not uri:
        raise ValueError("no ResourceURI")
    keys = {child.get("Name", ""): child.text or "" for child in element.iter() if _local(child) == "Selector"}
    return Reference(uri.strip().rpartition("/")[2], keys)


def _reason(exc: Any) -> str:
    """The innermost message of a fault; pypsrp keeps the outer one only."""
    outer = str(exc.reason or "").strip()
    text = getattr(exc.__context__, "response_text", "") or ""
    try:
        messages = [
            (element.text or "").strip()
            for element in ElementTree.fromstring(text).iter()
            if _local(element) == "Message"
        ]
    except ElementTree.ParseError:
        messages = []
    inner = next((message for message in reversed(messages) if message), "")
    code = f" (0x{exc.code:08X})" if isinstance(exc.code, int) else ""
    return (f"{outer} {inner}" if inner and inner != outer else outer or "no reason given") + code


def _root(exc: BaseException) -> str:
    """The innermost reason of a connection error, without the noise around it."""
    inner = exc.args[0] if exc.args else exc
    reason = getattr(inner, "reason", inner)
    return str(reason).rpartition(": ")[2] or type(exc).__name__
