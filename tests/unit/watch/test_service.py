"""One watch a session, and when the copies keep away from the deadline."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.journal.sitting import Sitting
from exam_room.room.conditions import Required
from exam_room.watch import board, service
from exam_room.watch.moments import boot_id, to_iso
from exam_room.watch.settings import settings_of
from exam_room.watch.watch import Outcome

from .samples import SEATS, START
from .test_board import data


def test_a_second_watch_of_the_session_is_told_apart(tmp_path: Path) -> None:
    with service.only_one(tmp_path) as first, service.only_one(tmp_path, 0.0) as second:
        assert (first, second) == (True, False)
    with service.only_one(tmp_path, 0.0) as again:
        assert again


@pytest.mark.parametrize(("left", "near"), [(59.0, True), (120.0, False), (-5.0, True)])
def test_near_the_end_by_the_servers_clock(tmp_path: Path, left: float, near: bool) -> None:
    assert not service.NearEnd(tmp_path)(Sitting()), "no board yet"
    beat = {"at": "2026-11-25T01:30:00.000Z", "monotonic_s": time.monotonic(), "boot_id": boot_id()}
    server = {"address": "a", "reachable": True, "time": to_iso(START + 7200 - left)}
    board.write(tmp_path, data(heartbeat=beat, server=server))
    assert service.NearEnd(tmp_path)(Sitting()) is near


def test_a_session_without_its_keys_is_refused() -> None:
    params = {"session": {"id": "x"}, "seats": SEATS, "address": "a", "root": "r"}
    with pytest.raises(ExamError, match="exam_session"):
        service.plan_of(params)


def session(*minimum: dict[str, Any]) -> dict[str, Any]:
    exam = {"name": {"zh": "考", "en": "e"}, "results": {"kinds": [".docx"], "minimum": list(minimum)}}
    return {"id": "x", "room": "r", "exam": exam, "timezone": "Asia/Shanghai"}


def test_what_the_exam_asks_for_comes_with_the_session() -> None:
    asked = {"unit": "文案", "kinds": [".docx"], "folder": None}
    plan = service.plan_of({"session": session(asked), "seats": SEATS, "address": "a", "root": "r"})
    assert plan.required == (Required("文案", (".docx",)),)


def test_a_copies_process_that_died_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params: dict[str, Any] = {"directory": str(tmp_path), "address": "a", "username": "u", "password": "p"}
    params |= {"volume": "D$", "root": "r", "seats": SEATS, "timeout": 1.0, "material": None, "units": None}
    watched = service.service_of(params | {"session": session()}, settings_of({}))
    killed = []

    class ToldTwice:
        def __init__(self, connected: Any) -> None:
            self._connected = connected

        def run(self) -> Outcome:
            (child,) = multiprocessing.active_children()
            assert child.pid
            # Until it waits to be told; killed before, it could hold nobody up.
            time.sleep(0.3)
            os.kill(child.pid, signal.SIGKILL)
            child.join(10)
            killed.append(child.exitcode)
            for _ in range(2):
                self._connected()
            return Outcome("cut", 1)

    def held_up(*_: object) -> None:
        raise AssertionError("held up by a process that is no more")

    monkeypatch.setattr(service.Service, "_watch", lambda self, connected: ToldTwice(connected))
    before = signal.signal(signal.SIGALRM, held_up)
    signal.alarm(30)
    try:
        assert watched.run().reason == "cut"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert killed == [-signal.SIGKILL]


def test_the_board_does_not_wait_for_a_busy_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(fd: int) -> None:
        raise AssertionError("would have waited for the disk")

    monkeypatch.setattr(os, "fsync", busy)
    board.write(tmp_path, data())
    assert board.read(tmp_path) == data()
