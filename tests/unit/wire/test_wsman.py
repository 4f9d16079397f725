"""The WQL client: shapes captured from Windows (shared wire facts), types, faults, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError

from exam_room.wire import wsman
from exam_room.wire.wsman import HostError, Login, Reference, Wmi, WsmanError

LOGIN = Login("10.0.0.10", "Administrator", "s3cret", "/ca.pem")
HEAD = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
)


class Scripted:
    """Stands for pypsrp's connection: hands out bodies, or raises."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.transport = SimpleNamespace(session=requests.Session())

    def _next(self, uri: str, element: ElementTree.Element) -> ElementTree.Element:
        self.asked.append(ElementTree.tostring(element, encoding="unicode"))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return ElementTree.fromstring(f"<s:Body {HEAD}>{answer}</s:Body>")

    enumerate = pull = _next

    def invoke(self, action: str, uri: str, element: ElementTree.Element) -> ElementTree.Element:
        envelope = ElementTree.Element("{http://www.w3.org/2003/05/soap-envelope}Envelope")
        envelope.append(self._next(uri, element))
        return envelope

    def close(self) -> None:
        """Nothing is open."""


Scripting = Callable[..., tuple[Wmi, Scripted]]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripting:
    def _scripted(*answers: str | Exception) -> tuple[Wmi, Scripted]:
        connection = Scripted(*answers)
        monkeypatch.setattr(wsman, "WSMan", lambda *args, **kwargs: connection)
        return Wmi(LOGIN), connection

    return _scripted


def first(items: str, end: str = "<w:EndOfSequence/>", context: str = "") -> str:
    return (
        f"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext><w:Items>{items}</w:Items>{end}"
        "</n:EnumerateResponse>"
    )


def more(items: str, end: str, context: str = "") -> str:
    return (
        f"<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items>{items}</n:Items>{end}"
        "</n:PullResponse>"
    )


def fragment(inner: str) -> str:
    return f"<w:XmlFragment>{inner}</w:XmlFragment>"


def test_items_come_from_the_answer_and_from_pulls_with_the_newest_context(scripted: Scripting) -> None:
    wmi, connection = scripted(
        first(fragment("<Name>a</Name>"), end="", context="uuid:1"),
        more(fragment("<Name>b</Name>"), end="", context="uuid:2"),
        more(fragment("<Name>c</Name>"), end="<n:EndOfSequence/>"),
    )
    rows = wmi.query(wsman.CIMV2, "Win32_Share", {"Name": "str"}, "Type = 0")
    assert [row["Name"] for row in rows] == ["a", "b", "c"]
    assert "SELECT Name FROM Win32_Share WHERE Type = 0" in connection.asked[0]
    assert "uuid:1" in connection.asked[1]
    assert "uuid:2" in connection.asked[2]
    # Looking for proxies again with each message takes a fifth of the controller's time.
    assert not connection.transport.session.trust_env


def test_an_enumeration_without_an_end_is_an_error(scripted: Scripting) -> None:
    wmi, _ = scripted(first("", end=""))
    with pytest.raises(WsmanError):
        wmi.query(wsman.CIMV2, "Win32_Share", {"Name": "str"})


@pytest.mark.parametrize(
    ("inner", "kind", "expected"),
    [
        ("<X>text</X>", "str", "text"),
        ("<X></X>", "str", ""),
        ('<X xsi:nil="true"/>', "str", None),
        ("", "str", None),
        ("<X>26100</X>", "int", 26100),
        ("<X>-480</X>", "int", -480),
        ("<X>true</X>", "bool", True),
        ("<X>FALSE</X>", "bool", False),
        ("<X><Datetime>2013-04-15T16:28:43.488171Z</Datetime></X>", "datetime",
         datetime(2013, 4, 15, 16, 28, 43, 488171, UTC)),
        ("<X><cim:Datetime>2013-04-15T16:28:43+08:00</cim:Datetime></X>", "datetime",
         datetime(2013, 4, 15, 8, 28, 43, tzinfo=UTC)),
        ("<X><Datetime>2013-04-15T16:28:43</Datetime></X>", "datetime", datetime(2013, 4, 15, 16, 28, 43, tzinfo=UTC)),
        ("<X>a</X><X>b</X>", "str[]", ["a", "b"]),
        ("<X>a</X>", "str[]", ["a"]),
        ('<X xsi:nil="true"/>', "str[]", None),
        ("", "int[]", None),
        ("<X>3</X><X>4</X>", "int[]", [3, 4]),
        ("<x>case</x>", "str", "case"),
    ],
)  # fmt: skip
def test_values_become_what_the_query_expects(scripted: Scripting, inner: str, kind: Any, expected: Any) -> None:
    wmi, _ = scripted(first(fragment(inner)))
    assert wmi.query(wsman.CIMV2, "C", {"X": kind}) == [{"X": expected}]


@pytest.mark.parametrize(
    ("inner", "kind"),
    [("<X>ten</X>", "int"), ("<X>perhaps</X>", "bool"), ("<X>noon</X>", "datetime"), ("<X>1</X><X>2</X>", "int")],
)
def test_a_value_of_another_type_is_an_error(scripted: Scripting, inner: str, kind: Any) -> None:
    wmi, _ = scripted(first(fragment(inner)))
    with pytest.raises(WsmanError, match="X"):
        wmi.query(wsman.CIMV2, "C", {"X": kind})


def test_a_reference_names_its_class_and_keys(scripted: Scripting) -> None:
    inner = (
        "<X><a:Address>role/anonymous</a:Address><a:ReferenceParameters>"
        "<w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Group</w:ResourceURI>"
        '<w:SelectorSet><w:Selector Name="Domain">PC01</w:Selector><w:Selector Name="Name">管理员</w:Selector>'
        "</w:SelectorSet></a:ReferenceParameters></X>"
    )
    wmi, _ = scripted(first(fragment(inner)))
    (row,) = wmi.query(wsman.CIMV2, "Win32_GroupUser", {"X": "reference"})
    assert row["X"] == Reference("Win32_Group", {"Domain": "PC01", "Name": "管理员"})


def output(method: str, inner: str) -> str:
    uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/default/StdRegProv"
    return f'<p:{method}_OUTPUT xmlns:p="{uri}">{inner}</p:{method}_OUTPUT>'


def test_registry_values_are_read_by_their_types(scripted: Scripting) -> None:
    wmi, connection = scripted(
        output(
            "EnumValues",
            "<p:ReturnValue>0</p:ReturnValue><p:sNames>Number</p:sNames><p:sNames>Secret</p:sNames>"
            "<p:sNames>Text</p:sNames><p:Types>4</p:Types><p:Types>1</p:Types><p:Types>1</p:Types>",
        ),
        output("GetStringValue", "<p:ReturnValue>0</p:ReturnValue><p:sValue>KS01</p:sValue>"),
        output("GetDWORDValue", "<p:ReturnValue>0</p:ReturnValue><p:uValue>1</p:uValue>"),
    )
    values, names = wmi.registry("SOFTWARE\\X", ("TEXT", "Number", "Missing"))
    assert values == {"TEXT": "KS01", "Number": 1, "Missing": None}
    assert names == {"Number", "Secret", "Text"}
    assert not any("Secret" in request for request in connection.asked)


def test_a_registry_key_that_is_not_there(scripted: Scripting) -> None:
    wmi, _ = scripted(
        output("EnumValues", "<p:ReturnValue>2</p:ReturnValue>"), output("EnumKey", "<p:ReturnValue>2</p:ReturnValue>")
    )
    assert wmi.registry("SOFTWARE\\X", ("A",)) == ({"A": None}, frozenset())
    assert wmi.registry_keys("SOFTWARE\\X") is None


def test_a_registry_that_refuses(scripted: Scripting) -> None:
    wmi, _ = scripted(output("EnumValues", "<p:ReturnValue>5</p:ReturnValue>"))
    with pytest.raises(WsmanError, match="error 5"):
        wmi.registry("SOFTWARE\\X", ("A",))


@pytest.mark.parametrize(
    ("raised", "english"),
    [
        (requests.exceptions.SSLError("certificate verify failed"), "certificate"),
        (requests.exceptions.ConnectionError("refused"), "cannot be reached"),
        (requests.exceptions.ConnectTimeout("slow"), "timed out"),
        (requests.exceptions.ReadTimeout("slow"), "timed out"),
        (AuthenticationError("no"), "refuses the log-on"),
    ],
)
def test_a_host_that_cannot_be_asked(scripted: Scripting, raised: Exception, english: str) -> None:
    wmi, connection = scripted(raised)
    with pytest.raises(HostError, match=english) as caught:
        wmi.query(wsman.CIMV2, "C", {"X": "str"})
    assert "10.0.0.10" in caught.value.zh
    assert "s3cret" not in str(caught.value)
    assert len(connection.asked) == 1


def test_a_fault_tells_the_innermost_message(scripted: Scripting) -> None:
    wmi, _ = scripted(fault())
    with pytest.raises(WsmanError, match="The WQL query is invalid") as caught:
        wmi.query(wsman.CIMV2, "C", {"X": "str"})
    assert not isinstance(caught.value, HostError)
    assert "0x80041017" in str(caught.value)


def fault() -> WSManFaultError:
    """As pypsrp raises it: the answer's text is only in the exception that it was made from."""
    text = (
        '<f:Fault xmlns:f="urn:x"><f:Message>outer<f:ProviderFault><f:Message>The WQL query is invalid.</f:Message>'
        "</f:ProviderFault></f:Message></f:Fault>"
    )
    try:
        try:
            raise WinRMTransportError("http", 500, text)
        except WinRMTransportError:
            raise WSManFaultError(0x80041017, "PC01", "outer", None, None, None)  # noqa: B904
    except WSManFaultError as made:
        return made


def test_quoting_for_wql() -> None:
    assert wsman.quoted("\\Exam\\") == "'\\\\Exam\\\\'"
    assert wsman.quoted("O'Neil") == "'O\\'Neil'"


def test_the_password_is_in_no_text() -> None:
    assert "s3cret" not in repr(LOGIN)


PRINCIPAL = "<e:UserId>SYSTEM</e:UserId><e:LogonType>5</e:LogonType><e:DisplayName xsi:nil='true'/>"
SPACE = 'xmlns:e="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/x/MSFT_TaskPrincipal2"'


@pytest.mark.parametrize(
    "element",
    [
        f'<Principal {SPACE} xsi:type="e:MSFT_TaskPrincipal2_Type">{PRINCIPAL}</Principal>',
        f"<Principal {SPACE}><e:MSFT_TaskPrincipal2>{PRINCIPAL}</e:MSFT_TaskPrincipal2></Principal>",
    ],
)
def test_an_embedded_instance_is_read_like_any_other(scripted: Scripting, element: str) -> None:
    wmi, _ = scripted(first(f"<w:XmlFragment>{element}<Triggers xsi:nil='true'/></w:XmlFragment>"))
    kinds: dict[str, wsman.Kind] = {"Principal": "object", "Triggers": "object[]", "Settings": "object"}
    (row,) = wmi.query(wsman.TASKS, "MSFT_ScheduledTask", kinds)
    assert row["Principal"].class_name == "MSFT_TaskPrincipal2"
    assert row["Principal"].row({"UserId": "str", "LogonType": "int", "DisplayName": "str"}) == {
        "UserId": "SYSTEM",
        "LogonType": 5,
        "DisplayName": None,
    }
    assert (row["Triggers"], row["Settings"]) == ([], None)


def test_several_embedded_instances_each_with_its_class(scripted: Scripting) -> None:
    triggers = "".join(
        f'<Triggers {SPACE} xsi:type="e:MSFT_Task{kind}Trigger_Type"><e:Enabled>true</e:Enabled></Triggers>'
        for kind in ("Boot", "Time")
    )
    wmi, _ = scripted(first(f"<w:XmlFragment>{triggers}</w:XmlFragment>"))
    (row,) = wmi.query(wsman.TASKS, "MSFT_ScheduledTask", {"Triggers": "object[]"})
    assert [one.class_name for one in row["Triggers"]] == ["MSFT_TaskBootTrigger", "MSFT_TaskTimeTrigger"]
    assert [one.row({"Enabled": "bool"}) for one in row["Triggers"]] == [{"Enabled": True}] * 2


def test_an_object_without_a_class_is_an_error_not_an_empty_one(scripted: Scripting) -> None:
    wmi, _ = scripted(first("<w:XmlFragment><Principal>SYSTEM</Principal></w:XmlFragment>"))
    with pytest.raises(WsmanError, match="Principal"):
        wmi.query(wsman.TASKS, "MSFT_ScheduledTask", {"Principal": "object"})
