"""V5 系统干净、所需软件完备：考试需要的软件齐备，没有远程控制、即时通讯、网盘同步、虚拟光驱等软件。"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError

from exam_room.room.software import Software, intruders, software_of, standing

pytestmark = [pytest.mark.clause("V5")]
PREPARE = "prepare.yml --limit {host},localhost --tags software"


def wanted(evidence: Evidence) -> Software:
    """What the exam requires, forbids and allows."""
    return software_of(evidence.plan["session"]["exam"]["software"])


def programs(evidence: Evidence, host: str) -> list[dict[str, Any]]:
    """What is installed; no Windows has nothing at all."""
    found: list[dict[str, Any]] = evidence.inside(host, "software")
    if not found:
        raise UnknownError("没有读到任何已安装的程序 no installed program was read")
    return found


@pytest.mark.severity("deciding")
def test_required_software(evidence: Evidence, finding: Finding, host: str) -> None:
    """考试所需软件完备，版本不低于规定 the software that the exam requires is there, in the version it needs"""
    finding.expected = "考试文件所列软件 what the exam requires"
    finding.mend = f"装好软件，或放好软件包后 install it, or with its package in place: {PREPARE.format(host=host)}"
    server = host == evidence.plan["server"]["host"]
    required = [one for one in wanted(evidence).required if one.concerns(server)]
    finding.expected = "；".join(" / ".join(dict.fromkeys(one.words())) for one in required) or (
        "考试文件未列 the exam names none"
    )
    if not required:
        finding.actual = "无须安装 nothing is required"
        return
    seen = programs(evidence, host)
    standings = [standing(one, seen) for one in required]
    wrong = [one for one in standings if one.met is not True]
    finding.actual = "；".join(one.words() for one in wrong) or "；".join(one.found for one in standings)
    assert all(one.met is not False for one in standings)
    if wrong:
        raise UnknownError(f"版本读不懂 a version that cannot be read: {finding.actual}")


@pytest.mark.severity("deciding")
def test_no_forbidden_software(evidence: Evidence, finding: Finding, host: str) -> None:
    """没有远程控制、即时通讯、网盘同步、虚拟光驱等软件（规范“系统干净”，清单为本项目所列） nothing that is forbidden"""
    finding.expected = "无 none"
    seen = programs(evidence, host)
    found = intruders(wanted(evidence), seen)
    finding.actual = "；".join(
        f"{one['name']} {one['version'] or ''}".strip() + f" = {what}" for one, what in found
    ) or ("无 none")
    finding.mend = f"在 {host} 上运行 appwiz.cpl 卸载 uninstall it there; 考试允许的写入考试文件 software.allowed"
    assert not found
