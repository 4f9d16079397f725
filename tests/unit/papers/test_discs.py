"""The discs as papers name them, from the record that burning leaves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import record
from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.papers.discs import burned
from sealing.discs import session_with_discs
from sealing.session import FILES


def note(directory: Path, event: str, **data: Any) -> None:
    with Journal(directory / "discs").writing() as writer:
        writer.append("a@b", "burn", event, data)


def digest(volume: str) -> str:
    return hashlib.sha256(volume.encode()).hexdigest()


def test_every_disc_of_every_copy_in_order(original: Path) -> None:
    found = burned(original).discs
    assert [(one.copy, one.number, one.of, one.volume) for one in found] == [
        ("正本", 1, 2, "20270619_301_1"),
        ("正本", 2, 2, "20270619_301_2"),
        ("副本", 1, 2, "20270619_301_1"),
        ("副本", 2, 2, "20270619_301_2"),
    ]
    assert [one.candidates for one in found] == [5, 3, 5, 3]
    first = found[0]
    assert first.sha256 == digest("20270619_301_1")
    assert (first.target, first.burned_by) == ("服务器刻录机", "jfgly@kongzhiji")
    assert first.first < first.last


def test_bad_discs_are_named(original: Path) -> None:
    (bad,) = burned(original).bad
    assert (bad.copy, bad.number, bad.reason) == ("正本", 1, "回读的内容与映像不同")


def test_a_disc_whose_burning_was_interrupted_is_bad(directory: Path) -> None:
    note(directory, "begun", copy=2, disc=1, target="/dev/sr0")
    assert burned(directory).bad[-1].reason == "刻录中断，没有回读核对"
    note(directory, "begun", copy=2, disc=1, target="/dev/sr0")
    note(directory, "verified", copy=2, disc=1, target="/dev/sr0", image_sha256=digest("20270619_301_1"))
    found = burned(directory)
    assert [one.reason for one in found.bad] == ["回读的内容与映像不同", "刻录中断，没有回读核对"]
    assert [one.target for one in found.discs if (one.copy, one.number) == ("副本", 1)] == ["主控机 /dev/sr0"]


def test_a_medium_that_was_refused_is_no_bad_disc(directory: Path) -> None:
    note(directory, "begun", copy=2, disc=1, target="server")
    note(directory, "refused", copy=2, disc=1, target="server", zh="不是空白盘", en="not blank")
    assert len(burned(directory).bad) == 1


def test_a_disc_with_an_older_image_does_not_count(directory: Path) -> None:
    note(directory, "image", disc=2, volume="20270619_301_2", sha256="f" * 64, size=1, files=1)
    note(directory, "begun", copy=1, disc=2, target="server")
    note(directory, "verified", copy=1, disc=2, target="server", image_sha256="f" * 64)
    sums = {(one.copy, one.number): one.sha256 for one in burned(directory).discs}
    assert sums["正本", 2] == "f" * 64


def test_nothing_of_an_earlier_sealing_is_handed_over(directory: Path) -> None:
    record = Journal(directory / "discs").read().entries
    note(directory, "sealed", **next(entry.data for entry in record if entry.event == "sealed"))
    with pytest.raises(ExamError, match="还没有核对无误的光盘"):
        burned(directory)


def test_before_burning_there_is_nothing_to_hand_over(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="还没有刻盘记录"):
        burned(tmp_path)


def test_discs_as_sealing_and_burning_really_leave_them(tmp_path: Path) -> None:
    session, (sealed,) = session_with_discs(tmp_path)
    image = {"disc": 1, "volume": sealed.volume, "sha256": "c" * 64, "size": 1, "files": 1}
    pair = {"copy": 2, "disc": 1, "target": "image"}
    record.append(session, record.IMAGE, image)
    record.append(session, record.BEGUN, pair)
    record.append(session, record.VERIFIED, pair | {"device": "", "image_sha256": "c" * 64, "files": 1, "closed": None})
    (disc,) = burned(session).discs
    assert (disc.copy, disc.volume, disc.number, disc.of) == ("副本", sealed.volume, 1, 1)
    assert (disc.candidates, disc.first, disc.last) == (1, "440100000000000001", "440100000000000001")
    assert disc.files == 2 * len(FILES)
    assert disc.target == "映像文件（演练）"


def test_a_damaged_record_is_said(directory: Path) -> None:
    note(directory, "verified", copy=1)
    with pytest.raises(ExamError, match="刻盘记录损坏"):
        burned(directory)
