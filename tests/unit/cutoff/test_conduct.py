"""The cutoff as a step of the day: one process waits, the record is kept, the journal is told whatever happens."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exam_room.cutoff import conduct
from exam_room.cutoff.conduct import LOCK_FILE, Place, alone, cut_now, wait_and_cut, who_waits
from exam_room.journal.journal import Journal
from exam_room.journal.sitting import sitting
from exam_room.server.clock import iso
from exam_room.wire import smb
from exam_room.wire.smberrors import AccessDenied, unreachable
from unit.cutoff.test_cutoff import EPOCH, FakeServer, order
from unit.journal.days import Day

LOGIN = smb.Login("10.0.0.10", "Administrator", "secret")
QUICK: dict[str, Any] = {"look_again_s": 0.0, "give_up_s": 0.2}


def started(tmp_path: Path, deadline: float) -> Day:
    day = Day(tmp_path / "S-1")
    day.start(EPOCH, deadline)
    return day


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """The fake server's clock is EPOCH plus this machine's monotonic clock: the deadline is past."""
    return started(tmp_path, EPOCH + 1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    server = FakeServer()

    @contextmanager
    def wire(*arguments: object) -> Iterator[FakeServer]:
        server._call("connect")
        yield server

    monkeypatch.setattr(conduct, "server_wire", wire)
    monkeypatch.setattr(conduct, "CONNECT_PAUSE_S", 0.01)
    return server


def place(day: Day, **more: Any) -> Place:
    settings: dict[str, Any] = {"directory": day.directory, "session_id": "S-1", "room": "301", "who": "root@c"}
    settings |= {"host": "server", "volume": "D$", "root": r"Exam\share"}
    return Place(**settings | more)


def now(day: Day) -> Any:
    return sitting(Journal(day.directory).read().entries)


def test_one_process_waits_and_another_is_told_which(tmp_path: Path) -> None:
    assert who_waits(tmp_path) is None
    with alone(tmp_path) as first, alone(tmp_path) as second:
        assert (first, second) == (True, False)
        assert who_waits(tmp_path) == os.getpid()
    assert who_waits(tmp_path) is None


def test_whoever_only_asks_does_not_keep_the_one_who_waits_out(tmp_path: Path) -> None:
    with (tmp_path / LOCK_FILE).open("w") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        done = threading.Timer(0.3, lambda: fcntl.flock(asking, fcntl.LOCK_UN))
        done.start()
        with alone(tmp_path) as first:
            assert first
        done.join()


def test_whoever_comes_second_waits_for_nothing_and_touches_nothing(day: Day, server: FakeServer) -> None:
    with alone(day.directory):
        result = wait_and_cut(LOGIN, order(**QUICK), place(day), 1)
    assert result == {"changed": False, "waiting": os.getpid()}
    assert server.log == []


def test_a_cut_at_once_keeps_its_record_and_ends_the_step(day: Day, server: FakeServer) -> None:
    result = cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert result["changed"]
    assert now(day).over == "cut"
    assert now(day).committed
    held = json.loads((day.directory / "cutoff.json").read_text(encoding="utf-8"))
    assert held["complete"]
    assert held["mode"] == "now"
    assert (day.directory / "cutoff.txt").read_text(encoding="utf-8").startswith("截止断连记录")


def test_the_record_of_the_cut_stays_when_somebody_cuts_again(day: Day, server: FakeServer) -> None:
    cut_now(LOGIN, order(**QUICK), place(day), 1)
    first = (day.directory / "cutoff.json").read_bytes()
    assert not cut_now(LOGIN, order(**QUICK), place(day), 1)["changed"]
    assert (day.directory / "cutoff.json").read_bytes() == first
    assert len(list(day.directory.glob("cutoff-*.json"))) == 1


def test_where_the_switch_has_cut_the_results_end_at_the_deadline(day: Day, server: FakeServer) -> None:
    server.share = None
    server.enabled = dict.fromkeys(server.enabled, False)
    server.session_list, server.files = [], []
    cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert now(day).cut_at == iso(EPOCH + 1)


@pytest.mark.parametrize("left", [True, False])
def test_a_cut_before_the_deadline_is_never_dated_later(tmp_path: Path, server: FakeServer, left: bool) -> None:
    day = started(tmp_path, EPOCH + time.monotonic() + 1000)
    if not left:
        server.share, server.enabled = None, dict.fromkeys(server.enabled, False)
        server.session_list, server.files = [], []
    cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert now(day).cut_at < iso(EPOCH + time.monotonic() + 1)


def test_a_cut_that_was_not_complete_is_failed_and_its_record_kept_beside_the_next(
    day: Day, server: FakeServer
) -> None:
    server.fail("delete_share", AccessDenied("不行", "denied", "STATUS_ACCESS_DENIED"))
    result = cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert not result["record"]["complete"]
    assert now(day).over == ""
    day.begin("cutoff")
    cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert now(day).over == "cut"
    assert json.loads((day.directory / "cutoff.json").read_text(encoding="utf-8"))["complete"]
    (earlier,) = day.directory.glob("cutoff-*.json")
    assert not json.loads(earlier.read_text(encoding="utf-8"))["complete"]


def test_a_cancellation_cuts_and_is_one(day: Day, server: FakeServer) -> None:
    day.begin("cancel")
    cut_now(LOGIN, order(**QUICK), place(day, step="cancel", reason="火警"), 1)
    assert now(day).over == "cancelled"
    assert not any(server.enabled.values())


def test_a_damaged_journal_does_not_stop_a_cut_at_once(day: Day, server: FakeServer) -> None:
    path = Journal(day.directory).path
    path.write_bytes(path.read_bytes() + b"x\n")
    result = cut_now(LOGIN, order(**QUICK), place(day), 1)
    assert not any(server.enabled.values())
    assert server.share is None
    assert any("场次日志" in problem for problem in result["record"]["problems"])
    assert (day.directory / "cutoff.json").exists()


def test_a_server_that_cannot_be_reached_is_tried_again(day: Day, server: FakeServer) -> None:
    server.fail("connect", *[unreachable("10.0.0.10", "no route")] * 3)
    assert cut_now(LOGIN, order(**QUICK), place(day), 1)["record"]["complete"]


def test_a_session_that_is_over_is_not_waited_for(day: Day, server: FakeServer) -> None:
    day.end("cutoff")
    assert wait_and_cut(LOGIN, order(**QUICK), place(day), 1) == {"changed": False, "over": True}
    assert server.log == []
