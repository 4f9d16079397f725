"""V8 服务器尽量不安装还原卡或处于安装状态；客户端建议加上还原卡保护。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError

from exam_room.look import restorecards
from exam_room.look.restorecards import Found

pytestmark = [pytest.mark.clause("V8")]


def cards(evidence: Evidence, host: str, finding: Finding) -> list[Found]:
    """The restore cards that run on ``host``; named to the inspector."""
    seen = evidence.inside(host, "restore_protection")
    # Windows runs hundreds of each: an empty list was not read.
    if not seen["drivers"] or not seen["services"]:
        raise UnknownError("没有读到驱动程序和服务 drivers and services were not read")
    found = restorecards.found(seen)
    finding.actual = ", ".join(map(str, found)) or "无 none"
    return found


@pytest.mark.severity("deciding")
def test_server_has_no_restore_card_at_work(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器没有生效的还原卡（比规范“尽量不安装”更严） no restore card is at work on the server"""
    finding.expected = "无，或处于安装状态 none, or in install mode"
    finding.mend = "在服务器上关闭还原卡保护并重新启动 switch the server's restore card off and restart it"
    found = cards(evidence, server, finding)
    assert not any(one.protects or one.protects_next for one in found)
    if any(one.protects is None for one in found):
        raise UnknownError(f"还原卡是否在保护，读不到（not known whether it protects）: {finding.actual}")


@pytest.mark.severity("recommended")
def test_client_is_protected_by_a_restore_card(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端由还原卡保护（建议） the client is protected by a restore card (advice)"""
    finding.expected = "还原卡保护中 a restore card at work"
    finding.mend = "布置好考场后打开还原卡保护 switch the restore card on once the room is prepared"
    states = {one.protects for one in cards(evidence, client, finding)}
    if True not in states and None in states:
        raise UnknownError(f"还原卡是否在保护，读不到（not known whether it protects）: {finding.actual}")
    assert True in states
