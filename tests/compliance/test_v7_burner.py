"""V7 服务器必须安装有刻录机，考试结束后立即将所有客户端对应的文件夹内的考试结果刻盘。"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from evidence import Evidence, Finding, UnknownError
from seat_trial import file_of, tried

pytestmark = [pytest.mark.clause("V7"), pytest.mark.severity("deciding")]
#: Our figure: pictures, tables and documents of one candidate are far below it.
MB_A_SEAT = 100
#: File times are finer than the clock that servers tell.
CLOCK = timedelta(seconds=2)


def test_server_has_a_burner(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器装有能刻录的光驱 the server has a drive that can write"""
    finding.expected = "可刻录光驱 a drive that writes"
    finding.mend = "在服务器上安装刻录机 install a burner in the server"
    drives = evidence.inside(server, "optical_drives")
    finding.actual = ", ".join(f"{drive['drive']} {drive['name']}" for drive in drives) or "无 none"
    writers = [drive for drive in drives if drive["can_write"]]
    if not writers and any(not drive["capabilities"] for drive in drives):
        raise UnknownError(f"光驱没有说明能否刻录（a drive does not tell whether it writes）: {finding.actual}")
    assert writers


def test_server_has_space_for_the_results(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器的盘放得下全部考试结果 the server's volume has space for all results"""
    needed = len(evidence.seats) * MB_A_SEAT
    finding.expected = f"不少于 at least {needed} MB（每个机位 a seat {MB_A_SEAT} MB）"
    finding.mend = "清理该盘 make space on that volume"
    volume = evidence.plan["volume"]
    disk = next((one for one in evidence.inside(server, "disks") if one["drive"].casefold() == volume.casefold()), None)
    finding.actual = f"没有 {volume} no {volume}"
    assert disk is not None
    if disk["free"] is None:
        raise UnknownError("没有读到可用空间 the free space was not read")
    finding.actual = f"{volume} {disk['free'] // 1_000_000} MB"
    assert disk["free"] >= needed * 1_000_000


def test_what_a_seat_saved_is_collected(evidence: Evidence, finding: Finding, client: str) -> None:
    """试收：本机位保存的文件原样收到，时间与服务器相符 what the seat saved in the trial was collected as it was"""
    finding.expected = "内容相同，时间相符 the same content, and the time of the trial"
    saved = file_of(tried(evidence, finding, client))
    finding.mend = f"prepare.yml --limit {client},server,localhost --tags drive_mapping,folders"
    if saved is None:
        raise UnknownError("没有可收的文件，见 V4（no file came that could be collected, see V4）")
    begun, changed, ended = (
        datetime.fromisoformat(moment)
        for moment in (evidence.trial("seats", "begun"), saved["changed"], evidence.trial("seats", "ended"))
    )
    finding.actual = f"{saved['size']} bytes, SHA-256 {saved['sha256']}，本机位算得 the seat's {saved['said']}"
    finding.actual += f"，{saved['changed']}"
    assert saved["size"] > 0
    assert saved["sha256"] == saved["said"]
    assert begun - CLOCK <= changed <= ended + CLOCK
