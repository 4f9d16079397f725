"""V5 系统干净：只允许保留开考模块的原始素材文件，没有以前场次留下的文件。"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known

pytestmark = [pytest.mark.clause("V5"), pytest.mark.severity("deciding")]
#: The inspector is shown so many files; all of them stand in the evidence.
SHOWN = 5


def named(files: list[dict[str, Any]], more: int = 0) -> str:
    """Files and why they count, for the inspector."""
    lines = [f"{one['path']}（{one['zh']} {one['en']}）" for one in files[:SHOWN]]
    rest = len(files) - len(lines) + more
    return "；".join(lines) + (f"；另有 {rest} 个 and {rest} more" if rest else "")


def test_nothing_is_left_of_earlier_sessions(evidence: Evidence, finding: Finding, host: str) -> None:
    """没有以前场次的文件和其他单元的原始素材 nothing of earlier sessions, and no other raw material, is left"""
    finding.expected = "无 none"
    finding.mend = f"prepare.yml --limit {host},localhost --tags clean"
    seen = evidence.inside(host, "leftovers")
    left = "".join(f"；未查 not searched: {path}" for path in seen["left_alone"])
    finding.actual = (named(seen["found"], seen["more"]) or "无 none") + left
    assert not seen["found"]
    if seen["unreadable"]:
        raise UnknownError(f"有地方读不到 not all could be read: {named(seen['unreadable'])}")
    if seen["more"] or not seen["searched"]:
        raise UnknownError("没有查完 the search is not complete")


@pytest.mark.severity("recommended")
def test_earlier_sessions_can_be_recognised(evidence: Evidence, finding: Finding) -> None:
    """以前各场次的记录读得出，其文件能识别（建议） the records of earlier sessions can be read (advice)"""
    finding.expected = "全部 all"
    finding.mend = "恢复主控机上该场次的文件夹 restore the session's folder on the controller"
    not_known = evidence.inside(evidence.plan["server"]["host"], "leftovers")["not_known"]
    finding.actual = "；".join(not_known) or "全部 all"
    assert not not_known


def test_raw_material_is_that_of_the_module(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器上的原始素材正是开考模块的 the raw material on the server is exactly that of the module"""
    finding.expected = "与清单一致 as listed"
    finding.mend = f"prepare.yml --limit {server},localhost --tags clean,material"
    wanted = {one["path"].casefold(): one for one in evidence.plan["material"]}
    finding.expected = f"{len(wanted)} 个文件，与清单一致 files as listed"
    material = known(evidence.outside("folders", "material"))
    if material["state"] == "absent":
        finding.actual = "没有原始素材 no raw material"
        assert not wanted
        return
    there = {one["path"].casefold(): one for one in _laid(material)}
    wrong = [f"缺少 missing: {one['path']}（{one['unit']}）" for path, one in wanted.items() if path not in there]
    wrong += [
        f"内容已变 altered: {one['path']}（{one['unit']}）"
        for path, one in wanted.items()
        if path in there and (there[path]["size"], there[path]["sha256"]) != (one["size"], one["sha256"])
    ]
    wrong += [f"不属于本场 not of this session: {one['path']}" for path, one in there.items() if path not in wanted]
    finding.actual = "；".join(wrong[:SHOWN]) + (f"；共 {len(wrong)} 处 in all" if len(wrong) > SHOWN else "")
    finding.actual = finding.actual or finding.expected
    assert not wrong


def _laid(material: dict[str, Any]) -> list[dict[str, Any]]:
    """Every file of the raw material, wherever it lies."""
    return [file for state in material["state"].split("+") for file in known(material[state]["content"])]


def test_folder_is_empty(evidence: Evidence, finding: Finding, client: str) -> None:
    """开考前文件夹是空的 the seat's folder on the server is empty before the exam"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "空 empty", "先刻盘，再清场 burn.yml, then reset.yml"
    folder = known(evidence.outside("folders", "seats", account))
    finding.actual = "无文件夹 no folder" if folder is None else f"{folder['files']} 个文件 files"
    # One that is missing holds nothing either: V3 judges that.
    assert folder is None or folder["files"] == 0
