"""The trial of the cutoff against a real server: every account is cut off, and nothing of it is left."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from exam_room.cutoff import switch
from exam_room.trial import cut, seats, traces, trial
from exam_room.wire import smb, srvsvc
from integration.wire.conftest import Room


def off(request: cut.Request) -> dict[str, seats.Client]:
    """Clients that cannot be asked: their seats are unknown, and the cutoff is tried all the same."""
    return {seat["host"]: "关机 off" for seat in request.seats}


@pytest.fixture
def request_of(exam: Room) -> cut.Request:
    return cut.Request(exam.login, exam.seats, exam.passwords)


def _shares(exam: Room) -> set[str]:
    with smb.connect(exam.login) as server, srvsvc.server_service(server) as service:
        return {one.name for one in service.shares()}


def test_every_account_is_cut_off_from_the_trial_and_no_trace_is_left(exam: Room, request_of: cut.Request) -> None:
    before = _shares(exam)
    document = trial.run(request_of, off(request_of))
    assert all(seat == {"unknown": "关机 off"} for seat in document["seats"]["value"]["hosts"].values())
    found = document["cutoff"]["value"]
    record, after = found["record"], found["after"]
    assert record["complete"], record
    assert record["logon"]["refused"]
    assert {seat["account"] for seat in record["seats"] if seat["connected"]} == set(exam.names)
    assert record["share_removed_ms"] >= 0
    for name in exam.names:
        seen = found["writers"][name]["value"]
        assert seen["blocks"] > 0
        assert seen["refused"] is not None
        assert -2000 < seen["last_ms"] <= record["sessions_gone_ms"]
    assert after == {"share": False, "exam_share": True, "sessions": [], "enabled": []}
    assert document["left"]["value"] == []
    assert _shares(exam) == before
    assert exam.enabled() == dict.fromkeys(exam.names, False)


def test_what_a_killed_trial_left_is_gone_with_the_next_one(exam: Room, request_of: cut.Request) -> None:
    seat_file = rf"Exam\share\KS02\~exam-trial-PC02-{'ab' * 32}.tmp"
    with smb.connect(exam.login) as server, srvsvc.server_service(server) as service:
        cut.make_share(request_of, server, service)
        share = server.share("D$")
        share.write(rf"{traces.FOLDER}\KS01\写入中.tmp", b"1")
        share.write(seat_file, b"2")
        share.write(r"Exam\share\KS02\~exam-trial-notes.tmp", b"a candidate's own")
    assert traces.find(request_of) == [traces.SHARE, traces.FOLDER, seat_file]
    assert traces.clean(request_of) == [traces.SHARE, traces.FOLDER, seat_file]
    assert traces.clean(request_of) == []
    with smb.connect(exam.login) as server:
        assert [one.name for one in server.share("D$").listdir(r"Exam\share\KS02")] == ["~exam-trial-notes.tmp"]


def test_a_trial_that_is_killed_at_work_is_gone_with_the_next_one(exam: Room, request_of: cut.Request) -> None:
    process = multiprocessing.get_context("fork").Process(target=trial.run, args=(request_of, off(request_of)))
    process.start()
    try:
        give_up = time.monotonic() + 30
        while not _is_written(request_of):
            assert process.is_alive() and time.monotonic() < give_up
            time.sleep(0.1)
    finally:
        process.kill()
        process.join()
    assert traces.find(request_of) == [traces.SHARE, traces.FOLDER]
    document = trial.run(request_of, off(request_of))
    assert document["cutoff"]["value"]["record"]["complete"]
    assert document["left"]["value"] == []
    assert exam.enabled() == dict.fromkeys(exam.names, False)


def _is_written(request: cut.Request) -> bool:
    """Whether an account writes to the trial's share."""
    with smb.connect(request.login) as server:
        share = server.share(request.volume)
        there = share.stat(traces.FOLDER) is not None
        return there and any(not entry.is_dir and entry.size for entry in share.walk(traces.FOLDER))


def test_nothing_is_tried_while_a_session_is_armed(exam: Room, request_of: cut.Request) -> None:
    armed = switch.Armed("20270619-301-1", "2037-01-01T00:00:00.000Z", "exam", r"D:\Exam\share", ("KS01",), "")
    with smb.connect(exam.login) as server:
        server.share("C$").makedirs(switch.FOLDER)
        server.share("C$").write(switch.ARMED, armed.to_bytes())
    try:
        document = trial.run(request_of, off(request_of))
    finally:
        with smb.connect(exam.login) as server:
            server.share("C$").remove(switch.ARMED)
    assert "20270619-301-1" in document["cutoff"]["unknown"]
    assert exam.enabled() == dict.fromkeys(exam.names, True)
