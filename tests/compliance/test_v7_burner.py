"""V7 服务器必须安装有刻录机，考试结束后立即将所有客户端对应的文件夹内的考试结果刻盘。"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

import pytest
from evidence import Evidence, Finding, UnknownError
from seat_trial import file_of, tried

from exam_room.discs.image import CAPACITY
from exam_room.files import megabytes

pytestmark = [pytest.mark.clause("V7"), pytest.mark.severity("deciding")]
#: Our figure, where the exam does not say how much a candidate may save (results.limit_mb): pictures, tables and
#: documents of one are far below it.
MB_A_SEAT = 100
#: File times are finer than the clock that servers tell.
CLOCK = timedelta(seconds=2)


def results(evidence: Evidence) -> tuple[int, str]:
    """Bytes that the results of all seats may take, and where that comes from."""
    limit = evidence.plan["session"]["exam"]["results"]["limit_mb"]
    a_seat = limit * 1024 * 1024 if limit else MB_A_SEAT * 1_000_000
    said = "考试文件规定 the exam says" if limit else "每个机位 a seat"
    return len(evidence.seats) * a_seat, f"{len(evidence.seats)} × {megabytes(a_seat)}（{said}）"


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
    needed, why = results(evidence)
    finding.expected = f"不少于 at least {megabytes(needed)} = {why}"
    finding.mend = "清理该盘 make space on that volume"
    volume = evidence.plan["volume"]
    disk = next((one for one in evidence.inside(server, "disks") if one["drive"].casefold() == volume.casefold()), None)
    finding.actual = f"没有 {volume} no {volume}"
    assert disk is not None
    if disk["free"] is None:
        raise UnknownError("没有读到可用空间 the free space was not read")
    finding.actual = f"{volume} {megabytes(disk['free'])}"
    assert disk["free"] >= needed


def test_blank_disc_is_in_the_burner(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器的刻录机里有一张够大的空白一次性光盘 a blank write-once disc that is large enough lies in the burner"""
    finding.expected = "空白一次性光盘 a blank write-once disc"
    needed, why = results(evidence)
    burning = evidence.plan["burning"]
    # What no single disc holds goes onto several, and the drive takes one: the first of them, then.
    capacity = CAPACITY[burning["medium"]]
    least, discs = min(needed, capacity), ceil(needed / capacity)
    finding.expected += (
        f", 不少于 at least {megabytes(least)}"
        f"（{why}；约 about {discs} × {burning['copies']} 张 discs，机内一张即可 one of them in the drive will do）"
    )
    finding.mend = "在服务器的刻录机里放入空白光盘 put a blank disc into the server's burner"
    found = evidence.inside(server, "burner")
    finding.actual = f"{found['drive']} {found['device']}: {found['zh']} {found['en']}"
    assert not found["wrong"]
    finding.actual = f"{found['drive']} {found['device']}: {found['medium']} {megabytes(found['free'])}"
    assert found["free"] >= least


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
