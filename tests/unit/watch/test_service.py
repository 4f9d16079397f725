"""One watch a session, and when the copies keep away from the deadline."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.journal.sitting import Sitting
from exam_room.watch import board, service
from exam_room.watch.moments import boot_id, to_iso

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
