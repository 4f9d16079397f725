"""The deadline holds whatever fails: each test is a line of docs/faults.md, on a real SMB server.

Some run with every `make test`, all with `make test-slow`.
"""

from __future__ import annotations

import json
import time

import pytest

from exam_room.cutoff.conduct import who_waits
from exam_room.errors import ExamError
from exam_room.journal.sitting import Sitting
from exam_room.server.accounts import LOGGED_ON
from exam_room.server.clock import iso, seconds
from exam_room.wire import smb, srvsvc
from integration.faults.stage import RECORD, Stage
from standin import faults

pytestmark = pytest.mark.integration

DISABLED = "STATUS_ACCOUNT_DISABLED"
SOON_S = 9
LONGER_S = 14


def test_nothing_fails(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait()
    writers = [stage.writer(1, 4), stage.writer(2, 4)]
    with smb.connect(stage.login) as administrator:
        administrator.share("D$").write(r"Exam\share\KS01\其他.txt", b"x" * 100)
        with administrator.share("D$").open_read(r"Exam\share\KS01\其他.txt") as collecting:
            result = stage.result(waiting)
            # The administrator's own session and open file have survived the cut.
            assert collecting.read(0, 3) == b"xxx"
    assert result["record"]["complete"], result["record"]["problems"]
    assert result["record"]["sessions_gone_ms"] > 0
    for writer in writers:
        stage.proves(writer.finish())
    stage.is_cut()
    assert stage.sitting.over == "cut"


def test_the_controller_is_killed_seconds_before_the_deadline(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait()
    writer = stage.writer(1, 4)
    switch = stage.fire()
    stage.until(-5)
    assert who_waits(stage.directory) is not None
    waiting.kill()
    switch.communicate(timeout=60)
    stage.proves(writer.finish())
    stage.is_cut()
    # Once the controller is back, it finds that the deadline has done its work.
    again = stage.result(stage.wait())
    assert again["record"]["complete"]
    assert not again["changed"]
    assert stage.sitting.cut_at == iso(stage.deadline)


@pytest.mark.slow
def test_the_network_to_the_controller_is_down_from_before_until_after(stage: Stage) -> None:
    stage.start(LONGER_S)
    waiting = stage.wait()
    writer = stage.writer(1, 6)
    switch = stage.fire()
    stage.until(-6)
    faults.controller(stage.name, "server", True)
    stage.until(5)
    faults.controller(stage.name, "server", False)
    switch.communicate(timeout=60)
    stage.proves(writer.finish())
    result = stage.result(waiting)
    assert result["record"]["complete"], result["record"]["problems"]
    assert result["record"]["retries"], "the record says what was tried again"
    stage.is_cut()
    assert stage.sitting.cut_at == iso(stage.deadline)


@pytest.mark.slow
def test_winrm_is_dead(stage: Stage) -> None:
    faults.winrm(stage.name, "server", True)
    stage.start(SOON_S)
    waiting = stage.wait()
    writer = stage.writer(1, 4)
    assert stage.result(waiting)["record"]["complete"]
    stage.proves(writer.finish())
    stage.is_cut()


def test_rpc_is_refused_and_the_switch_is_alone(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait()
    writer = stage.writer(1, 4)
    switch = stage.fire()
    stage.until(-4)
    faults.rpc(stage.name, "server", True)
    switch.communicate(timeout=60)
    stage.proves(writer.finish())
    result = stage.result(waiting)
    assert "error" in result or not result["record"]["complete"], "the controller must not claim a cut it did not make"
    faults.rpc(stage.name, "server", False)
    stage.is_cut()
    assert stage.sitting.over == ""


@pytest.mark.slow
def test_the_switch_is_missing_and_the_controller_is_alone(stage: Stage) -> None:
    stage.start(SOON_S)
    stage.take_the_switch_away()
    waiting = stage.wait()
    writer = stage.writer(1, 4)
    assert stage.result(waiting)["record"]["complete"]
    stage.proves(writer.finish())
    stage.is_cut()


@pytest.mark.slow
def test_neither_switch_nor_controller_and_the_accounts_expire(stage: Stage) -> None:
    stage.start(5)
    stage.take_the_switch_away()
    assert stage.log_on("KS01") == LOGGED_ON
    # Samba looks at whole seconds: it lets in until the second of the deadline is over.
    stage.until(1.1)
    assert {stage.log_on(name) for name in stage.passwords} == {"STATUS_ACCOUNT_EXPIRED"}


@pytest.mark.slow
def test_the_server_restarts_across_the_deadline_and_nobody_gets_in_after_it(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait(look_again_s=4.0)
    writer = stage.writer(1, 25)
    stage.until(-1)
    faults.reboot(stage.name, "server")
    saw = writer.finish()
    # The power cut ended his writing before the deadline; what counts is that he never came back after it.
    assert [began for began in saw["back"] if began > stage.deadline_here + 1.1] == []
    assert stage.result(waiting)["record"]["complete"]
    stage.is_cut()
    content = stage.saved("KS01")
    whole = b"".join(f"{number:0{RECORD}d}".encode() for number in range(saw["acked"] // RECORD))
    assert content[: saw["acked"]] == whole


@pytest.mark.slow
def test_the_switch_fires_while_the_controller_collects(stage: Stage) -> None:
    stage.start(5)
    with smb.connect(stage.login) as administrator:
        results = administrator.share("D$")
        content = b"0123456789" * 300_000
        results.write(r"Exam\share\KS01\大文件.bin", content)
        with results.open_read(r"Exam\share\KS01\大文件.bin") as handle:
            chunks = handle.chunks()
            got = next(chunks)
            stage.until(0)
            assert stage.fire().communicate(timeout=60) is not None
            assert got + b"".join(chunks) == content
    stage.is_cut()


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [90.0, -90.0], ids=["ahead", "behind"])
def test_the_servers_clock_is_wrong_at_the_start(stage: Stage, ahead: float) -> None:
    faults.set_clock(stage.name, "server", ahead)
    time.sleep(1.0)
    began = time.time()
    stage.start(SOON_S)
    waiting = stage.wait()
    writer = stage.writer(1, 4)
    record = stage.result(waiting)["record"]
    assert record["complete"], record["problems"]
    assert record["deadline"] == iso(stage.deadline)
    assert stage.deadline_here == pytest.approx(began + SOON_S, abs=4)
    stage.proves(writer.finish())


@pytest.mark.slow
@pytest.mark.parametrize("jump", [90.0, -90.0, 10.0], ids=["forward", "back", "past the deadline"])
def test_the_servers_clock_is_stepped_during_the_exam(stage: Stage, jump: float) -> None:
    stage.start(LONGER_S)
    announced = stage.deadline_here
    waiting = stage.wait()
    writer = stage.writer(1, 5)
    stage.until(-9)
    faults.set_clock(stage.name, "server", jump)
    result = stage.result(waiting)
    assert result["record"]["complete"], result["record"]["problems"]
    assert any("clock jumped" in one for one in result["record"]["retries"])
    now: Sitting = stage.sitting
    assert now.deadline is not None
    stage.deadline = seconds(now.deadline)
    # The same moment under another name, rounded up to a whole second; Samba tells its time in whole seconds.
    assert announced - 0.1 <= stage.deadline_here <= announced + 2.5
    armed = stage.locks()
    assert armed.armed is not None
    assert armed.armed.deadline == now.deadline
    assert set(armed.expires.values()) == {stage.deadline}
    stage.proves(writer.finish())


@pytest.mark.slow
@pytest.mark.parametrize("jump", [90.0, -90.0], ids=["forward", "back"])
def test_the_clock_is_stepped_and_the_switch_is_alone(stage: Stage, jump: float) -> None:
    stage.start(LONGER_S)
    announced = stage.deadline_here
    writer = stage.writer(1, 6)
    # It has looked at its file before, as it does each minute; nobody is there to arm it anew.
    switch = stage.fire()
    stage.until(-9)
    faults.set_clock(stage.name, "server", jump)
    switch.communicate(timeout=120)
    stage.deadline = announced + stage.ahead
    stage.proves(writer.finish())
    stage.is_cut()


def test_a_wrong_administrators_password_is_said_at_once_and_not_tried_on(stage: Stage) -> None:
    stage.start(60)
    with smb.connect(stage.login):
        assert stage.failed_log_ons(stage.login.username) == 0
    for tries in (1, 2):
        result = stage.result(stage.wait(password="Wrong-Passw0rd!"), patience=30)
        assert "error" in result
        assert "STATUS_LOGON_FAILURE" in result["error"]
        assert stage.failed_log_ons(stage.login.username) == tries
    assert stage.sitting.running


@pytest.mark.slow
def test_locks_two_log_ons_and_a_reconnect_loop_change_nothing(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait()
    writers = [stage.writer(1, 5, lock=True), stage.writer(2, 5)]
    loop = stage.visitor(2, 5, rate=20)
    with smb.connect(smb.Login(stage.login.address, "KS02", stage.passwords["KS02"])) as second:
        second.share("exam").listdir("KS02")
        record = stage.result(waiting)["record"]
        with pytest.raises(ExamError):
            second.share("exam").listdir("KS02")
    assert record["complete"], record["problems"]
    for writer in writers:
        saw = writer.finish()
        assert saw["tries"] > 0
        stage.proves(saw)
    stage.shut_out(loop.finish())
    stage.is_cut()


@pytest.mark.slow
def test_the_cable_is_pulled_with_a_file_open_exclusively_and_the_file_is_collected(stage: Stage) -> None:
    stage.start(LONGER_S)
    waiting = stage.wait()
    writer, other = stage.writer(1, 6, exclusive=True), stage.writer(2, 6)
    stage.until(-10)
    faults.network(stage.name, "pc01", True)
    try:
        record = stage.result(waiting)["record"]
        assert record["complete"], record["problems"]
        stage.is_cut()
        content = stage.saved("KS01")
    finally:
        faults.network(stage.name, "pc01", False)
    saw = writer.finish()
    whole = b"".join(f"{number:0{RECORD}d}".encode() for number in range(saw["acked"] // RECORD))
    assert saw["acked"]
    assert content[: saw["acked"]] == whole
    assert saw["back"] == []
    stage.proves(other.finish())


@pytest.mark.slow
def test_the_share_is_removed_by_hand_before_the_deadline(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait()
    with smb.connect(stage.login) as server, srvsvc.server_service(server) as service:
        service.delete_share("exam")
    record = stage.result(waiting)["record"]
    assert record["complete"], record["problems"]
    stage.is_cut()


def test_cut_twice(stage: Stage) -> None:
    stage.start(60)
    waiting = stage.wait()
    writer = stage.writer(1, -48)
    first = stage.result(stage.wait("now"))
    assert first["record"]["complete"]
    assert stage.result(waiting) == {"changed": False, "over": True}
    # Somebody who tries to come back is cut each time: the second cut is to find nothing at all.
    assert writer.finish()["back"] == []
    second = stage.result(stage.wait("now"))
    assert not second["changed"]
    assert json.loads((stage.directory / "cutoff.json").read_text(encoding="utf-8")) == first["record"]


def test_an_extension_during_the_cut_is_refused(stage: Stage) -> None:
    day = stage.start(SOON_S)
    waiting = stage.wait()
    day.begin("extend", data={})
    stage.until(-1)
    with pytest.raises(ExamError, match="正在收卷"):
        day.end("extend", data={"deadline": iso(stage.deadline + 600), "minutes": 10, "reason": "停电"})
    assert stage.result(waiting)["record"]["deadline"] == iso(stage.deadline)
    stage.is_cut()


@pytest.mark.slow
def test_the_results_volume_is_full(stage: Stage) -> None:
    stage.start(LONGER_S)
    waiting = stage.wait()
    writer, visitor = stage.writer(1, 4), stage.visitor(2, 4, rate=2)
    stage.until(-5)
    faults.full(stage.name, "server", True)
    record = stage.result(waiting)["record"]
    assert record["complete"], record["problems"]
    stage.is_cut()
    saw = writer.finish()
    content = stage.saved("KS01")
    whole = b"".join(f"{number:0{RECORD}d}".encode() for number in range(saw["acked"] // RECORD))
    assert content[: saw["acked"]] == whole
    # The full volume refuses what makes a file longer, and nothing else before the deadline.
    assert [began for began in saw["back"] if began > stage.deadline_here + 1.1] == []
    stage.shut_out(visitor.finish())


@pytest.mark.slow
def test_for_a_minute_after_the_cut_no_candidate_can_do_anything_while_the_controller_collects(stage: Stage) -> None:
    stage.start(SOON_S)
    waiting = stage.wait(look_again_s=60.0)
    writers = [stage.writer(1, 62), stage.writer(2, 62)]
    visitors = [stage.visitor(1, 62, rate=5), stage.visitor(2, 62, rate=5)]
    stage.until(5)
    collected: set[bytes] = set()
    while time.time() < stage.deadline_here + 60:
        collected.add(stage.saved("KS01"))
        assert all(stage.log_on(name) == DISABLED for name in stage.passwords)
    assert len(collected) == 1, "what is collected changed after the cut"
    record = stage.result(waiting)["record"]
    assert record["complete"]
    assert record["look_again"]["found"] == []
    for writer in writers:
        saw = writer.finish()
        assert saw["tries"] > 10
        stage.proves(saw)
    for visitor in visitors:
        stage.shut_out(visitor.finish())


@pytest.mark.slow
@pytest.mark.parametrize("stage", [60], indirect=True)
def test_sixty_seats(stage: Stage) -> None:
    # Sixty programs take two cores a while to start.
    stage.start(120)
    waiting = stage.wait()
    writers = [stage.writer(number, 6, pause=0.5) for number in range(1, 61)]
    assert stage.sitting.running
    record = stage.result(waiting, patience=200)["record"]
    assert record["complete"], record["problems"]
    assert sum(seat["connected"] for seat in record["seats"]) == 60
    for writer in writers:
        stage.proves(writer.finish())
    stage.is_cut()
