"""Collecting from a server that lives in memory, and that misbehaves when told to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exam_room.collect import collect, results
from exam_room.collect.collect import Collector, Found
from exam_room.collect.discnames import Parts
from exam_room.collect.results import Owner
from exam_room.errors import ExamError
from exam_room.wire.smberrors import ConnectionLost, LogonRefused, connection_lost, from_status

SAVED = 133_932_131_234_567_891  # 2025-06-01, 100 ns
A = Owner("KS01", "440100000000000001")
B = Owner("KS02", "440100000000000002")
SPARE = Owner("KS03", None, spare=True)


class Content:
    """An open file of that server; its connection may go in the middle of it."""

    def __init__(self, server: Server, content: bytes, streams: list[tuple[str, int]]) -> None:
        self._server = server
        self._content = content
        self.streams = streams

    @property
    def chunks(self) -> Iterator[bytes]:
        for at in range(0, len(self._content), 1000):
            self._server.before_chunk(at)
            yield self._content[at : at + 1000]


class Server:
    """Folders in memory; a collect.Source that counts who reads at once."""

    def __init__(self) -> None:
        self.items: dict[str, dict[Parts, Found]] = {}
        self.content: dict[tuple[str, Parts], bytes] = {}
        self.streams: dict[tuple[str, Parts], list[tuple[str, int]]] = {}
        self.before_read: Callable[[str, Parts], None] = lambda folder, parts: None
        self.before_chunk: Callable[[int], None] = lambda at: None
        self.read: list[tuple[str, ...]] = []
        self.connections = 0
        self._lock = threading.Lock()

    def folder(self, account: str) -> None:
        self.items.setdefault(account, {})

    def put(self, account: str, path: str, content: bytes, modified: int = SAVED) -> None:
        parts = tuple(path.split("\\"))
        self.folder(account)
        for depth in range(1, len(parts)):
            self.items[account][parts[:depth]] = Found(parts[:depth], results.FOLDER, 0, modified, modified)
        self.items[account][parts] = Found(parts, results.FILE, len(content), modified, modified)
        self.content[account, parts] = content

    def put_kind(self, account: str, path: str, kind: str) -> None:
        parts = tuple(path.split("\\"))
        self.items[account][parts] = Found(parts, kind, 0, SAVED, SAVED)

    def remove(self, account: str, path: str) -> None:
        del self.items[account][tuple(path.split("\\"))]

    def walk(self, folder: str) -> Iterator[Found]:
        if folder not in self.items:
            raise ExamError(f"没有文件夹 {folder}", f"no folder {folder}")
        return iter(list(self.items[folder].values()))

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Content]:
        self.before_read(folder, parts)
        self.read.append((folder, *parts))
        yield Content(self, self.content[folder, parts], self.streams.get((folder, parts), []))

    @contextlib.contextmanager
    def connect(self) -> Iterator[Server]:
        with self._lock:
            self.connections += 1
        yield self

    def collector(self, session: Path, workers: int = 2) -> Collector:
        return Collector(session, self.connect, workers, lambda: datetime(2025, 6, 1, 3, tzinfo=UTC))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before a connection is made anew."""
    monkeypatch.setattr(collect, "RECONNECT_S", (0.0,) * 6)


@pytest.fixture
def server() -> Server:
    server = Server()
    for owner in (A, B, SPARE):
        server.folder(owner.account)
    server.put("KS01", "单元1\\报告 一.docx", b"x" * 2500)
    server.put("KS01", "空.txt", b"")
    server.put("KS02", "a.bin", bytes(range(256)) * 40)
    return server


def test_every_file_arrives_byte_for_byte_with_its_hashes_and_time(server: Server, tmp_path: Path) -> None:
    table = server.collector(tmp_path).collect([A, B, SPARE]).table
    got = tmp_path / "bag/data/KS01_440100000000000001/单元1/报告 一.docx"
    assert got.read_bytes() == b"x" * 2500
    assert got.stat().st_mtime_ns // 100 == SAVED - 116_444_736_000_000_000
    entry = next(e for e in table.entries if e.parts == ("单元1", "报告 一.docx"))
    assert entry.sha256 == hashlib.sha256(b"x" * 2500).hexdigest()
    assert entry.sha512 == hashlib.sha512(b"x" * 2500).hexdigest()
    assert entry.modified == SAVED
    assert (tmp_path / "bag/data/KS02_440100000000000002/a.bin").read_bytes() == bytes(range(256)) * 40
    assert (tmp_path / "bag/data/KS01_440100000000000001/空.txt").stat().st_size == 0
    assert (tmp_path / "bag/data/KS03_spare").is_dir()
    assert results.load(tmp_path / "bag") == table
    assert not (tmp_path / "bag.partial").exists()


def test_the_summary_counts_for_each_candidate(server: Server, tmp_path: Path) -> None:
    first, second, spare = server.collector(tmp_path).collect([A, B, SPARE]).table.summary()
    assert (first["files"], first["bytes"]) == (2, 2500)
    assert first["last_modified"] == "2025-06-01T00:58:43.4567891Z"
    assert second["exam_number"] == "440100000000000002"
    assert (spare["files"], spare["last_modified"]) == (0, None)


def test_no_more_connections_than_workers(server: Server, tmp_path: Path) -> None:
    server.collector(tmp_path, workers=2).collect([A, B, SPARE])
    assert server.connections == 2


def test_folders_are_read_at_the_same_time(server: Server, tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=10)
    server.remove("KS01", "空.txt")

    def meet(folder: str, parts: Parts) -> None:
        meeting.wait()

    server.before_read = meet
    assert server.collector(tmp_path, workers=2).collect([A, B]).changed


def test_empty_folders_and_links_are_recorded_and_links_not_followed(server: Server, tmp_path: Path) -> None:
    server.put_kind("KS01", "空文件夹", results.FOLDER)
    server.put_kind("KS01", "捷径", results.REPARSE)
    table = server.collector(tmp_path).collect([A]).table
    folder = tmp_path / "bag/data/KS01_440100000000000001"
    assert (folder / "空文件夹").is_dir()
    assert not (folder / "捷径").exists()
    assert table.reparse_points() == ["KS01\\捷径"]


def test_awkward_names_arrive_and_their_true_names_are_kept(server: Server, tmp_path: Path) -> None:
    names = ["CON", "点.", "笑😀.txt", "Report.txt", "report.txt", "长" * 200 + ".txt", "lone\ud800"]
    for number, name in enumerate(names):
        server.put("KS02", name, str(number).encode())
    deep = "\\".join(["层级" * 15] * 12) + "\\深.txt"
    server.put("KS02", deep, b"deep")
    server.collector(tmp_path).collect([B])
    table = results.load(tmp_path / "bag")
    by_true_name = {entry.parts: (tmp_path / "bag" / entry.disc) for entry in table.files}
    for number, name in enumerate(names):
        assert by_true_name[(name,)].read_bytes() == str(number).encode()
    assert by_true_name[tuple(deep.split("\\"))].read_bytes() == b"deep"
    # Each file is there once, none lies upon another.
    assert len(set(by_true_name.values())) == len(names) + 2


def test_nothing_is_written_outside_the_bag(server: Server, tmp_path: Path) -> None:
    for parts in [("..", "..", "escape.txt"), ("../escape.txt",), ("/escape.txt",)]:
        server.items["KS01"][parts] = Found(parts, results.FILE, 1, SAVED, SAVED)
        server.content["KS01", parts] = b"!"
    session = tmp_path / "sessions" / "S-1"
    session.mkdir(parents=True)
    server.collector(session).collect([A])
    found = {Path(root) / name for root, _, files in os.walk(tmp_path) for name in files}
    assert all(session / "bag" in path.parents for path in found)
    assert sum(path.read_bytes() == b"!" for path in found) == 3


def change_size(server: Server) -> None:
    server.put("KS01", "空.txt", b"late")


def change_time_only(server: Server) -> None:
    server.put("KS01", "空.txt", b"", modified=SAVED + 1)


def add(server: Server) -> None:
    server.put("KS01", "planted.txt", b"late")


def vanish(server: Server) -> None:
    server.remove("KS01", "空.txt")


@pytest.mark.parametrize(
    ("misdeed", "named"),
    [(change_size, "空.txt"), (change_time_only, "空.txt"), (add, "planted.txt"), (vanish, "空.txt")],
)
def test_a_file_that_does_not_stay_as_it_is_stops_the_step_by_name(
    server: Server, tmp_path: Path, misdeed: Callable[[Server], None], named: str
) -> None:
    # When KS02 is read, KS01's folder has been listed; one worker reads KS01's files before.
    server.before_read = lambda folder, parts: misdeed(server) if folder == "KS02" else None
    with pytest.raises(ExamError, match=named):
        server.collector(tmp_path, workers=1).collect([A, B])
    assert not (tmp_path / "bag").exists()


def test_whatever_moved_in_any_folder_is_named_at_once(server: Server, tmp_path: Path) -> None:
    def plant(folder: str, parts: Parts) -> None:
        server.put("KS01", "planted.txt", b"late")
        server.put("KS03", "too.txt", b"late")

    server.before_read = plant
    with pytest.raises(ExamError, match=r"KS01\\planted\.txt, KS03\\too\.txt"):
        server.collector(tmp_path).collect([A, B, SPARE])


def test_a_file_shorter_than_listed_is_named(server: Server, tmp_path: Path) -> None:
    server.content["KS02", ("a.bin",)] = b"short"
    with pytest.raises(ExamError, match="a\\.bin"):
        server.collector(tmp_path).collect([A, B])


def test_a_missing_folder_is_named(server: Server, tmp_path: Path) -> None:
    del server.items["KS02"]
    with pytest.raises(ExamError, match="KS02"):
        server.collector(tmp_path).collect([A, B])


def test_an_interrupted_run_starts_clean(server: Server, tmp_path: Path) -> None:
    def die(folder: str, parts: Parts) -> None:
        if folder == "KS02":
            raise KeyboardInterrupt

    server.before_read = die
    with pytest.raises(KeyboardInterrupt):
        server.collector(tmp_path, workers=1).collect([A, B])
    assert (tmp_path / "bag.partial").exists() and not (tmp_path / "bag").exists()
    (tmp_path / "bag.partial/data/KS01_440100000000000001/leftover").write_text("from the run that died")

    server.before_read = lambda folder, parts: None
    assert server.collector(tmp_path).collect([A, B]).changed
    assert not (tmp_path / "bag/data/KS01_440100000000000001/leftover").exists()


def test_an_interrupted_run_goes_on_with_what_is_whole(server: Server, tmp_path: Path) -> None:
    server.put("KS01", "先.txt", b"first")

    def die(folder: str, parts: Parts) -> None:
        if folder == "KS02":
            raise KeyboardInterrupt

    server.before_read = die
    with pytest.raises(KeyboardInterrupt):
        server.collector(tmp_path, workers=1).collect([A, B])
    before = server.read.copy()
    assert ("KS01", "先.txt") in before
    # Meanwhile one file was saved again, and the other's copy was cut short by the power cut.
    server.put("KS01", "先.txt", b"again", modified=SAVED + 1)
    (tmp_path / "bag.partial/data/KS01_440100000000000001/单元1/报告 一.docx").write_bytes(b"x" * 2400)
    with (tmp_path / "bag.partial.jsonl").open("ab") as log:
        log.write(b'{"key": ["KS01", "torn')

    server.before_read = lambda folder, parts: None
    server.read.clear()
    table = server.collector(tmp_path).collect([A, B]).table
    assert sorted(server.read) == [("KS01", "先.txt"), ("KS01", "单元1", "报告 一.docx"), ("KS02", "a.bin")]
    for entry in table.files:
        content = server.content[entry.account, entry.parts]
        assert (tmp_path / "bag" / entry.disc).read_bytes() == content
        assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag"]


def lose(server: Server, times: int) -> None:
    """The connection goes in the middle of a file, so often."""
    left = [times]

    def gone(at: int) -> None:
        if at == 2000 and left[0]:
            left[0] -= 1
            raise connection_lost("server", "cable")

    server.before_chunk = gone


def test_a_lost_connection_is_made_anew_and_the_file_read_again(server: Server, tmp_path: Path) -> None:
    lose(server, 3)
    collector = server.collector(tmp_path, workers=1)
    table = collector.collect([A, B]).table
    assert server.connections == 4
    for entry in table.files:
        assert (tmp_path / "bag" / entry.disc).read_bytes() == server.content[entry.account, entry.parts]


def test_a_connection_that_stays_away_ends_the_step_after_some_tries(server: Server, tmp_path: Path) -> None:
    lose(server, 1000)
    with pytest.raises(ConnectionLost):
        server.collector(tmp_path, workers=1).collect([A])
    assert server.connections == 1 + len(collect.RECONNECT_S)
    server.before_chunk = lambda at: None
    assert server.collector(tmp_path).collect([A]).changed


def test_a_refused_log_on_is_not_tried_again(server: Server, tmp_path: Path) -> None:
    def refuse(folder: str, parts: Parts) -> None:
        raise from_status("STATUS_LOGON_FAILURE", "server")

    server.before_read = refuse
    with pytest.raises(LogonRefused):
        server.collector(tmp_path, workers=1).collect([A])
    assert server.connections == 1


def test_alternate_data_streams_are_named_and_the_mark_of_a_download_is_not(server: Server, tmp_path: Path) -> None:
    server.streams["KS02", ("a.bin",)] = [("秘密", 77), ("Zone.Identifier", 26)]
    table = server.collector(tmp_path).collect([A, B]).table
    assert table.streams() == ["KS02\\a.bin:秘密"]
    assert "a.bin:Zone.Identifier" in (tmp_path / "bag/results.csv").read_text(encoding="utf-8-sig")
    assert not server.collector(tmp_path).collect([A, B]).changed, "a second run finds the same"


def test_how_far_it_has_come_is_said(server: Server, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    Collector(tmp_path, server.connect, 2, say=lambda done, whole: said.append((done, whole))).collect([A, B])
    assert said[-1] == (2500 + 10240, 2500 + 10240)
    assert [done for done, _ in said] == sorted(done for done, _ in said)


def test_a_second_run_compares_and_changes_nothing(server: Server, tmp_path: Path) -> None:
    first = server.collector(tmp_path).collect([A, B])
    again = server.collector(tmp_path).collect([A, B])
    assert not again.changed and again.table == first.table
    server.put("KS02", "planted.txt", b"late")
    with pytest.raises(ExamError, match=r"planted\.txt"):
        server.collector(tmp_path).collect([A, B])


def test_a_file_that_came_after_the_cutoff_is_named_and_no_result(server: Server, tmp_path: Path) -> None:
    parts = ("planted.txt",)
    server.put("KS01", "planted.txt", b"late")
    server.items["KS01"][parts] = Found(parts, results.FILE, 4, SAVED - 5, SAVED + 1, created=SAVED + 1)
    server.items["KS01"]["空.txt",] = Found(("空.txt",), results.FILE, 0, SAVED, SAVED + 1, created=SAVED)
    dated = Found(("unpacked.txt",), results.FILE, 0, SAVED, SAVED, created=SAVED + 10**12)
    server.put("KS01", "unpacked.txt", b"")
    server.items["KS01"][dated.parts] = dated
    collector = Collector(tmp_path, server.connect, latest=SAVED)
    table = collector.collect([A]).table
    assert table.late() == ["KS01\\planted.txt"]
    assert dated.parts in {entry.parts for entry in table.files}, "a creation time alone proves nothing"
    assert table.changed_since(SAVED) == ["KS01\\空.txt"]
    assert not any(path.name == "planted.txt" for path in (tmp_path / "bag").rglob("*"))
    assert not server.collector(tmp_path).collect([A]).changed
    server.remove("KS01", "planted.txt")
    with pytest.raises(ExamError, match=r"planted\.txt"):
        server.collector(tmp_path).collect([A])


@pytest.mark.parametrize("moment", ["", "soon", "2025-06-01T03:00:00"])
def test_a_cutoff_without_a_clear_time_is_refused(moment: str) -> None:
    with pytest.raises(ExamError):
        results.filetime(moment)


def test_a_moment_becomes_a_filetime_and_back() -> None:
    assert results.filetime_text(results.filetime("2025-06-01T11:00:00.041+08:00")) == "2025-06-01T03:00:00.0410000Z"


def test_check_mode_writes_nothing(server: Server, tmp_path: Path) -> None:
    collected = server.collector(tmp_path).collect([A, B], dry=True)
    assert collected.changed and collected.table.size == 2500 + 256 * 40
    assert list(tmp_path.iterdir()) == []


def test_too_little_space_is_said_before_anything_is_written(server: Server, tmp_path: Path) -> None:
    server.items["KS01"][("huge",)] = Found(("huge",), results.FILE, 1 << 60, SAVED, SAVED)
    with pytest.raises(ExamError, match="空间不足"):
        server.collector(tmp_path).collect([A])
    assert list(tmp_path.iterdir()) == []


def test_an_account_named_twice_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="twice"):
        server.collector(tmp_path).collect([A, A])


def test_a_folder_listing_with_a_name_twice_is_refused(server: Server, tmp_path: Path) -> None:
    once = list(server.items["KS01"].values())
    server.walk = lambda folder: iter([*once, once[0]])  # type: ignore[method-assign]
    with pytest.raises(ExamError, match="twice"):
        server.collector(tmp_path).collect([A])


def test_excel_takes_no_name_for_a_formula_and_no_number_for_a_number(server: Server, tmp_path: Path) -> None:
    server.put("KS01", "=cmd|' /C calc'!A0", b"1")
    server.collector(tmp_path).collect([A])
    text = (tmp_path / "bag/results.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd" in text and ",=cmd" not in text
    assert '=""440100000000000001""' in text


def test_the_table_of_the_same_results_is_the_same(server: Server, tmp_path: Path) -> None:
    for session in ("one", "two"):
        (tmp_path / session).mkdir()
        server.collector(tmp_path / session, workers=1 if session == "one" else 3).collect([A, B, SPARE])
        server.items["KS01"] = dict(reversed(server.items["KS01"].items()))
    one, two = ((tmp_path / session / "bag/results.json").read_bytes() for session in ("one", "two"))
    assert one == two and json.loads(one)["version"] == 1


def test_a_damaged_table_is_refused(server: Server, tmp_path: Path) -> None:
    server.collector(tmp_path).collect([A])
    (tmp_path / "bag/results.json").write_text('{"version": 1}')
    with pytest.raises(ExamError, match=r"results\.json"):
        results.load(tmp_path / "bag")


@pytest.mark.parametrize("filetime", [0, -5, 2**63 - 1])
def test_times_that_no_calendar_has_do_no_harm(server: Server, tmp_path: Path, filetime: int) -> None:
    server.put("KS01", "odd.txt", b"1", modified=filetime)
    table = server.collector(tmp_path).collect([A]).table
    assert next(e for e in table.files if e.parts == ("odd.txt",)).modified == filetime


def test_owners_come_from_the_seats() -> None:
    seats = [
        {"account": "KS01", "spare": False, "candidate": {"exam_number": "4401", "name": "张三"}},
        {"account": "KS02", "spare": False, "candidate": None},
        {"account": "KS31", "spare": True, "candidate": None},
    ]
    assert [owner.label for owner in results.owners(seats)] == ["4401", "vacant", "spare"]
