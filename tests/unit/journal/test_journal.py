"""The journal: what it keeps, and what it finds."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.journal.journal import GENESIS, Clock, Journal, parse


def ticking() -> Clock:
    """A clock that moves on by one millisecond each time it is read."""
    moments = (datetime(2025, 6, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n) for n in range(10_000))
    return lambda: next(moments)


def fill(directory: Path, *events: str) -> Journal:
    journal = Journal(directory, ticking())
    with journal.writing() as writer:
        for event in events:
            writer.append("root@controller", "prepare", event, {"考场": "三楼 301", "n": 1.5})
    return journal


def test_entries_come_back_in_order_with_their_chain(tmp_path: Path) -> None:
    reading = fill(tmp_path / "session", "begin", "note", "end").read()
    assert [entry.event for entry in reading.entries] == ["begin", "note", "end"]
    assert [entry.seq for entry in reading.entries] == [1, 2, 3]
    assert reading.entries[0].prev == GENESIS
    assert reading.entries[2].prev == reading.entries[1].hash
    assert reading.entries[0].at == "2025-06-01T01:00:00.000Z"


def test_the_hash_can_be_computed_by_anyone_from_the_line(tmp_path: Path) -> None:
    fill(tmp_path, "begin")
    line = json.loads((tmp_path / "journal.jsonl").read_text(encoding="utf-8"))
    claimed = line.pop("hash")
    canonical = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == claimed


def test_chinese_stands_legibly_in_the_file(tmp_path: Path) -> None:
    fill(tmp_path, "begin")
    assert "三楼 301" in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")


def test_a_name_that_is_not_unicode_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path, ticking())
    with journal.writing() as writer:
        writer.append("w", "burn", "note", {"name": "a\udc80b"})
    assert journal.read().entries[0].data == {"name": "a\udc80b"}


def change_data(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"n":1.5', b'"n":1.6')


def remove_line(lines: list[bytes]) -> None:
    del lines[1]


def swap_lines(lines: list[bytes]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def rehash_one(lines: list[bytes]) -> None:
    fields: dict[str, Any] = json.loads(lines[1])
    fields["data"] = {"n": 2}
    del fields["hash"]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    fields["hash"] = hashlib.sha256(canonical).hexdigest()
    lines[1] = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def add_blank(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"n":1.5', b'"n": 1.5')


def blank_line(lines: list[bytes]) -> None:
    lines.insert(1, b"")


def not_a_number(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b"1.5", b"NaN")


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (change_data, 2),
        (remove_line, 2),
        (swap_lines, 2),
        (rehash_one, 3),
        (add_blank, 2),
        (blank_line, 2),
        (not_a_number, 2),
    ],
)
def test_tampering_is_refused_with_the_line(tmp_path: Path, tamper: Callable[[list[bytes]], None], line: int) -> None:
    journal = fill(tmp_path, "begin", "note", "end")
    lines = journal.path.read_bytes().splitlines()
    tamper(lines)
    before = b"".join(text + b"\n" for text in lines)
    journal.path.write_bytes(before)
    with pytest.raises(ExamError, match=f"第{line}行(.|\n)*line {line}:"):
        journal.read()
    with pytest.raises(ExamError), journal.writing():
        pass
    assert journal.path.read_bytes() == before


def test_a_torn_line_is_kept_aside_and_journalled(tmp_path: Path) -> None:
    journal = fill(tmp_path, "begin", "end")
    torn = b'{"seq":3,"at":"2025-'
    with journal.path.open("ab") as handle:
        handle.write(torn)
    assert journal.read().torn == torn
    assert journal.path.read_bytes().endswith(torn), "reading mends nothing"

    with journal.writing() as writer:
        writer.append("w", "inspect", "begin", {})

    entries = journal.read().entries
    assert [entry.event for entry in entries] == ["begin", "end", "torn", "begin"]
    assert (tmp_path / entries[2].data["file"]).read_bytes() == torn
    assert entries[2].data["sha256"] == hashlib.sha256(torn).hexdigest()


def test_a_torn_line_put_aside_by_a_run_that_died_is_journalled_by_the_next(tmp_path: Path) -> None:
    journal = fill(tmp_path, "begin")
    with journal.path.open("ab") as handle:
        handle.write(b"{")
    with journal.writing():
        pass  # Put aside and cut, but nothing was appended any more.
    assert journal.read().torn == b""
    with journal.writing() as writer:
        writer.append("w", "prepare", "end", {})
    with journal.writing() as writer:
        writer.append("w", "inspect", "begin", {})
    assert [entry.event for entry in journal.read().entries] == ["begin", "torn", "end", "begin"]


def test_a_whole_line_without_its_end_was_never_acknowledged(tmp_path: Path) -> None:
    journal = fill(tmp_path, "begin", "end")
    journal.path.write_bytes(journal.path.read_bytes()[:-1])
    reading = journal.read()
    assert [entry.event for entry in reading.entries] == ["begin"]
    assert reading.torn


def test_data_that_is_not_json_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    journal = fill(tmp_path, "begin")
    before = journal.path.read_bytes()
    for data in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(ExamError), journal.writing() as writer:
            writer.append("w", "prepare", "note", data)
    assert journal.path.read_bytes() == before


def _append_many(directory: Path, name: str) -> None:
    for _ in range(20):
        with Journal(directory).writing() as writer:
            writer.append(name, "prepare", "note", {})


def test_two_writers_at_once_keep_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_many, args=(tmp_path, name)) for name in ("a", "b")]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert len(Journal(tmp_path).read().entries) == 40


def test_a_journal_that_stays_held_is_said_so(tmp_path: Path) -> None:
    journal = fill(tmp_path, "begin")
    with (
        journal.writing(),
        pytest.raises(ExamError, match="held by another program"),
        Journal(tmp_path, patience=0).writing(),
    ):
        pass


def test_reading_an_absent_journal_makes_none(tmp_path: Path) -> None:
    reading = Journal(tmp_path / "nothing").read()
    assert reading.entries == () and reading.last_hash == GENESIS
    assert not (tmp_path / "nothing").exists()


def test_no_bytes_are_a_journal_without_lines() -> None:
    assert parse(b"").entries == ()
