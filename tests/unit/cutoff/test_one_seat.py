"""One seat off the server: its account, sessions and files, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from exam_room.cutoff.one_seat import disconnect
from exam_room.errors import ExamError
from exam_room.wire import samr
from exam_room.wire.srvsvc import OpenFile, SessionInfo


class FakeService:
    """Sessions and open files of a server."""

    def __init__(self, stubborn: int = 0) -> None:
        self.session_list = [
            SessionInfo("\\\\10.0.0.101", "SERVER\\KS01", 1, 9, 0),
            SessionInfo("\\\\10.0.0.101", "Administrator", 1, 9, 0),
            SessionInfo("\\\\10.0.0.111", "KS011", 1, 9, 0),
        ]
        self.files = [OpenFile(1, r"D:\Exam\share\KS01\a.docx", "ks01", 0), OpenFile(2, r"D:\x", "Administrator", 0)]
        self.stubborn = stubborn

    def sessions(self) -> list[SessionInfo]:
        return list(self.session_list)

    def open_files(self) -> list[OpenFile]:
        return list(self.files)

    def delete_session(self, client: str, user: str) -> bool:
        if self.stubborn:
            self.stubborn -= 1
            return False
        self.session_list = [one for one in self.session_list if (one.client, one.user) != (client, user)]
        return True

    def close_file(self, file_id: int) -> bool:
        self.files = [one for one in self.files if one.id != file_id]
        return True


class FakeUser:
    def __init__(self) -> None:
        self.held = samr.NORMAL_ACCOUNT

    def flags(self) -> int:
        return self.held

    def set_flags(self, flags: int) -> None:
        self.held = flags


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def run(service: Any, user: Any, check: bool = False) -> Any:
    time = Time()
    return disconnect(service, user, "KS01", check, lambda: time.now, time.sleep)


def test_its_account_sessions_and_files_are_ended_and_nobody_elses() -> None:
    service, user = FakeService(stubborn=3), FakeUser()
    outcome = run(service, user)
    assert (outcome.disabled, outcome.sessions, outcome.files) == (True, 1, 1)
    assert user.held & samr.DISABLED
    assert [one.user for one in service.session_list] == ["Administrator", "KS011"]
    assert [one.id for one in service.files] == [2]


def test_what_a_dead_computer_left_is_ended_and_the_account_stays_on() -> None:
    service = FakeService()
    outcome = run(service, None)
    assert (outcome.disabled, outcome.sessions, outcome.files) == (False, 1, 1)


def test_a_second_time_nothing_changes() -> None:
    service, user = FakeService(), FakeUser()
    run(service, user)
    assert not run(service, user).result()["changed"]


def test_check_mode_counts_and_touches_nothing() -> None:
    service, user = FakeService(), FakeUser()
    outcome = run(service, user, check=True)
    assert (outcome.disabled, outcome.sessions, outcome.files) == (True, 1, 1)
    assert not user.held & samr.DISABLED
    assert len(service.session_list) == 3


def test_a_session_that_does_not_end_is_an_error() -> None:
    with pytest.raises(ExamError, match="没有全部结束"):
        run(FakeService(stubborn=10_000), FakeUser())
