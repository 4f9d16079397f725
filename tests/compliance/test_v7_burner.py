"""V7 服务器必须安装有刻录机，考试结束后立即将所有客户端对应的文件夹内的考试结果刻盘。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError

pytestmark = [pytest.mark.clause("V7"), pytest.mark.severity("deciding")]


def test_server_has_a_burner(evidence: Evidence, finding: Finding) -> None:
    """服务器装有能刻录的光驱 the server has a drive that can write"""
    finding.expected = "可刻录光驱 a drive that writes"
    finding.mend = "在服务器上安装刻录机 install a burner in the server"
    drives = evidence.inside(evidence.plan["server"]["host"], "optical_drives")
    finding.actual = ", ".join(f"{drive['drive']} {drive['name']}" for drive in drives) or "无 none"
    writers = [drive for drive in drives if drive["can_write"]]
    if not writers and any(not drive["capabilities"] for drive in drives):
        raise UnknownError(f"光驱没有说明能否刻录（a drive does not tell whether it writes）: {finding.actual}")
    assert writers
