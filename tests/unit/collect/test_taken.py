"""Files are noted as taken only when they are durable, together, and whatever goes wrong after them."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from exam_room.collect import taken
from exam_room.collect.results import FILE, Entry
from exam_room.collect.taken import Batch, Copied, Taken
from exam_room.errors import ExamError

HASHES = Copied("aa", "bb")


def entry(number: int, size: int = 1) -> Entry:
    return Entry("KS01", FILE, (f"{number}.txt",), f"data/{number}.txt", size, 5, 6)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "partial").mkdir()
    return tmp_path / "log"


@pytest.fixture
def found(log: Path) -> Taken:
    made = Taken(log, log.with_name("partial"), [])
    made.begin()
    return made


def lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def test_a_line_comes_after_its_file_is_durable(log: Path, found: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(taken, "sync_filesystem", lambda fd: synced.append(lines(log)))
    monkeypatch.setattr(taken, "BATCH_FILES", 3)
    batch = Batch(log.with_name("partial"), found)
    for number in range(4):
        batch.add(entry(number), HASHES)
    assert synced == [0] and lines(log) == 3
    assert found.get(entry(2)) == HASHES and found.get(entry(3)) is None
    batch.close()
    assert synced == [0, 3] and lines(log) == 4


def test_large_files_are_kept_sooner(log: Path, found: Taken) -> None:
    batch = Batch(log.with_name("partial"), found)
    batch.add(entry(1, taken.BATCH_BYTES), HASHES)
    assert lines(log) == 1
    batch.close()
    assert lines(log) == 1


def test_what_the_disk_did_not_take_is_not_noted(log: Path, found: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    batch = Batch(log.with_name("partial"), found)
    batch.add(entry(1), HASHES)
    monkeypatch.setattr(taken, "sync_filesystem", fail)
    with pytest.raises(ExamError, match="Input/output error"):
        batch.close()
    assert lines(log) == 0 and found.get(entry(1)) is None
