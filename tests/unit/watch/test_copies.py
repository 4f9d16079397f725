"""The safety copies: what is copied, what is kept, what is put back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.journal.sitting import Sitting
from exam_room.server.clock import ServerClock
from exam_room.watch import copier, restore
from exam_room.watch.copier import Job, Order, copy_round
from exam_room.watch.store import Store
from exam_room.wire.smbentry import Entry, join
from exam_room.wire.smberrors import LogonRefused

from .samples import ROOT, START, FakeServer, note, running

ACCOUNTS = ["KS01", "KS02"]


def order(reserve: int = 0, give_up: Callable[[], bool] = lambda: False) -> Order:
    return Order(ACCOUNTS, ROOT, reserve, give_up)


@pytest.fixture
def server() -> FakeServer:
    made = FakeServer()
    made.save("KS01\\题一\\答案.docx", b"first", START + 1)
    made.save("KS02\\b.xlsx", b"b", START + 2)
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, 3)


def contents(store: Store, account: str, true: str) -> list[bytes]:
    kept = store.index(account).files[true]
    return [store.version_path(account, version).read_bytes() for version in kept.versions]


def test_a_round_copies_what_changed_and_no_more(server: FakeServer, store: Store) -> None:
    assert copy_round(server, store, order()).files == 2
    assert (store.directory / "KS01" / "题一" / "答案.docx").read_bytes() == b"first"
    assert copy_round(server, store, order()).files == 0
    server.save("KS02\\b.xlsx", b"bb", START + 9)
    done = copy_round(server, store, order())
    assert (done.files, done.bytes) == (1, 2)
    newest = store.index("KS02").files["b.xlsx"].newest
    assert newest.sha256 == hashlib.sha256(b"bb").hexdigest()
    assert (store.directory / "KS02" / "b.xlsx").read_bytes() == b"bb"


def test_the_last_three_versions_are_kept(server: FakeServer, store: Store) -> None:
    for number in range(6):
        server.save("KS01\\a", f"v{number}".encode(), START + 10 + number)
        copy_round(server, store, order())
    assert contents(store, "KS01", "a") == [b"v3", b"v4", b"v5"]
    versions = store.directory / "versions" / "KS01"
    assert len([path for path in versions.iterdir() if path.is_file()]) == 3


def test_a_new_time_alone_makes_no_version(server: FakeServer, store: Store) -> None:
    copy_round(server, store, order())
    server.save("KS02\\b.xlsx", b"b", START + 50)
    assert copy_round(server, store, order()).files == 0
    assert contents(store, "KS02", "b.xlsx") == [b"b"]
    assert copy_round(server, store, order()).files == 0


def test_a_deleted_file_stays_in_the_copies(server: FakeServer, store: Store) -> None:
    copy_round(server, store, order())
    server.remove("KS02\\b.xlsx")
    copy_round(server, store, order())
    assert store.index("KS02").files["b.xlsx"].gone
    assert contents(store, "KS02", "b.xlsx") == [b"b"]


def test_a_locked_file_is_skipped_and_taken_when_it_is_free(server: FakeServer, store: Store) -> None:
    locked = join(ROOT, "KS02\\b.xlsx")
    server.locked.add(locked)
    done = copy_round(server, store, order())
    assert done.never == {"KS02": ["b.xlsx"]}
    assert done.files == 1
    server.locked.clear()
    done = copy_round(server, store, order())
    assert (done.files, done.never) == (1, {})
    server.locked.add(locked)
    server.save("KS02\\b.xlsx", b"later", START + 99)
    done = copy_round(server, store, order())
    assert done.skipped == {"KS02": ["b.xlsx"]}
    assert done.never == {}, "there is an older copy"


def test_names_that_linux_cannot_have(server: FakeServer, store: Store) -> None:
    names = ["a" * 200 + ".txt", "bad\ud800name", "CON", "\\".join(["深" * 40] * 8) + "\\x.txt"]
    for number, name in enumerate(names):
        server.save(f"KS01\\{name}", f"{number}".encode(), START + 5)
    assert copy_round(server, store, order()).files == 2 + len(names)
    for number, name in enumerate(names):
        assert contents(store, "KS01", name) == [f"{number}".encode()]
    assert copy_round(server, store, order()).files == 0


def test_a_file_that_became_a_folder(server: FakeServer, store: Store) -> None:
    server.save("KS01\\题", b"file", START + 5)
    copy_round(server, store, order())
    server.remove("KS01\\题")
    server.save("KS01\\题\\a.txt", b"inside", START + 6)
    copy_round(server, store, order())
    assert contents(store, "KS01", "题") == [b"file"]
    assert contents(store, "KS01", "题\\a.txt") == [b"inside"]


def test_what_programs_keep_beside_the_work_is_not_copied(server: FakeServer, store: Store) -> None:
    server.save("KS01\\~$答案.docx", b"lock", START + 5)
    assert copy_round(server, store, order()).files == 2


def test_a_full_controller_stops_the_copies(server: FakeServer, store: Store) -> None:
    done = copy_round(server, store, order(reserve=10**18))
    assert done.full
    assert done.files == 0


def test_a_file_that_changes_meanwhile_is_kept_marked_and_copied_again(server: FakeServer, store: Store) -> None:
    class Busy(FakeServer):
        busy = True

        def slice(self, path: str, offset: int, length: int) -> tuple[Entry, list[bytes]]:
            found = super().slice(path, offset, length)
            if self.busy:
                self.files[path] = (self.files[path][0], self.files[path][1] + 1)
            return found

    busy = Busy()
    busy.save("KS01\\a", b"1", START + 5)
    copy_round(busy, store, order())
    assert not store.index("KS01").files["a"].newest.steady
    busy.busy = False
    copy_round(busy, store, order())
    assert store.index("KS01").files["a"].newest.steady
    assert contents(store, "KS01", "a") == [b"1"]


def test_a_large_file_goes_through_short_lived_handles(server: FakeServer, store: Store) -> None:
    content = bytes(range(256)) * (3 * copier.SLICE // 256) + b"end"
    server.save("KS01\\big.psd", content, START + 5)
    copy_round(server, store, order())
    assert contents(store, "KS01", "big.psd") == [content]


def test_given_up_between_two_slices_leaves_no_half_copy(server: FakeServer, store: Store) -> None:
    asked: list[int] = []

    def give_up() -> bool:
        asked.append(1)
        return len(asked) > 2

    server.save("KS01\\big.psd", b"x" * (2 * copier.SLICE), START + 5)
    server.remove("KS01\\题一\\答案.docx")
    copy_round(server, store, order(give_up=give_up))
    assert "big.psd" not in store.index("KS01").files
    assert not [path for path in store.directory.rglob("*") if path.is_file() and "big" in path.name]
    assert not list(store.directory.rglob("*.partial"))


def test_a_copy_that_the_index_does_not_know_is_taken_again(server: FakeServer, store: Store) -> None:
    copy_round(server, store, order())
    server.save("KS02\\b.xlsx", b"new", START + 9)
    before = (store.directory / "index" / "KS02.json").read_bytes()
    copy_round(server, store, order())
    # As if killed between the copy and the index.
    (store.directory / "index" / "KS02.json").write_bytes(before)
    copy_round(server, store, order())
    assert contents(store, "KS02", "b.xlsx") == [b"b", b"new"]


def test_a_damaged_index_is_said_and_not_written_over(server: FakeServer, store: Store) -> None:
    path = store.directory / "index" / "KS01.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{")
    done = copy_round(server, store, order())
    assert done.problem is not None
    assert path.read_bytes() == b"{"
    assert contents(store, "KS02", "b.xlsx") == [b"b"], "the others go on"


# -- the rounds


def job(directory: Path, server: FakeServer, rounds: int, **more: Any) -> Job:
    turns = iter(range(rounds))
    options: dict[str, Any] = {
        "every_s": 0.0,
        "near_end": lambda sitting: False,
        "connect": server.connect,
        "go_on": lambda: next(turns, None) is not None,
    }
    options |= more
    return Job(
        directory=directory,
        accounts=ACCOUNTS,
        root=ROOT,
        versions=3,
        reserve_bytes=0,
        monotonic=server.monotonic,
        sleep=server.sleep,
        **options,
    )


def test_rounds_are_noted_once_and_stand_on_the_board(server: FakeServer, tmp_path: Path) -> None:
    running(tmp_path)
    alive = iter([True] * 4)
    copier.run(job(tmp_path, server, 0, go_on=lambda: next(alive, True) and server.now < 1010))
    notes = [one for one in Journal(tmp_path).read().entries if one.step == "safety_copy"]
    assert [one.data["files"] for one in notes] == [2]
    standing = copier.standing(tmp_path, 5, server.monotonic)
    assert (standing.files, standing.bytes, standing.stopped_zh) == (2, 6, "")


def test_a_refused_password_ends_the_copies(server: FakeServer, tmp_path: Path) -> None:
    running(tmp_path)
    server.refusals = [LogonRefused("错", "wrong", "STATUS_LOGON_FAILURE")] * 5
    copier.run(job(tmp_path, server, 0, go_on=lambda: server.now < 1100))
    assert server.connects == 1
    assert copier.standing(tmp_path, 5).stopped_en == "wrong"


def test_near_the_deadline_and_after_the_cut_nothing_is_copied(server: FakeServer, tmp_path: Path) -> None:
    running(tmp_path)
    copier.run(job(tmp_path, server, 0, go_on=lambda: server.now < 1010, near_end=lambda sitting: True))
    assert server.connects == 0
    note(tmp_path, "cutoff", "end", result="done")
    copier.run(job(tmp_path, server, 0, go_on=lambda: True))
    assert server.connects == 0


# -- putting back


class Target(FakeServer):
    """The fake server, writable."""

    def makedirs(self, path: str) -> list[str]:
        parts = path.split("\\")
        self.folders |= {"\\".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
        return [path]

    def write(self, path: str, chunks: Iterator[bytes]) -> int:
        content = b"".join(chunks)
        assert path not in self.files, "nothing is written over"
        self.files[path] = (content, self.server_now)
        return len(content)

    @contextmanager
    def open_read(self, path: str) -> Iterator[Any]:
        content = self.files[path][0]

        class Handle:
            def chunks(self) -> Iterator[bytes]:
                yield content

        yield Handle()

    def remove_tree(self, path: str) -> int:
        inside = [one for one in self.files if one.startswith(path + "\\")]
        for one in inside:
            del self.files[one]
        return len(inside)


@pytest.fixture
def target(server: FakeServer, store: Store) -> Target:
    copy_round(server, store, order())
    made = Target()
    made.files, made.folders = dict(server.files), set(server.folders)
    return made


def countdown(left: float, server: FakeServer) -> restore.Countdown:
    clock = ServerClock(server.offset, server.offset, 0, 0, 1, True)
    return restore.Countdown(clock, server.server_now + left, server.monotonic)


def put_back(target: Target, store: Store, left: float = 600, check: bool = False) -> restore.Restored:
    return restore.restore(target, store, "KS01", ROOT, "恢复_0930", countdown(left, target), check)


def test_copies_come_back_beside_what_is_there(target: Target, store: Store) -> None:
    target.remove("KS01\\题一\\答案.docx")
    done = put_back(target, store)
    assert done.folder == "恢复_0930"
    assert target.files[join(ROOT, "KS01\\恢复_0930\\题一\\答案.docx")][0] == b"first"
    assert put_back(target, store).folder == "恢复_0930_2"


def test_check_mode_only_says(target: Target, store: Store) -> None:
    before = dict(target.files)
    assert [one["path"] for one in put_back(target, store, check=True).files] == ["题一\\答案.docx"]
    assert target.files == before


def test_a_damaged_copy_is_refused_and_nothing_stays(target: Target, store: Store) -> None:
    newest = store.index("KS01").files["题一\\答案.docx"].newest
    store.version_path("KS01", newest).write_bytes(b"other")
    before = dict(target.files)
    with pytest.raises(ExamError, match="damaged"):
        put_back(target, store)
    assert target.files == before


def test_too_near_to_the_deadline(target: Target, store: Store) -> None:
    before = dict(target.files)
    with pytest.raises(ExamError, match="deadline"):
        put_back(target, store, left=30)
    assert target.files == before


def test_time_that_runs_out_takes_everything_back(target: Target, store: Store) -> None:
    class Slow(Target):
        def write(self, path: str, chunks: Iterator[bytes]) -> int:
            written = super().write(path, chunks)
            self.sleep(100)
            return written

    slow = Slow()
    slow.files, slow.folders = dict(target.files), set(target.folders)
    slow.save("KS01\\z", b"z", START + 3)
    copy_round(slow, store, order())
    before = dict(slow.files)
    with pytest.raises(ExamError, match="deadline"):
        put_back(slow, store, left=90)
    assert slow.files == before


@pytest.mark.parametrize(
    ("sitting", "reason"),
    [
        (Sitting(started_at="x", deadline="y"), "  "),
        (Sitting(), "误删"),
        (Sitting(started_at="x", over="cut"), "误删"),
        (Sitting(started_at="x", committed=True), "误删"),
        (Sitting(started_at="x", ended={1: "提前交卷"}), "误删"),
        (Sitting(started_at="x", absent=frozenset({1})), "误删"),
    ],
)
def test_when_a_restore_is_refused(sitting: Sitting, reason: str) -> None:
    with pytest.raises(ExamError):
        restore.check_may_restore(sitting, 1, reason)


def test_the_folder_cannot_lead_elsewhere(tmp_path: Path) -> None:
    for name in ("..\\KS02", "a/b", "..", "x.", "CON", "a\nb"):
        with pytest.raises(ExamError):
            restore.checked_name(name)
    assert restore.checked_name("恢复") == "恢复"
