"""The switch's file: what is written is what is read, in one step, and nothing else is taken for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from exam_room.cutoff import switch
from exam_room.cutoff.switch import ARMED, SCRIPT, Armed, Damaged, arm, disarm, parse, read
from exam_room.errors import ExamError
from exam_room.wire.smberrors import AccessDenied, SharingViolation, SmbError
from unit.wire_fakes import FakeShare

SESSION = Armed(
    session="2026-11-25-上午",
    deadline="2026-11-25T03:00:00.000Z",
    share="exam",
    root=r"D:\Exam\share",
    accounts=("KS01", "KS02"),
    armed_at="2026-11-25T01:00:00.000Z",
)


class FakeServer:
    """A server with one administrative share in memory."""

    address = "10.0.0.10"

    def __init__(self) -> None:
        self.files = FakeShare()
        self.files.files |= {"Program Files": None, switch.FOLDER: None, SCRIPT: b"script"}

    def share(self, name: str) -> Any:
        assert name == "C$"
        return self.files


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def naps() -> list[float]:
    return []


def failing(act: Callable[..., Any], times: int, error: SmbError) -> Callable[..., Any]:
    left = [error] * times

    def try_it(*arguments: Any) -> Any:
        if left:
            raise left.pop()
        return act(*arguments)

    return try_it


def test_what_is_armed_is_read_back_as_the_task_reads_it(server: FakeServer) -> None:
    assert read(server) is None
    assert arm(server, SESSION)
    assert read(server) == SESSION
    content = server.files.files[ARMED]
    assert content is not None
    assert not content.startswith(b"\xef\xbb\xbf")
    assert json.loads(content.decode()) == {**dataclasses.asdict(SESSION), "accounts": ["KS01", "KS02"]}


def test_arming_the_same_again_writes_nothing(server: FakeServer) -> None:
    arm(server, SESSION)
    server.files.writes = 0
    assert not arm(server, dataclasses.replace(SESSION, armed_at="2026-11-25T02:00:00.000Z"))
    assert server.files.writes == 0
    assert read(server) == SESSION


@pytest.mark.parametrize(
    "change",
    [
        {"deadline": "2026-11-25T03:10:00.000Z"},
        {"session": "other"},
        {"share": "exam2"},
        {"root": "E:\\Exam"},
        {"accounts": ("KS01",)},
    ],
)
def test_another_order_replaces_the_first(server: FakeServer, change: dict[str, Any]) -> None:
    arm(server, SESSION)
    assert arm(server, dataclasses.replace(SESSION, **change))
    assert read(server) == dataclasses.replace(SESSION, **change)


@pytest.mark.parametrize("error", [AccessDenied("", "", ""), SharingViolation("", "", "")])
def test_while_the_task_holds_the_file_it_is_tried_again(
    server: FakeServer, naps: list[float], error: SmbError
) -> None:
    server.files.write = failing(server.files.write, 3, error)  # type: ignore[method-assign]
    assert arm(server, SESSION, naps.append)
    assert len(naps) == 3
    server.files.remove = failing(server.files.remove, 2, error)  # type: ignore[method-assign]
    assert disarm(server, naps.append)
    assert len(naps) == 5


def test_a_refusal_that_lasts_is_told(server: FakeServer, naps: list[float]) -> None:
    server.files.write = failing(server.files.write, 99, AccessDenied("", "no", ""))  # type: ignore[method-assign]
    with pytest.raises(AccessDenied):
        arm(server, SESSION, naps.append)
    assert sum(naps) < 5


def test_content_that_comes_back_differently_is_told(server: FakeServer) -> None:
    other = dataclasses.replace(SESSION, deadline="2026-11-25T02:00:00.000Z").to_bytes()
    write = server.files.write
    server.files.write = lambda path, chunks: write(path, other)  # type: ignore[method-assign]
    with pytest.raises(ExamError, match="differently"):
        arm(server, SESSION)


def test_without_the_script_nothing_is_armed(server: FakeServer) -> None:
    del server.files.files[SCRIPT]
    with pytest.raises(ExamError, match="dead_man_switch"):
        arm(server, SESSION)
    assert read(server) is None


def test_disarming_removes_the_file_once(server: FakeServer) -> None:
    arm(server, SESSION)
    assert disarm(server)
    assert read(server) is None
    assert not disarm(server)


WHOLE = json.loads(SESSION.to_bytes())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + SESSION.to_bytes(),
        SESSION.to_bytes()[:-10],
        *(
            json.dumps(one).encode()
            for one in (
                {**WHOLE, "deadline": "2026-11-25T03:00:00Z"},
                {**WHOLE, "deadline": "2026-13-25T03:00:00.000Z"},
                {**WHOLE, "deadline": 1},
                {**WHOLE, "accounts": "KS01"},
                {**WHOLE, "accounts": []},
                {**WHOLE, "accounts": ["KS01", ""]},
                {**WHOLE, "accounts": ["KS01", "ks01"]},
                {**WHOLE, "share": "C$"},
                {**WHOLE, "share": "*"},
                {**WHOLE, "root": "D:\\"},
                {**WHOLE, "session": ""},
                {name: value for name, value in WHOLE.items() if name != "root"},
            )
        ),
    ],
)
def test_a_damaged_file_is_told_and_can_be_armed_over_or_removed(server: FakeServer, content: bytes) -> None:
    server.files.files[ARMED] = content
    with pytest.raises(Damaged, match="damaged"):
        read(server)
    assert arm(server, SESSION)
    assert read(server) == SESSION
    server.files.files[ARMED] = content
    assert disarm(server)


def test_a_file_too_large_is_not_even_read(server: FakeServer) -> None:
    server.files.files[ARMED] = SESSION.to_bytes() + b" " * 70_000
    with pytest.raises(Damaged):
        read(server)


def test_what_the_task_would_not_understand_is_refused(server: FakeServer) -> None:
    with pytest.raises(ExamError, match="whole second"):
        arm(server, dataclasses.replace(SESSION, deadline="2026-11-25T03:00:00.500Z"))
    assert server.files.writes == 0


def test_the_deadline_in_seconds() -> None:
    assert parse(SESSION.to_bytes()).seconds == 1_795_575_600.0
