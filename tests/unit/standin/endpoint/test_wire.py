"""The endpoint over its own HTTPS and NTLM: shells, log-on, faults, WQL paging."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.wsman import NAMESPACES, WSMan
from winrm.exceptions import InvalidCredentialsError
from winrm.protocol import Protocol

from standin.endpoint.auth import FAILURES_UNTIL_LOCKED, LOCKED_FOR, Lockout, token_account
from standin.endpoint.backend import UserChange
from standin.endpoint.host import Host
from standin.endpoint.server import MAX_ENVELOPE
from unit.served_host import PASSWORD, Served, serving


class Reached:
    """A running endpoint, and how long it made clients wait."""

    def __init__(self, served: Served) -> None:
        self.endpoint, self.port, self.ca = served.endpoint, served.login.port, served.login.ca_path
        self.waited: list[float] = []
        self.endpoint.sleep = self.waited.append

    def winrm(self, username: str = "Administrator", password: str = PASSWORD) -> Protocol:
        return Protocol(
            f"https://127.0.0.1:{self.port}/wsman", transport="ntlm", username=username, password=password,
            ca_trust_path=self.ca,
        )  # fmt: skip

    def wsman(self, username: str = "Administrator", password: str = PASSWORD, auth: str = "ntlm") -> WSMan:
        return WSMan(
            "127.0.0.1", port=self.port, username=username, password=password, auth=auth, cert_validation=self.ca,
            no_proxy=True,
        )  # fmt: skip


@pytest.fixture
def served(host: Host, tmp_path: Path) -> Iterator[Reached]:
    with serving(host, tmp_path) as running:
        yield Reached(running)


def encoded(script: str) -> list[str]:
    return ["-EncodedCommand", base64.b64encode(script.encode("utf-16-le")).decode()]


def run_raw(protocol: Protocol, script: str) -> tuple[bytes, bytes, int]:
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "PowerShell", ["-NoProfile", *encoded(script)])
    answer: tuple[bytes, bytes, int] = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    return answer


def test_a_command_in_a_shell(served: Reached, host: Host) -> None:
    assert run_raw(served.winrm(), "whoami") == (b"win-standin\\administrator\r\n", b"", 0)
    (line,) = host.calls.read_text().splitlines()
    assert json.loads(line)["kind"] == "raw"


def test_a_command_nobody_knows(served: Reached) -> None:
    stdout, stderr, code = run_raw(served.winrm(), "Get-Process")
    assert (stdout, code) == (b"", 1)
    assert b"Get-Process" in stderr


def test_a_wrong_password_waits_two_seconds_and_locks_after_ten(served: Reached) -> None:
    for _ in range(FAILURES_UNTIL_LOCKED):
        with pytest.raises(InvalidCredentialsError):
            served.winrm(password="wrong").open_shell()
    assert served.waited == [2.0] * FAILURES_UNTIL_LOCKED
    with pytest.raises(InvalidCredentialsError):
        served.winrm().open_shell()


def test_only_administrators_get_in(served: Reached, host: Host) -> None:
    host.backend.create_user("KS01", UserChange(password="Pw-12345678"))
    with pytest.raises(AuthenticationError):
        served.wsman("KS01", "Pw-12345678").get_server_config()
    host.backend.change_user("KS01", UserChange(groups=("S-1-5-32-544",)))
    assert run_raw(served.winrm("KS01", "Pw-12345678"), "whoami")[2] == 0
    host.backend.change_user("KS01", UserChange(disabled=True))
    with pytest.raises(AuthenticationError):
        served.wsman("KS01", "Pw-12345678").get_server_config()


def test_spnego_works_as_bare_ntlm_does(served: Reached) -> None:
    assert query(served.wsman(auth="negotiate"), "SELECT Name FROM Win32_ComputerSystem") == [{"Name": "WIN-STANDIN"}]


def test_a_lock_ends_after_ten_minutes() -> None:
    moments = [0.0]
    lockout = Lockout(clock=lambda: moments[0])
    for _ in range(FAILURES_UNTIL_LOCKED):
        lockout.failed("administrator")
    assert lockout.locked("Administrator")
    moments[0] = LOCKED_FOR + 1
    assert not lockout.locked("Administrator")


def test_what_is_no_token_names_nobody() -> None:
    assert token_account("no base64") is None
    assert token_account(base64.b64encode(b"NTLMSSP\0\x01\0\0\0").decode()) is None


def test_a_shell_that_is_gone(served: Reached) -> None:
    protocol = served.winrm()
    shell = protocol.open_shell()
    protocol.close_shell(shell, close_session=False)
    with pytest.raises(Exception, match="shell was not found"):
        protocol.run_command(shell, "whoami")


def test_an_envelope_that_is_too_large(served: Reached) -> None:
    connection = served.wsman()
    element = ElementTree.Element("x")
    element.text = "x" * MAX_ENVELOPE
    with pytest.raises(Exception, match="413"):
        connection.enumerate("http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*", element)


def query(connection: WSMan, text: str, namespace: str = "root/cimv2") -> list[dict[str, Any]]:
    uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{namespace}/*"
    request = ElementTree.Element(f"{{{NAMESPACES['wsen']}}}Enumerate")
    ElementTree.SubElement(request, f"{{{NAMESPACES['wsman']}}}OptimizeEnumeration")
    wanted = ElementTree.SubElement(request, f"{{{NAMESPACES['wsman']}}}Filter")
    wanted.set("Dialect", "http://schemas.microsoft.com/wbem/wsman/1/WQL")
    wanted.text = text
    answer = connection.enumerate(uri, request)[0]
    found = answer.find("wsman:Items", NAMESPACES)
    items = [] if found is None else list(found)
    while (
        answer.find("wsman:EndOfSequence", NAMESPACES) is None and answer.find("wsen:EndOfSequence", NAMESPACES) is None
    ):
        pull = ElementTree.Element(f"{{{NAMESPACES['wsen']}}}Pull")
        context = answer.findtext("wsen:EnumerationContext", namespaces=NAMESPACES)
        ElementTree.SubElement(pull, f"{{{NAMESPACES['wsen']}}}EnumerationContext").text = context
        ElementTree.SubElement(pull, f"{{{NAMESPACES['wsen']}}}MaxElements").text = "5"
        answer = connection.pull(uri, pull)[0]
        found = answer.find("wsen:Items", NAMESPACES)
        items += [] if found is None else list(found)
    return [{child.tag.rpartition("}")[2]: child.text for child in item} for item in items]


def test_more_items_than_one_answer_holds(served: Reached) -> None:
    names = [row["Name"] for row in query(served.wsman(), "SELECT Name FROM Win32_Service")]
    assert len(names) == len(set(names)) > 6
    assert "LanmanServer" in names


def test_a_whole_instance_has_every_property_of_the_schema(served: Reached) -> None:
    (row,) = query(served.wsman(), "SELECT * FROM Win32_OperatingSystem")
    assert row["Caption"] == "Microsoft Windows Server 2025 Standard"
    # Nulls are there as xsi:nil, null arrays are left out.
    assert "ServicePackMajorVersion" in row


@pytest.mark.parametrize(
    ("text", "namespace", "code"),
    [
        ("SELECT Nmae FROM Win32_ComputerSystem", "root/cimv2", 0x80041017),
        ("SELECT Name FROM Win32_ComputerSystem WHERE Nmae = 'x'", "root/cimv2", 0x80041017),
        ("SELECT FROM Win32_ComputerSystem", "root/cimv2", 0x80041017),
        ("SELECT Name FROM Win32_NoSuchClass", "root/cimv2", 2150858778),
        ("SELECT Name FROM MSFT_SmbShare", "root/cimv2", 2150858778),
        ("SELECT Name FROM Win32_Share", "root/nowhere", 2150858778),
    ],
)
def test_what_windows_lacks_is_a_fault(served: Reached, text: str, namespace: str, code: int) -> None:
    with pytest.raises(WSManFaultError) as caught:
        query(served.wsman(), text, namespace)
    assert caught.value.code == code


def test_a_property_without_a_model_is_refused_by_name(served: Reached) -> None:
    with pytest.raises(WSManFaultError, match="does not model the property SerialNumber"):
        query(served.wsman(), "SELECT SerialNumber FROM Win32_OperatingSystem")
