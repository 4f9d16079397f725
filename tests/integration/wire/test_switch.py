"""The dead-man's switch and the expiry, without the controller, on a real SMB server against candidates who write."""

from __future__ import annotations

import contextlib
import json
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exam_room.cutoff import arming, switch
from exam_room.cutoff.switch import Armed
from exam_room.server.accounts import LOGGED_ON, try_logon
from exam_room.wire import smb, srvsvc
from exam_room.wire.smberrors import SmbError
from standin import faults
from standin import room as rooms
from standin.errors import StandInError

from .conftest import ROOM, Room, Writer

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "roles/dead_man_switch/files/server/Stop-ExamSession.ps1"
RECORD = rf"{switch.FOLDER}\switch.jsonl"
EXPIRED = "STATUS_ACCOUNT_EXPIRED"
REBOOT = "from standin.host import control; control.reboot(0)"


@dataclass
class Switched:
    """A room with the switch's script on its server."""

    exam: Room

    def arm(self, deadline: int) -> arming.Outcome:
        wanted = Armed("wiretest", time_text(deadline), "exam", r"D:\Exam\share", tuple(self.exam.names), "")
        return arming.ensure(self.exam.login, "armed", wanted, self.exam.names, check=False)

    def disarm(self) -> arming.Outcome:
        return arming.ensure(self.exam.login, "disarmed", None, self.exam.names, check=False)

    def read(self) -> arming.Outcome:
        return arming.ensure(self.exam.login, "read", None, self.exam.names, check=False)

    def fire(self) -> int:
        """One run of the task, to its end: its exit code."""
        said = rooms.execute(ROOM, "server", faults.task_command(f"C:\\{switch.SCRIPT}"))
        return int(said.splitlines()[-1])

    def record(self) -> list[dict[str, object]]:
        with smb.connect(self.exam.login) as server:
            share = server.share("C$")
            if share.stat(RECORD) is None:
                return []
            with share.open_read(RECORD) as handle:
                return [json.loads(line) for line in b"".join(handle.chunks()).decode().splitlines()]

    def log_on(self, account: str) -> str:
        return try_logon(self.exam.candidate(account), 10)


def time_text(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(moment))


def soon(seconds: float) -> int:
    return math.ceil(time.time() + seconds)


@pytest.fixture
def switched(exam: Room) -> Iterator[Switched]:
    with smb.connect(exam.login) as server:
        share = server.share("C$")
        share.makedirs(switch.FOLDER)
        share.write(switch.SCRIPT, SCRIPT.read_bytes())
        if share.stat(RECORD):
            share.remove(RECORD)
    made = Switched(exam)
    yield made
    made.disarm()


def test_alone_it_cuts_the_seats_off_and_nobody_else(switched: Switched, writers: dict[str, Writer]) -> None:
    exam = switched.exam
    with smb.connect(exam.login) as administrator:
        results = administrator.share("D$")
        results.write(r"Exam\share\KS01\saved.txt", b"saved")
        with results.open_read(r"Exam\share\KS01\saved.txt") as collecting:
            deadline = soon(5)
            assert switched.arm(deadline).changed
            # The stand-in's clock is this machine's, so the writers' times are the server's.
            assert switched.fire() == 0
            assert collecting.read(0, 10) == b"saved"
            with srvsvc.server_service(administrator) as service:
                # A log-on that is still under way, as the candidates' all the time, has no user yet.
                assert {one.user.casefold() for one in service.sessions()} - {""} == {"administrator"}
                assert "exam" not in [one.name for one in service.shares()]
                assert any(one.path.endswith("saved.txt") for one in service.open_files())
    for writer in writers.values():
        saw = writer.finish()
        assert saw["broken"]
        assert saw["broken_at"] >= deadline
        assert saw["back"] == 0
    assert not any(exam.enabled().values())
    assert all(switched.log_on(name) != LOGGED_ON for name in exam.names)
    (line,) = switched.record()
    assert line["complete"]
    assert line["share_removed"]
    assert (line["session"], line["deadline"]) == ("wiretest", time_text(deadline))
    assert sorted(line["accounts_disabled"]) == exam.names  # type: ignore[call-overload]
    # The next minute there is nothing left to do, and nothing is written.
    assert switched.fire() == 0
    assert len(switched.record()) == 1
    assert switched.read().result()["armed"]["deadline"] == time_text(deadline)


def test_who_is_moved_later_goes_on_and_who_is_disarmed_too(switched: Switched, writers: dict[str, Writer]) -> None:
    first = soon(5)
    switched.arm(first)
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(switched.fire()))
    waiting.start()
    later = soon(3600)
    outcome = switched.arm(later)
    assert set(outcome.expires.values()) == {float(later)}
    assert time.time() < first, "the machine was too slow for this test"
    waiting.join(30)
    assert codes == [0]
    time.sleep(max(0.0, first + 2 - time.time()))
    # The expiry that was moved shuts nobody out either.
    assert switched.log_on("KS01") == LOGGED_ON
    assert not switched.arm(later).changed
    assert switched.disarm().changed
    assert switched.read().result()["armed"] is None
    assert set(switched.read().expires.values()) == {None}
    assert switched.fire() == 0
    moment = time.time()
    for writer in writers.values():
        saw = writer.finish()
        assert saw["broken"] is None
        assert saw["last_ok"] > moment
    assert all(switched.exam.enabled().values())
    assert switched.record() == []


def test_the_expiry_refuses_from_the_deadline_on_and_never_before(switched: Switched) -> None:
    """The lock that needs no task: nobody fires the switch here."""
    deadline = soon(3)
    switched.arm(deadline)
    while True:
        began = time.time()
        answer = switched.log_on("KS01")
        ended = time.time()
        if answer != LOGGED_ON:
            break
        # Samba looks at whole seconds: it lets in until the second of the deadline is over.
        assert began < deadline + 1
    assert answer == EXPIRED
    assert ended >= deadline
    assert {switched.log_on(name) for name in switched.exam.names} == {EXPIRED}


def test_a_server_that_boots_after_the_deadline_lets_nobody_in(switched: Switched) -> None:
    exam = switched.exam
    deadline = soon(3)
    switched.arm(deadline)
    # Down before the deadline, up after it: a stand-in host stays away for a second.
    time.sleep(max(0.0, deadline - 0.5 - time.time()))
    # A restart may end who asked for it before he has heard the answer; that it came to pass is looked at below.
    with contextlib.suppress(StandInError):
        rooms.execute(ROOM, "server", ["python3", "-c", REBOOT])
    # Samba looks at whole seconds.
    time.sleep(max(0.0, deadline + 1 - time.time()))
    answers: set[str] = set()
    silence = ""
    limit = time.monotonic() + 30
    while not answers & {EXPIRED} and time.monotonic() < limit:
        try:
            answers.add(try_logon(exam.candidate("KS01"), 5))
        except SmbError as error:
            silence = error.en
            time.sleep(0.1)
    # From the first moment that it answers, before the boot trigger has fired.
    assert answers == {EXPIRED}, silence
    boot = json.loads(rooms.execute(ROOM, "server", ["cat", "/var/lib/standin/boot.json"]))["boot_time"]
    assert boot > time_text(deadline)
    assert switched.fire() == 0
    assert not any(exam.enabled().values())
    with smb.connect(exam.login) as server, srvsvc.server_service(server) as service:
        assert "exam" not in [one.name for one in service.shares()]
