"""V1 机房内电脑都设为同一工作组、同一 ip 段。"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from evidence import Evidence, Finding

pytestmark = [pytest.mark.clause("V1"), pytest.mark.severity("deciding")]
MEND = "prepare.yml --limit {host},localhost --tags network"


def test_workgroup(evidence: Evidence, finding: Finding, host: str) -> None:
    """每台电脑都在考场的工作组中 every computer is in the room's workgroup"""
    identity = evidence.inside(host, "identity")
    finding.expected, finding.mend = evidence.plan["workgroup"], MEND.format(host=host)
    finding.actual = identity["workgroup"] or ("域 domain" if identity["part_of_domain"] else "")
    # Workgroup names are not case-sensitive.
    assert finding.actual.casefold() == finding.expected.casefold()


def test_name(evidence: Evidence, finding: Finding, host: str) -> None:
    """计算机名与清单一致 the computer is named as in the inventory"""
    finding.expected, finding.mend = host.upper(), MEND.format(host=host)
    finding.actual = evidence.inside(host, "identity")["name"]
    assert finding.actual.casefold() == finding.expected.casefold()


def test_address(evidence: Evidence, finding: Finding, host: str) -> None:
    """每台电脑都用清单中的地址，且在考场的网段内 every computer has its address, inside the room's network"""
    network = ip_network(evidence.plan["network"])
    wanted = evidence.address(host)
    adapters = evidence.inside(host, "adapters")
    finding.expected, finding.mend = f"{wanted}/{network.prefixlen}", MEND.format(host=host)
    held = [
        f"{address}/{ip_network(f'0.0.0.0/{mask}').prefixlen}"
        for adapter in adapters
        for address, mask in zip(adapter["addresses"], adapter["masks"], strict=False)
        if ":" not in address
    ]
    finding.actual = ", ".join(held)
    assert ip_address(wanted) in network
    assert finding.expected in held
