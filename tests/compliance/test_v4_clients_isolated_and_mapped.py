"""V4 客户端与服务器相连，客户端之间不得建立共享，各用各的用户名登录，并映射到服务器上对应的文件夹。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError

pytestmark = [pytest.mark.clause("V4"), pytest.mark.severity("deciding")]
MEND = "prepare.yml --limit {host},localhost --tags {tag}"


def test_client_shares_nothing(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端没有共享任何文件夹 the client shares no folder"""
    finding.expected, finding.mend = "无 none", MEND.format(host=client, tag="isolation")
    # With its file service stopped a client lists no share at all; the service is judged on its own.
    found = [share["name"] for share in evidence.inside(client, "shares") if not share["special"]]
    finding.actual = ", ".join(found) or "无 none"
    assert not found


def test_file_service_is_off(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端的文件服务已停止并禁用 the client's file service is stopped and disabled"""
    finding.expected, finding.mend = "Stopped, Disabled", MEND.format(host=client, tag="isolation")
    service = evidence.inside(client, "services")["LanmanServer"]
    finding.actual = f"{service['state']}, {service['start_mode']}" if service else "无 none"
    assert service is None or finding.actual.casefold() == finding.expected.casefold()


def test_ports_are_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """从网络上连不到客户端的文件共享端口 nobody reaches the client's file sharing over the network"""
    finding.expected, finding.mend = "445, 139: 关闭 closed", MEND.format(host=client, tag="isolation")
    ports = evidence.outside("clients", client)["ports"]
    finding.actual = ", ".join(f"{port}: {state}" for port, state in ports.items())
    if "unreachable" in ports.values():
        raise UnknownError(finding.actual)
    assert "open" not in ports.values()


def test_firewall_is_on(evidence: Evidence, finding: Finding, client: str) -> None:
    """防火墙在所有网络类型上开启 the firewall is on for every profile"""
    finding.expected, finding.mend = "Domain, Private, Public", MEND.format(host=client, tag="isolation")
    profiles = evidence.inside(client, "firewall")
    finding.actual = ", ".join(sorted(name for name, enabled in profiles.items() if enabled))
    # Windows leaves a profile "not configured" where no policy speaks; it is on by default, but that is not proof.
    assert finding.actual == finding.expected


def test_own_account_signs_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端用本机位的用户名自动登录 the client signs in with its own account"""
    finding.expected, finding.mend = evidence.seat(client)["account"], MEND.format(host=client, tag="accounts")
    logon = evidence.inside(client, "auto_logon")
    finding.actual = str(logon["user"] if logon["enabled"] else "未设置 off")
    assert finding.actual.casefold() == finding.expected.casefold()
    assert not logon["plain_password"], "a password lies readable in the registry"


def test_drive_is_mapped_at_sign_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """登录时映射考试文件夹 a task maps the exam folder at sign-in"""
    finding.expected, finding.mend = "Map the exam folder", MEND.format(host=client, tag="drive_mapping")
    tasks = [task["name"] for task in evidence.inside(client, "tasks") if task["enabled"]]
    finding.actual = ", ".join(tasks) or "无 none"
    assert finding.expected in tasks
