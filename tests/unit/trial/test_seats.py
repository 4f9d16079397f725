"""Whose files are whose, as they are collected after the seats have tried."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from exam_room.collect import collect, serverfiles
from exam_room.collect.discnames import Parts
from exam_room.errors import ExamError
from exam_room.trial import seats
from exam_room.trial.cut import Request
from exam_room.wire import smb, wsman
from unit.wire_fakes import FakeShare

ROOT = r"Exam\share"
SEATS = [{"number": n, "host": f"pc{n:02}", "address": f"10.0.0.{n}", "account": f"KS{n:02}"} for n in (1, 2)]
LOGINS = {str(seat["host"]): wsman.Login(str(seat["address"]), "a", "b", "ca.pem") for seat in SEATS}
NOON = 1_795_000_000


@dataclass
class Server:
    """A server whose candidates' folders are in memory."""

    files: FakeShare = field(default_factory=FakeShare)
    unreadable: str | None = None

    def share(self, name: str) -> FakeShare:
        return self.files

    def time_of_day(self) -> int:
        return NOON * 100

    def save(self, folder: str, computer: str, content: bytes, said: bytes | None = None) -> None:
        digest = hashlib.sha256(content if said is None else said).hexdigest()
        self.files.files[rf"{ROOT}\{folder}\~exam-trial-{computer}-{digest}.tmp"] = content

    # as collect.Source

    def walk(self, folder: str) -> Iterator[collect.Found]:
        if folder == self.unreadable:
            raise ExamError("读不了", "cannot be read")
        for entry in self.files.listdir(rf"{ROOT}\{folder}"):
            yield collect.Found((entry.name,), "file", entry.size, 0, 134_394_736_000_000_000)

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Any]:
        @dataclass
        class Opened:
            chunks: list[bytes]
            streams: tuple[()] = ()

        content = self.files.files["\\".join((ROOT, folder, *parts))]
        assert content is not None
        yield Opened([content])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """The room's server; every seat's account is signed in, and its task starts."""
    found = Server()
    for seat in SEATS:
        found.files.makedirs(rf"{ROOT}\{seat['account']}")

    @contextlib.contextmanager
    def connected(*_: object) -> Iterator[Server]:
        yield found

    def begin(login: wsman.Login, account: str, timeout: float) -> seats.Begun:
        return seats.Begun(f"PC{account[2:]}", f"PC\\{account}", started=True)

    monkeypatch.setattr(serverfiles, "connected", connected)
    monkeypatch.setattr(seats, "begin", begin)
    monkeypatch.setattr(seats, "ended", lambda *_: 11)
    monkeypatch.setattr(seats, "PATIENCE_S", 0.0)
    return found


def tried(server: Any, clients: dict[str, Any] | None = None) -> dict[str, Any]:
    request = Request(smb.Login("10.0.0.10", "a", "b"), SEATS, {})
    found = seats.try_seats(request, clients or LOGINS, server, server)
    assert found["begun"] == found["ended"]
    return {host: one.get("value", one) for host, one in found["hosts"].items()}


def test_each_file_belongs_to_the_computer_that_wrote_it(server: Server) -> None:
    server.save("KS01", "PC01", b"one")
    server.save("KS02", "pc02", b"two")
    found = tried(server)
    assert [one["folder"] for one in found["pc01"]["files"]] == ["KS01"]
    (file,) = found["pc02"]["files"]
    assert file["said"] == file["sha256"] == hashlib.sha256(b"two").hexdigest()
    assert file["size"] == 3
    assert found["pc02"]["result"] is None


def test_one_in_a_neighbours_folder_is_the_writers(server: Server) -> None:
    server.save("KS01", "PC01", b"one")
    server.save("KS01", "PC02", b"two")
    found = tried(server)
    assert [one["folder"] for one in found["pc01"]["files"]] == ["KS01"]
    assert [one["folder"] for one in found["pc02"]["files"]] == ["KS01"]


def test_content_that_arrives_changed_shows(server: Server) -> None:
    server.save("KS01", "PC01", b"other", said=b"one")
    (file,) = tried(server)["pc01"]["files"]
    assert file["said"] != file["sha256"]


def test_who_saved_nothing_is_asked_why(server: Server) -> None:
    server.save("KS01", "PC01", b"one")
    found = tried(server)
    assert (found["pc02"]["files"], found["pc02"]["result"]) == ([], 11)


def test_a_file_that_comes_with_the_last_attempt_is_collected(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(login: wsman.Login, begun: seats.Begun, timeout: float) -> int:
        server.save("KS02", begun.computer, b"late")
        return 0

    server.save("KS01", "PC01", b"one")
    monkeypatch.setattr(seats, "ended", ended)
    found = tried(server)["pc02"]
    assert ([one["folder"] for one in found["files"]], found["result"]) == (["KS02"], 0)


def test_what_candidates_left_is_not_taken_for_a_trial(server: Server) -> None:
    server.files.files[rf"{ROOT}\KS01\答题.docx"] = b"1"
    assert tried(server)["pc01"]["files"] == []


def test_a_folder_that_cannot_be_read_does_not_hide_the_others(server: Server) -> None:
    server.save("KS01", "PC01", b"one")
    server.save("KS02", "PC02", b"two")
    server.unreadable = "KS01"
    found = tried(server)
    assert "cannot be read" in found["pc01"]["unknown"], "not a seat that saved nothing"
    assert [one["folder"] for one in found["pc02"]["files"]] == ["KS02"]


def test_a_seat_that_cannot_be_asked_is_unknown_and_the_others_are_not(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.save("KS02", "PC02", b"two")
    begin = seats.begin

    def off(login: wsman.Login, account: str, timeout: float) -> seats.Begun:
        if account == "KS01":
            raise wsman.HostError("无法连接", "cannot be reached")
        return begin(login, account, timeout)

    monkeypatch.setattr(seats, "begin", off)
    found = tried(server)
    assert "cannot be reached" in found["pc01"]["unknown"]
    assert len(found["pc02"]["files"]) == 1


def test_a_client_that_has_refused_the_administrator_is_not_asked_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = seats.begin
    asked: list[str] = []

    def counted(login: wsman.Login, account: str, timeout: float) -> seats.Begun:
        asked.append(account)
        return begin(login, account, timeout)

    monkeypatch.setattr(seats, "begin", counted)
    found = tried(server, LOGINS | {"pc01": "拒绝登录 refuses the log-on"})
    assert found["pc01"] == {"unknown": "拒绝登录 refuses the log-on"}
    assert asked == ["KS02"]
