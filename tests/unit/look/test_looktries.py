"""Which doors are tried, and what a port answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from exam_room.look import look, looktries
from exam_room.look.look import finding
from exam_room.look.looktries import SMB_PORTS, each, neighbours_of, port_state, remove_probes
from exam_room.wire import smb
from exam_room.wire.smberrors import from_status
from unit.wire_fakes import FakeShare

ACCOUNTS = ["KS01", "KS02", "KS03"]
PROBES = ["~exam-probe-6cf1d888.tmp", "~exam-probe-6cf1d888.tmp.0a1b2c3d.part"]


@pytest.mark.parametrize(("account", "following"), [("KS01", ["KS02"]), ("KS03", ["KS01"])])
def test_the_next_neighbour_is_tried_in_a_ring(account: str, following: list[str]) -> None:
    assert neighbours_of(account, ACCOUNTS, thorough=False) == following


def test_thorough_tries_all_others() -> None:
    assert neighbours_of("KS02", ACCOUNTS, thorough=True) == ["KS01", "KS03"]


def test_a_single_seat_has_no_neighbour() -> None:
    assert neighbours_of("KS01", ["KS01"], thorough=False) == []


def test_a_port_is_open_or_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port_state("127.0.0.1", port) == "open"
    assert port_state("127.0.0.1", port) == "refused"


def test_what_cannot_be_read_is_unknown_with_its_reason_and_time() -> None:
    def ask() -> object:
        raise from_status("STATUS_ACCESS_DENIED", "D$")

    assert finding(ask, lambda: 0.0) == {
        "asked_at": "1970-01-01T00:00:00.000Z",
        "unknown": "D$: the server answered STATUS_ACCESS_DENIED",
    }
    assert finding(lambda: None, lambda: 0.0)["value"] is None


def test_every_key_gets_its_answer() -> None:
    assert each(lambda key: {"key": key}, ACCOUNTS) == {name: {"key": name} for name in ACCOUNTS}
    assert each(lambda key: {}, []) == {}


def test_closed_ports_of_the_whole_room_cost_one_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall drops what it does not let in, so that each port takes its time-out: all of them, and the server's
    part, wait side by side. Here each waits for all the others, and none would ever end alone."""
    seats = [{"host": f"pc{number}", "address": f"192.0.2.{number}", "account": f"KS{number}"} for number in range(60)]
    together = threading.Barrier(len(seats) * len(SMB_PORTS) + 1, timeout=30)

    def dropped(address: str, port: int) -> str:
        together.wait()
        return "timeout"

    def server(request: look.Request) -> dict[str, Any]:
        together.wait()
        return {"server": "seen"}

    monkeypatch.setattr(looktries, "port_state", dropped)
    monkeypatch.setattr(look, "_server", server)
    document = look.look(look.Request(smb.Login("192.0.2.200", "exam", "x"), seats))
    assert {host: found["value"] for host, found in document["clients"].items()} == {
        seat["host"]: {"address": seat["address"], "ports": {"445": "timeout", "139": "timeout"}} for seat in seats
    }
    assert document["server"] == "seen"


def test_probes_that_an_account_could_not_delete_are_removed_and_nothing_else() -> None:
    files = FakeShare()
    files.makedirs(r"Exam\share\KS01")
    for name in (*PROBES, "~exam-probe-.tmp", "~exam-probe-6cf1d888.tmp.docx"):
        files.files[rf"Exam\share\KS01\{name}"] = b"1"
    removed = remove_probes(files, [r"Exam\share", r"Exam\share\KS01", r"Exam\share\KS02"])
    assert removed == [rf"Exam\share\KS01\{name}" for name in PROBES]
    assert {path.rpartition("\\")[2] for path in files.files if "probe" in path} == {
        "~exam-probe-.tmp",
        "~exam-probe-6cf1d888.tmp.docx",
    }


class WriteOnly(FakeShare):
    """A folder in which files can be made, and none deleted."""

    def remove(self, path: str) -> None:
        raise from_status("STATUS_ACCESS_DENIED", path)


def test_a_folder_that_takes_a_file_is_open_though_the_file_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An access list may let others write and no more: refused would be wrong, and its own account needs more."""
    share = WriteOnly()
    for name in ("KS01", "KS02", "素材"):
        share.makedirs(name)

    @contextmanager
    def connect(login: smb.Login, timeout: float) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(dialect="3.1.1", share=lambda name: share)

    monkeypatch.setattr(smb, "connect", connect)
    tried = looktries.try_account(smb.Login("192.0.2.1", "KS01", "x"), "exam", ["KS02"], "素材", 1.0)
    assert tried["neighbours"]["KS02"]["write"] == tried["root"]["write"] == {"answer": "open"}
    assert tried["material"]["write"] == {"answer": "open"}
    assert tried["own"]["answer"] == "refused"
    assert len([path for path in share.files if "~exam-probe-" in path]) == 4
