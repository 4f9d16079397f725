"""V1 机房内电脑都设为同一工作组、同一 ip 段。"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from evidence import Evidence, Finding, UnknownError

pytestmark = [pytest.mark.clause("V1"), pytest.mark.severity("deciding")]
MEND = "prepare.yml --limit {host},localhost --tags network"


def test_workgroup(evidence: Evidence, finding: Finding, host: str) -> None:
    """每台电脑都在考场的工作组中 every computer is in the room's workgroup"""
    finding.expected, finding.mend = evidence.plan["workgroup"], MEND.format(host=host)
    identity = evidence.inside(host, "identity")
    if identity["part_of_domain"]:
        finding.actual = "域 domain"
    assert not identity["part_of_domain"]
    if identity["workgroup"] is None:
        raise UnknownError("主机没有给出工作组 the host does not tell its workgroup")
    finding.actual = identity["workgroup"]
    # Workgroup names are not case-sensitive.
    assert finding.actual.casefold() == finding.expected.casefold()


def test_name(evidence: Evidence, finding: Finding, host: str) -> None:
    """计算机名与清单一致 the computer is named as in the inventory"""
    finding.expected, finding.mend = host.upper(), MEND.format(host=host)
    name = evidence.inside(host, "identity")["name"]
    if name is None:
        raise UnknownError("主机没有给出计算机名 the host does not tell its name")
    finding.actual = name
    assert finding.actual.casefold() == finding.expected.casefold()


def test_address(evidence: Evidence, finding: Finding, host: str) -> None:
    """每台电脑都用清单中的地址，且在考场的网段内 every computer has its address, inside the room's network"""
    network = ip_network(evidence.plan["network"])
    wanted = evidence.address(host)
    finding.expected, finding.mend = f"{wanted}/{network.prefixlen}", MEND.format(host=host)
    finding.actual = f"清单 inventory: {wanted}"
    assert ip_address(wanted) in network
    adapters = evidence.inside(host, "adapters")
    held = [
        f"{address}/{ip_network(f'0.0.0.0/{mask}').prefixlen}"
        for adapter in adapters
        for address, mask in zip(adapter["addresses"], adapter["masks"], strict=False)
        if ":" not in address
    ]
    finding.actual = ", ".join(held) or "无 none"
    assert finding.expected in held


def test_address_is_of_no_other(evidence: Evidence, finding: Finding, host: str) -> None:
    """没有占用其他电脑的地址 the computer holds no address of another one"""
    finding.expected, finding.mend = "无 none", MEND.format(host=host)
    others = {evidence.address(other): other for other in evidence.hosts if other != host}
    held = [address for adapter in evidence.inside(host, "adapters") for address in adapter["addresses"]]
    taken = [f"{address} ({others[address]})" for address in held if address in others]
    finding.actual = ", ".join(taken) or "无 none"
    assert not taken
