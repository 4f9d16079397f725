"""Who is connected, who is missing, and who sits elsewhere."""

from __future__ import annotations

from typing import Any

from exam_room.server.attendance import judge, wait
from exam_room.wire.srvsvc import SessionInfo

SEATS: list[dict[str, Any]] = [
    {"account": "KS01", "address": "10.0.0.101", "candidate": {"exam_number": "1", "name": "张三"}},
    {"account": "KS02", "address": "10.0.0.102", "candidate": {"exam_number": "2", "name": "李四"}},
    {"account": "KS03", "address": "10.0.0.103", "candidate": None},
]


def _session(client: str, user: str) -> SessionInfo:
    return SessionInfo(client=client, user=user, opens=0, active_s=1, idle_s=0)


def test_a_seat_counts_from_its_own_pc_whatever_the_spelling() -> None:
    found = judge(SEATS, [_session(r"\\10.0.0.101", r"SERVER\ks01"), _session("10.0.0.10", "Administrator")])
    assert found.connected == ("KS01",)
    assert found.missing == ("KS02",)
    assert found.elsewhere == {}


def test_an_account_at_another_pc_is_missing_at_its_own_and_named() -> None:
    found = judge(SEATS, [_session("10.0.0.101", "KS02")])
    assert found.missing == ("KS01", "KS02")
    assert found.elsewhere == {"KS02": "10.0.0.101"}


def test_an_account_at_two_pcs_is_connected_and_named() -> None:
    found = judge(SEATS, [_session("10.0.0.101", "KS01"), _session("10.0.0.103", "KS01")])
    assert found.connected == ("KS01",)
    assert found.elsewhere == {"KS01": "10.0.0.103"}


def test_a_seat_without_candidate_is_not_awaited() -> None:
    assert "KS03" not in judge(SEATS, []).missing


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_it_waits_until_all_are_there() -> None:
    time = _Time()

    def ask() -> list[SessionInfo]:
        return [_session("10.0.0.101", "KS01")] + ([_session("10.0.0.102", "KS02")] if time.now >= 6 else [])

    found = wait(ask, SEATS, patience=60, clock=time.clock, sleep=time.sleep)
    assert found.missing == ()
    assert time.now == 6


def test_it_does_not_wait_for_ever() -> None:
    time = _Time()
    found = wait(lambda: [], SEATS, patience=10, clock=time.clock, sleep=time.sleep)
    assert found.missing == ("KS01", "KS02")
    assert 10 <= time.now < 20
