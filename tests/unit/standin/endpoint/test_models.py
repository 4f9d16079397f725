"""Module models: check mode changes nothing and predicts, a second run changes nothing, absent twice is fine."""

from __future__ import annotations

from typing import Any

import pytest

from standin.endpoint.backend import ADMINISTRATORS, USERS, Access, FirewallRule
from standin.endpoint.host import Host
from standin.endpoint.memory import MemoryBackend
from standin.endpoint.registry import Registry
from standin.endpoint.wql.network import adapter_configurations

from .conftest import RunModule

KEY = "HKLM:\\SOFTWARE\\Exam"
SIGN_IN = {"username": "KS01", "password": "Pw-12345678"}
TASK = {
    "name": "Map",
    "path": "\\Exam",
    "username": "SYSTEM",
    "actions": [{"path": "powershell.exe", "arguments": "-File x"}],
    "triggers": [{"type": "time", "start_boundary": "2026-11-23T10:00:00", "repetition": {"interval": "PT1M"}}],
    "execution_time_limit": "PT0S",
}
RULE = {
    "name": "Exam: 445", "direction": "in", "action": "block", "protocol": "tcp", "localport": "445",
    "remoteip": "10.0.0.101-10.0.0.130", "profiles": ["domain", "private", "public"],
}  # fmt: skip
PRESENT: list[tuple[str, dict[str, Any]]] = [
    ("win_user", {"name": "KS02", "password": "Pw-12345678", "groups": [USERS], "password_never_expires": True}),
    ("win_auto_logon", SIGN_IN),
    ("win_regedit", {"path": KEY, "name": "Number", "data": "0x10", "type": "dword"}),
    ("win_regedit", {"path": KEY, "name": "List", "data": ["a", "b"], "type": "multistring"}),
    ("win_service", {"name": "W32Time", "start_mode": "auto", "state": "started"}),
    ("win_service", {"name": "LanmanServer", "start_mode": "disabled", "state": "stopped"}),
    ("win_firewall", {"state": "disabled", "profiles": ["Public"]}),
    ("community.windows.win_firewall_rule", RULE),
    ("win_file", {"path": "C:\\Exam\\考试", "state": "directory"}),
    ("win_share", {"name": "exam", "path": "D:\\", "change": "KS01", "full": ADMINISTRATORS, "encrypt": True}),
    ("win_group_membership", {"name": "Administrators", "members": ["KS01"], "state": "present"}),
    ("community.windows.win_scheduled_task", TASK),
    ("community.windows.win_shortcut", {"src": "Z:\\", "dest": "%PUBLIC%\\Desktop\\考试.lnk"}),
]
ABSENT: list[tuple[str, dict[str, Any]]] = [
    ("win_user", {"name": "KS02", "state": "absent"}),
    ("win_auto_logon", {"state": "absent"}),
    ("win_regedit", {"path": KEY, "state": "absent"}),
    ("community.windows.win_firewall_rule", {"name": "Exam: 445", "state": "absent"}),
    ("win_file", {"path": "C:\\Exam", "state": "absent"}),
    ("win_share", {"name": "exam", "path": "D:\\", "state": "absent"}),
    ("win_group_membership", {"name": "Administrators", "members": ["KS01"], "state": "absent"}),
    ("community.windows.win_scheduled_task", {"name": "Map", "path": "\\Exam", "state": "absent"}),
    ("community.windows.win_shortcut", {"dest": "%PUBLIC%\\Desktop\\考试.lnk", "state": "absent"}),
]


def everything(host: Host) -> tuple[Any, ...]:
    backend = host.backend
    disk = sorted(str(path) for drive in host.files.drives.values() for path in drive.rglob("*"))
    return host.store.read(), backend.users(), backend.shares(), backend.file_service_running(), disk


@pytest.fixture(autouse=True)
def candidate(run: RunModule) -> None:
    assert run("win_user", name="KS01", password="Pw-12345678")["changed"]


@pytest.mark.parametrize(("module", "arguments"), PRESENT)
def test_check_mode_then_run_then_again(host: Host, run: RunModule, module: str, arguments: dict[str, Any]) -> None:
    before = everything(host)
    predicted = run(module, check=True, diff=True, **arguments)
    assert everything(host) == before
    done = run(module, **arguments)
    assert not done.get("failed"), done
    assert predicted["changed"] and done["changed"]
    assert everything(host) != before
    again = run(module, **arguments)
    assert not again["changed"], again
    assert not run(module, check=True, **arguments)["changed"]


@pytest.mark.parametrize(("module", "arguments"), ABSENT)
def test_removing_what_is_absent_changes_nothing(
    host: Host, run: RunModule, module: str, arguments: dict[str, Any]
) -> None:
    run("win_auto_logon", state="absent")
    before = everything(host)
    result = run(module, **arguments)
    assert not result.get("failed"), result
    assert result["changed"] is False
    assert everything(host) == before


@pytest.mark.parametrize(("module", "arguments"), ABSENT)
def test_removing_what_is_there(host: Host, run: RunModule, module: str, arguments: dict[str, Any]) -> None:
    for name, values in PRESENT:
        assert not run(name, **values).get("failed")
    assert run(module, check=True, **arguments)["changed"]
    assert run(module, **arguments)["changed"]
    assert not run(module, **arguments)["changed"]


def test_a_disabled_accounts_password_cannot_be_compared(run: RunModule) -> None:
    # Windows refuses the log-on that would test it, so the module sets it each time.
    run("win_user", name="KS01", account_disabled=True)
    assert run("win_user", name="KS01", password="Pw-12345678")["changed"]
    assert not run("win_user", name="KS01", password="other", update_password="on_create")["changed"]


def test_a_task_that_goes_and_comes_again_is_another_one(host: Host, run: RunModule) -> None:
    # Its registration trigger fires again, however fast the two follow each other: the scheduler compares what is kept.
    run("community.windows.win_scheduled_task", **TASK)
    first = host.store.read()["tasks"]["\\exam\\map"]
    run("community.windows.win_scheduled_task", name="Map", path="\\Exam", state="absent")
    run("community.windows.win_scheduled_task", **TASK)
    assert host.store.read()["tasks"]["\\exam\\map"] != first


def test_auto_logon_needs_an_account(run: RunModule) -> None:
    assert "Failed to find" in run("win_auto_logon", username="KS99", password="x")["msg"]


def test_auto_logon_keeps_the_password_out_of_the_registry(host: Host, run: RunModule) -> None:
    run("win_auto_logon", **SIGN_IN)
    state = host.store.read()
    assert "Pw-12345678" not in str(Registry(state["registry"]).values("HKLM\\SOFTWARE\\Microsoft\\Windows NT"))
    assert state["lsa_secrets"] == {"DefaultPassword": "Pw-12345678"}


def test_a_share_gets_exactly_the_rights_named(host: Host, run: RunModule) -> None:
    run("win_share", name="exam", path="d:\\", read="S-1-1-0")
    run("win_share", name="exam", path="D:\\", change="KS01", full=ADMINISTRATORS)
    share = next(share for share in host.backend.shares() if share.name == "exam")
    user = host.backend.user("KS01")
    assert user is not None
    assert set(share.access) == {Access(user.sid, "change"), Access(ADMINISTRATORS, "full")}
    assert share.access_based


def test_the_file_service_takes_its_settings_at_its_start(host: Host, run: RunModule) -> None:
    path = "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters"
    run("win_regedit", path=path, name="EncryptData", data=1, type="dword")
    assert not host.backend.file_service_options()["EncryptData"]
    run("win_service", name="LanmanServer", state="restarted")
    assert host.backend.file_service_options()["EncryptData"]


def test_a_firewall_rule_reaches_the_packet_filter_while_the_profile_is_on(host: Host, run: RunModule) -> None:
    assert isinstance(host.backend, MemoryBackend)
    run("community.windows.win_firewall_rule", **RULE)
    expected = FirewallRule(
        "Exam: 445", "in", "block", "tcp", local_ports="445", remote_addresses="10.0.0.101-10.0.0.130"
    )
    assert host.backend.rules == [expected]
    run("win_firewall", state="disabled", profiles=["Public"])
    assert host.backend.rules == []


def test_name_and_workgroup_wait_for_a_restart(host: Host, run: RunModule) -> None:
    admin = {"domain_admin_user": "Administrator", "domain_admin_password": "x"}
    group = {"state": "workgroup", "workgroup_name": "KSROOM", **admin}
    assert run("win_hostname", name="SERVER")["reboot_required"]
    assert run("microsoft.ad.membership", **group)["reboot_required"]
    assert (host.backend.computer_name(), host.backend.workgroup()) == ("WIN-STANDIN", "WORKGROUP")
    host.backend.reboot()
    assert (host.backend.computer_name(), host.backend.workgroup()) == ("SERVER", "KSROOM")
    assert not run("win_hostname", name="server")["changed"]
    assert not run("microsoft.ad.membership", **group)["changed"]


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("win_command", {"cmd": "format c:"}),
        ("win_command", {"cmd": "w32tm /resync & calc"}),
        ("win_command", {"argv": ["netsh", "interface", "ipv4", "set", "address", "name=4", "address=10.9.9.9"]}),
        ("win_powershell", {"script": "Get-Date"}),
        ("win_user", {"name": "a" * 21, "password": "x"}),
        ("win_user", {"name": "KS01", "groups": ["No such group"]}),
        ("win_user", {"name": "KS01", "home_directory": "C:\\x"}),
        ("win_share", {"name": "x", "path": "C:\\missing"}),
        ("win_share", {"name": "x", "path": "C:\\", "full": "nobody"}),
        ("win_file", {"path": "Q:\\x", "state": "directory"}),
        ("win_file", {"path": "C:\\a|b", "state": "directory"}),
        ("win_service", {"name": "NoSuch", "state": "started"}),
        ("win_regedit", {"path": "HKLM/SOFTWARE", "name": "x"}),
        ("win_hostname", {"name": "a name"}),
        ("microsoft.ad.membership", {"state": "domain"}),
        ("community.windows.win_scheduled_task", {"name": "x"}),
        ("community.windows.win_scheduled_task", TASK | {"triggers": [{"type": "logon", "random_delay": "PT1S"}]}),
        ("community.windows.win_scheduled_task", TASK | {"username": "nobody"}),
    ],
)
def test_what_has_no_model_or_is_wrong_fails(
    host: Host, run: RunModule, module: str, arguments: dict[str, Any]
) -> None:
    before = everything(host)
    result = run(module, **arguments)
    assert result["failed"] and result["msg"]
    assert everything(host) == before


def test_an_address_becomes_static_only_if_it_is_the_same(host: Host, run: RunModule) -> None:
    words = ["netsh", "interface", "ipv4", "set", "address", "name=4", "source=static", "address=127.0.0.1"]
    assert run("win_command", argv=words)["rc"] == 0
    assert host.store.read()["network"]["dhcp"] is False


def test_gateway_and_name_servers_are_those_of_the_lease_until_they_are_set(host: Host, run: RunModule) -> None:
    def seen() -> tuple[Any, Any]:
        (row,) = adapter_configurations(host)
        return row["DefaultIPGateway"], row["DNSServerSearchOrder"]

    static = ["netsh", "interface", "ipv4", "set", "address", "name=4", "source=static", "address=127.0.0.1"]
    name_server = ["netsh", "interface", "ipv4", "set", "dnsservers", "name=4", "source=static", "address=10.0.0.1"]
    assert run("win_command", argv=static)["rc"] == 0
    assert seen() == (None, None), "the lease took them along"
    assert run("win_command", argv=[*static, "gateway=127.0.0.9"])["rc"] == 0
    assert run("win_command", argv=[*name_server, "validate=no"])["rc"] == 0
    more = ["netsh", "interface", "ipv4", "add", "dnsservers", "name=4", "address=10.0.0.2", "index=2", "validate=no"]
    for _ in range(2):
        assert run("win_command", argv=more)["rc"] == 0
    assert seen() == (["127.0.0.9"], ["10.0.0.1", "10.0.0.2"])
    assert run("win_command", argv=[*name_server[:-1], "address=localhost"])["failed"]
    assert run("win_command", argv=[*name_server[:5], "name=9", *name_server[6:]])["failed"]


def test_the_time_service_must_run_to_resync(run: RunModule) -> None:
    assert run("win_command", cmd="w32tm /resync /force")["failed"]
    run("win_service", name="W32Time", state="started")
    assert run("win_command", cmd="w32tm /resync /force")["rc"] == 0


def test_paths_ignore_case(host: Host, run: RunModule) -> None:
    run("win_file", path="C:\\Exam\\Sub", state="directory")
    assert run("win_stat", path="c:\\EXAM\\sub")["stat"]["path"] == "C:\\Exam\\Sub"
    assert not run("win_file", path="c:\\exam\\SUB", state="directory")["changed"]
