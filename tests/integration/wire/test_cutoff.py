"""The cutoff against candidates who write all the time from processes of their own, on a real SMB server."""

from __future__ import annotations

import time
from typing import Any

import pytest

from exam_room.cutoff import connections
from exam_room.cutoff.order import Order
from exam_room.cutoff.waiting import UNSEEN
from exam_room.wire import smb, srvsvc
from exam_room.wire.smberrors import LogonRefused

from .conftest import Room, Writer

pytestmark = pytest.mark.integration


def cut(exam: Room, deadline: float | None, check: bool = False, look_again_s: float = 2.0) -> dict[str, Any]:
    order = Order(
        server=exam.login.address,
        share="exam",
        root=r"D:\Exam\share",
        own_user=exam.login.username,
        seats=exam.seats,
        deadline=deadline,
        triggered_by="test",
        look_again_s=look_again_s,
        passwords=exam.passwords,
    )
    return connections.cut(exam.login, order, "D$", r"Exam\share", check, 10)


def test_candidates_write_up_to_the_deadline_and_never_after_it_for_long(
    exam: Room, writers: dict[str, Writer]
) -> None:
    # The stand-in's clock is this machine's, so the writers' times are the server's.
    deadline = time.time() + 12
    with smb.connect(exam.login) as collector:
        collecting = collector.share("D$")
        result = cut(exam, deadline)
        # The controller's own connection, older than the cut, still works.
        assert collecting.listdir(r"Exam\share\KS01")
    record = result["record"]
    assert result["changed"]
    assert record["complete"], record["problems"]
    assert record["share_removed_ms"] > 0
    assert record["logon"]["refused"]
    assert all(seat["connected"] for seat in record["seats"])
    assert UNSEEN in record["retries"] or all(seat["open_files"] for seat in record["seats"])
    assert record["look_again"]["found"] == []
    assert not any(exam.enabled().values())
    for writer in writers.values():
        saw = writer.finish()
        assert saw["broken"]
        assert saw["back"] == 0
        # Generous: other work on the machine must not fail the test; the bench measures.
        assert -1.0 < saw["last_ok"] - deadline < 5.0
    with smb.connect(exam.login) as server, srvsvc.server_service(server) as service:
        assert {one.user.casefold() for one in service.sessions() if one.user} == {"administrator"}
    with pytest.raises(LogonRefused), smb.connect(exam.candidate("KS02")):
        pass


def test_a_second_cut_is_harmless(exam: Room) -> None:
    assert cut(exam, None)["changed"]
    again = cut(exam, None)
    assert not again["changed"]
    assert again["record"]["complete"]


def test_check_mode_disturbs_nobody(exam: Room, writers: dict[str, Writer]) -> None:
    result = cut(exam, time.time() + 3600, check=True)
    assert not result["changed"]
    assert [seat["connected"] for seat in result["record"]["seats"]] == [True] * len(exam.seats)
    assert all(exam.enabled().values())
    moment = time.time()
    for writer in writers.values():
        saw = writer.finish()
        assert saw["broken"] is None
        assert saw["last_ok"] > moment
