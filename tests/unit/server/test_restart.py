"""Restarting: only another boot time proves a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from exam_room.errors import ExamError
from exam_room.server.restart import restart
from exam_room.wire.wsman import HostError, LogonRefused, WsmanError

BOOTED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
AGAIN = BOOTED + timedelta(hours=2)


class FakeHost:
    """Answers with ``answers`` in turn, the last one from then on; an exception is raised."""

    def __init__(self, answers: Sequence[datetime | Exception]) -> None:
        self._answers = list(answers)
        self.shut_downs = 0
        self.asked = 0

    def boot_time(self) -> datetime:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def shut_down(self) -> None:
        self.shut_downs += 1


class FakeClock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "no busy loop"
        self.now += seconds


def _away() -> HostError:
    return HostError("连不上", "cannot be reached")


def _restart(host: FakeHost, clock: FakeClock, timeout: float = 60) -> datetime:
    return restart(host, "pc07", timeout, clock=clock, sleep=clock.sleep)


def test_another_boot_time_is_a_restart() -> None:
    host, clock = FakeHost([BOOTED, AGAIN]), FakeClock()
    assert _restart(host, clock) == AGAIN
    assert host.shut_downs == 1


@pytest.mark.parametrize("error", [_away(), WsmanError("拒绝", "not ready yet")], ids=["away", "half up"])
def test_errors_while_it_is_away_are_fine(error: Exception) -> None:
    host, clock = FakeHost([BOOTED, BOOTED, error, error, AGAIN]), FakeClock()
    assert _restart(host, clock) == AGAIN
    assert host.shut_downs == 1, "it is not shut down again while it is away"


def test_a_boot_time_set_back_by_a_corrected_clock_is_a_restart() -> None:
    earlier = BOOTED - timedelta(days=1)
    assert _restart(FakeHost([BOOTED, _away(), earlier]), FakeClock()) == earlier


@pytest.mark.parametrize("answers", [[BOOTED], [BOOTED, _away()]], ids=["same boot time", "never back"])
def test_without_another_boot_time_it_has_not_restarted(answers: list[datetime | Exception]) -> None:
    host, clock = FakeHost(answers), FakeClock()
    with pytest.raises(ExamError, match=r"pc07 在 60 秒内没有完成重新启动(.|\n)*pc07 has not come back"):
        _restart(host, clock)
    assert 1060 <= clock.now < 1070, "it gives up at its timeout, and not before"


def test_the_closed_port_alone_is_no_restart() -> None:
    """Away for a while, then back with the boot time it had: somebody pulled the cable."""
    with pytest.raises(ExamError, match="pc07"):
        _restart(FakeHost([BOOTED, _away(), _away(), BOOTED]), FakeClock())


def test_a_refused_log_on_ends_the_waiting() -> None:
    """Asked again and again with a password that it no longer takes, it would lock the administrator's account."""
    host = FakeHost([BOOTED, _away(), LogonRefused("登录被拒绝", "log-on refused"), AGAIN])
    with pytest.raises(LogonRefused):
        _restart(host, FakeClock())
    assert host.asked == 3


@pytest.mark.parametrize("error", [_away(), WsmanError("没有启动时间", "no boot time")], ids=["away", "unreadable"])
def test_a_host_that_cannot_be_asked_is_not_shut_down(error: ExamError) -> None:
    host = FakeHost([error, AGAIN])
    with pytest.raises(type(error)):
        _restart(host, FakeClock())
    assert host.shut_downs == 0
