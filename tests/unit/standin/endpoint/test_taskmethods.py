"""A seat's task started over WS-Management by the product's own code, and what is known of its run afterwards."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from exam_room.trial import seats
from exam_room.wire.wsman import HostError, Login
from standin.endpoint.host import Host
from standin.endpoint.scripts import digest
from standin.host import task_scripts
from unit.served_host import serving
from unit.standin.endpoint.conftest import RunModule

SCRIPT = "exit 11"
ARGUMENTS = '-NoProfile -File "C:\\Exam\\Try.ps1" -Letter Z'


@pytest.fixture
def login(host: Host, tmp_path: Path) -> Iterator[Login]:
    with serving(host, tmp_path) as served:
        yield served.login


@pytest.fixture
def ran(host: Host, run: RunModule, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The seat's account, signed in, and its task; the parameters with which it ran."""
    given: list[Mapping[str, str]] = []

    def model(computer: task_scripts.Computer, parameters: Mapping[str, str]) -> int:
        given.append(parameters)
        return 11

    monkeypatch.setattr(task_scripts, "SCRIPTS", [task_scripts.TaskScript("Try.ps1", digest(SCRIPT), model)])
    folder = host.files.real("C:\\Exam")
    folder.mkdir(parents=True)
    (folder / "Try.ps1").write_text(SCRIPT, encoding="utf-8")
    run("win_user", name="KS01", password="Pw-12345678", groups=["S-1-5-32-545"])
    make_task(run)
    sign_in(host, "KS01")
    return given


def make_task(run: RunModule, **changes: object) -> None:
    wanted = {
        "path": seats.TASK["TaskPath"],
        "name": seats.TASK["TaskName"],
        "username": "KS01",
        "logon_type": "interactive_token",
        "actions": [{"path": "powershell.exe", "arguments": ARGUMENTS}],
    }
    run("community.windows.win_scheduled_task", **(wanted | changes))


def sign_in(host: Host, account: str | None) -> None:
    with host.store.change() as state:
        state["signed_in"] = account


def end_of(host: Host) -> None:
    """Wait for the task."""
    limit = time.monotonic() + 10
    while host.store.read()["task_runs"]["\\exam\\try the exam folder"]["result"] == 0x41301:
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_it_runs_as_who_is_signed_in_and_tells_how_it_ended(host: Host, login: Login, ran: list[object]) -> None:
    begun = seats.begin(login, "ks01", 10)
    end_of(host)
    assert (begun.computer, begun.user, begun.started) == ("WIN-STANDIN", "WIN-STANDIN\\KS01", True)
    assert (begun.last, begun.problem) == (None, None)
    assert ran == [{"NoProfile": "", "Letter": "Z"}]
    assert seats.ended(login, begun, 10) == 11


@pytest.mark.parametrize(("patience", "result"), [(10.0, 11), (0.0, 0x41301)])
def test_one_at_its_last_attempt_is_waited_for_and_not_for_ever(
    login: Login, ran: list[object], monkeypatch: pytest.MonkeyPatch, patience: float, result: int
) -> None:
    go_on = threading.Event()

    def model(computer: task_scripts.Computer, parameters: Mapping[str, str]) -> int:
        go_on.wait(10)
        return 11

    def pause(seconds: float) -> None:
        go_on.set()
        time.sleep(seconds)

    monkeypatch.setattr(task_scripts, "SCRIPTS", [task_scripts.TaskScript("Try.ps1", digest(SCRIPT), model)])
    monkeypatch.setattr(seats, "LAST_ATTEMPT_S", patience)
    begun = seats.begin(login, "KS01", 10)
    assert seats.ended(login, begun, 10, pause) == result
    assert go_on.is_set() is bool(patience)
    go_on.set()


def test_how_it_ended_another_time_says_nothing_of_this_one(
    host: Host, run: RunModule, login: Login, ran: list[object]
) -> None:
    seats.begin(login, "KS01", 10)
    end_of(host)
    make_task(run, enabled=False)
    begun = seats.begin(login, "KS01", 10)
    assert begun.problem is not None
    assert "disabled" in begun.problem
    assert begun.last is not None
    assert seats.ended(login, begun, 10) is None
    assert len(ran) == 1


@pytest.mark.parametrize("who", [None, "KS02"])
def test_nothing_is_started_where_the_seats_account_is_not_signed_in(
    host: Host, login: Login, ran: list[object], who: str | None
) -> None:
    sign_in(host, who)
    begun = seats.begin(login, "KS01", 10)
    assert (begun.started, begun.user) == (False, who and f"WIN-STANDIN\\{who}")
    assert host.store.read()["task_runs"] == {}


def test_a_task_that_is_not_there_is_said(host: Host, run: RunModule, login: Login, ran: list[object]) -> None:
    make_task(run, state="absent")
    begun = seats.begin(login, "KS01", 10)
    assert begun.started
    assert "cannot find the file" in str(begun.problem)
    assert seats.ended(login, begun, 10) is None


def test_windows_takes_the_order_for_an_account_that_is_not_signed_in_and_starts_nothing(
    host: Host, run: RunModule, login: Login, ran: list[object]
) -> None:
    run("win_user", name="KS02", password="Pw-12345678", groups=["S-1-5-32-545"])
    make_task(run, username="KS02")
    begun = seats.begin(login, "KS01", 10)
    assert (begun.started, begun.problem) == (True, None)
    assert seats.ended(login, begun, 10) is None
    assert ran == []


def test_a_host_that_is_off_is_no_seat_that_could_not_save(login: Login) -> None:
    with pytest.raises(HostError):
        seats.begin(dataclasses.replace(login, port=1), "KS01", 2)
