"""V5 系统干净、无病毒：防病毒软件在工作，病毒库不旧，没有未处理的病毒。"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, NotApplicable, UnknownError

pytestmark = [pytest.mark.clause("V5")]
#: Our reading: S1 says 无病毒 and sets no age. Exam rooms have no Internet, so a month.
SIGNATURE_DAYS = 30
#: A scan of the week of the exam.
SCAN_DAYS = 7
#: Brings signatures from a file and scans, where Defender protects.
PREPARE = "ansible-playbook -i ROOM playbooks/prepare.yml --tags antivirus"
UPDATE = f"把 mpam-fe.exe 放到 antivirus 文件夹，再执行 put mpam-fe.exe into the folder antivirus, then: {PREPARE}"
KINDS = {"quick": "快速扫描 a quick scan", "full": "全盘扫描 a full scan"}


def others(seen: dict[str, Any]) -> list[dict[str, Any]]:
    """Products other than Defender that Windows knows of."""
    return [one for one in seen["products"] or () if not one["defender"]]


def shown(seen: dict[str, Any]) -> str:
    """For the inspector."""
    parts = []
    if (defender := seen["defender"]) is not None:
        on = {True: "开 on", False: "关 off", None: "不明 not known"}
        age = defender["signature_age_days"]
        parts.append(
            f"Defender {on[defender['enabled']]}，实时保护 real-time {on[defender['real_time']]}，"
            f"病毒库 signatures {'不明 not known' if age is None else f'{age} 天 days'}"
        )
    for one in others(seen):
        state = "开 on" if one["enabled"] else "关 off"
        parts.append(f"{one['name']} {state}{'' if one['up_to_date'] else '，已过期 out of date'}")
    return "；".join(parts) or "无 none"


def protection(evidence: Evidence, finding: Finding, host: str) -> str:
    """What the exam wants of the protection of ``host``: required, or what its file says; told the inspector."""
    antivirus = evidence.plan["session"]["exam"]["clauses"].get("V5", {}).get("antivirus")
    # The programs of an exam run at the seats: the server keeps its protection.
    if antivirus is None or host == evidence.plan["server"]["host"]:
        return "required"
    wanted: str = antivirus["protection"]
    said = {"disabled": "实时保护关闭 real-time protection off", "optional": "开关均可 on or off"}[wanted]
    finding.expected = f"{said}，该考试另有规定 set so by the exam: {antivirus['reason']}"
    finding.mend = "按考试文件设置实时保护 set real-time protection as the exam file says"
    return wanted


def is_off(seen: dict[str, Any]) -> bool | None:
    """Whether no product protects in real time; None where that was not read."""
    defender, products = seen["defender"], seen["products"]
    states = [None if products is None else any(one["enabled"] for one in others(seen))]
    if defender is not None:
        states.append(False if defender["enabled"] is False else defender["real_time"])
    if True in states:
        return False
    return None if None in states else True


@pytest.mark.severity("deciding")
def test_antivirus_at_work(evidence: Evidence, finding: Finding, host: str) -> None:
    """防病毒软件在工作，病毒库不超过 30 天 an antivirus is at work with signatures of the last 30 days"""
    finding.expected = (
        f"实时保护打开，病毒库不超过 {SIGNATURE_DAYS} 天 real-time protection, at most {SIGNATURE_DAYS} days"
    )
    finding.mend = f"打开实时保护；{UPDATE}"
    seen = evidence.inside(host, "antivirus")
    finding.actual = shown(seen)
    wanted = protection(evidence, finding, host)
    if wanted == "disabled":
        off = is_off(seen)
        assert off is not False
        if off is None:
            raise UnknownError(f"没有读到实时保护是否关闭（not read whether it is off）: {finding.actual}")
    if wanted != "required":
        return
    if any(one["enabled"] and one["up_to_date"] for one in others(seen)):
        return
    defender = seen["defender"]
    if defender is None:
        if seen["products"] is None:
            raise UnknownError("没有 Defender，其他防病毒软件读不到 no Defender, and others do not show on a server")
        raise AssertionError
    if defender["enabled"] is False and seen["products"] is None:
        # Another product switches Defender off, and a server has no Security Center that would name it.
        raise UnknownError("Defender 已停用，其他防病毒软件读不到 Defender is off, and others do not show on a server")
    assert defender["enabled"] is not False and defender["real_time"] is not False
    age = defender["signature_age_days"]
    assert age is None or age <= SIGNATURE_DAYS
    if None in (defender["enabled"], defender["real_time"], age):
        raise UnknownError(finding.actual)


def found_by_scan(defender: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Names and files of what the last scan found: what is left, and what was dealt with."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for one in defender["found"]:
        told[one["dealt_with"] is True].append(f"{one['name']}（{', '.join(one['files'])}）")
    return told[False], told[True]


@pytest.mark.severity("deciding")
def test_no_active_threat(evidence: Evidence, finding: Finding, host: str) -> None:
    """没有未处理的病毒，上次扫描发现的已清除 no virus is active, and what the last scan found was dealt with"""
    finding.expected = "无 none"
    finding.mend = f"到机位清除病毒后重新扫描 remove it at the computer, then scan again: {PREPARE}"
    seen = evidence.inside(host, "antivirus")
    defender = seen["defender"]
    if defender is None:
        # What another product found is not to be seen from here.
        finding.actual = "无 none"
        return
    left, gone = found_by_scan(defender)
    removed = f"；上次扫描已清除 removed by the last scan: {', '.join(gone)}" if gone else ""
    finding.actual = (", ".join([*defender["threats"], *left]) or "无 none") + removed
    assert not defender["threats"] and not left


@pytest.mark.severity("recommended")
def test_scanned_lately(evidence: Evidence, finding: Finding, host: str) -> None:
    """一周内扫描过病毒（建议） scanned for viruses within a week (advice)"""
    finding.expected = f"{SCAN_DAYS} 天内 within {SCAN_DAYS} days"
    finding.mend = f"考前扫描一次 scan before the exam: {PREPARE}"
    seen = evidence.inside(host, "antivirus")
    finding.actual = shown(seen)
    if protection(evidence, finding, host) != "required":
        return
    if seen["defender"] is None or any(one["enabled"] for one in others(seen)):
        # Windows knows of another product whether it is on and up to date, and nothing of its scans.
        raise NotApplicable(
            "其他防病毒软件何时扫描，须在该软件中查看 when another product scanned is to be seen there only"
        )
    age = seen["defender"]["scan_age_days"]
    scan = seen["defender"]["scan"]
    what = "" if scan is None else f"，{KINDS[scan['kind']]}，完成于 ended {scan['end']}"
    finding.actual = "从未扫描 never" if age is None else f"{age} 天前 days ago{what}"
    assert age is not None and age <= SCAN_DAYS
