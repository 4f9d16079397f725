"""A day with incidents: what may happen between start and cut, with the production playbooks.

The tests are the day in its order; each needs what those before it did.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exam_room.cutoff import arming, switch
from exam_room.cutoff.conduct import who_waits
from exam_room.wire import smb
from integration.room.driver import Room, Run
from rehearsal import leftover
from rehearsal import run as rehearsal

pytestmark = pytest.mark.integration

CONFIRMED = ("-e", "exam_confirmed=true")
LOOK_S = ("-e", "cutoff_look_again_seconds=2")
PATIENCE_S = 60


class Session:
    """One session in the room, its playbooks and its journal."""

    def __init__(self, room: Room, session_id: str) -> None:
        self.room = room
        self.file = room.session(session_id, seats=2)
        self.directory = rehearsal.PROJECT / "sessions" / session_id

    def step(self, name: str, *extra: str) -> Run:
        return self.room.step(name, "-e", f"exam_session_file={self.file}", *extra)

    def run(self, name: str, *extra: str) -> Run:
        done = self.step(name, *extra)
        assert done.status == 0, done.output
        return done

    def entries(self) -> list[dict[str, Any]]:
        return rehearsal.journal_entries(self.directory / "journal.jsonl")

    def last(self, step: str) -> dict[str, Any]:
        ends = [one["data"] for one in self.entries() if (one["step"], one["event"]) == (step, "end")]
        return dict(ends[-1])

    def discs(self) -> list[dict[str, Any]]:
        """The record of the discs: its events with their data."""
        lines = rehearsal.journal_entries(self.directory / "discs/journal.jsonl")
        return [{"event": one["event"], **one["data"]} for one in lines]

    def locks(self) -> tuple[switch.Armed | None, dict[str, float | None]]:
        """What is armed on the server, and when the accounts expire."""
        admin = self.room.described["admin"]
        login = smb.Login(self.room.address("server"), admin["username"], admin["password"])
        found = arming.ensure(login, "read", None, list(self.room.accounts.values()), check=False)
        return found.armed, found.expires


@pytest.fixture(scope="module")
def day(room: Room) -> Session:
    day = Session(room, "actstest-acts")
    for step in ("prepare", "inspect"):
        day.run(step)
    day.run("open", "-e", "exam_sign_in_patience=1")
    return day


@pytest.fixture(scope="module")
def window(day: Session) -> Iterator[subprocess.Popen[bytes]]:
    """The window in which somebody started the cutoff; closed in the middle of the exam."""
    command = rehearsal.playbook_command("cutoff", "-e", f"exam_session_file={day.file}", *LOOK_S)
    with day.room.made.paths.log.open("ab") as stream:
        process = subprocess.Popen(
            command,
            cwd=rehearsal.PROJECT,
            env=day.room.made.environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    yield process
    process.kill()
    process.wait()
    leftover.end(Path(day.room.made.environment[leftover.MARK]))


def until(what: str, holds: Any) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(0.2)


def test_nothing_is_armed_before_the_start(day: Session) -> None:
    armed, expires = day.locks()
    assert armed is None
    assert set(expires.values()) == {None}


def test_an_inspection_takes_no_account_from_candidates_who_are_in(day: Session) -> None:
    refused = day.step("inspect")
    assert refused.status != 0 and "考生已经入场" in refused.output
    other = Session(day.room, "actstest-other").step("prepare")
    assert other.status != 0 and "场次 actstest-acts 的考生还在本考场" in other.output
    assert all(day.room.enabled().values())


def test_the_start_arms_switch_and_expiry_for_the_deadline(day: Session) -> None:
    day.run("start")
    armed, expires = day.locks()
    deadline = day.last("start")["deadline"]
    assert armed is not None
    assert (armed.session, armed.deadline) == ("actstest-acts", deadline)
    assert deadline.endswith(".000Z")
    assert set(expires.values()) == {armed.seconds}


def test_an_extension_needs_minutes_and_a_reason(day: Session) -> None:
    before = day.entries()
    for extra in (("-e", "minutes=10"), ("-e", "reason=停电"), ("-e", "minutes=0", "-e", "reason=停电")):
        refused = day.step("extend", *extra)
        assert refused.status != 0
        assert "请写明延长的分钟数" in refused.output
    assert day.entries() == before


def test_an_extension_reaches_whoever_waits_the_switch_and_the_accounts(
    day: Session, window: subprocess.Popen[bytes]
) -> None:
    until("nobody waits for the deadline", lambda: who_waits(day.directory) is not None)
    day.run("extend", "-e", "minutes=10", "-e", "reason=停电")
    armed, expires = day.locks()
    data = day.last("extend")
    assert armed is not None
    assert armed.deadline == data["deadline"] > day.last("start")["deadline"]
    assert set(expires.values()) == {armed.seconds}
    assert (data["minutes"], data["reason"]) == (10, "停电")
    told = [one["text"] for one in day.room.inside("pc01", "snapshot.py")["model"]["state.json"]["messages"]]
    assert any("考试延长 10 分钟" in text for text in told)


def test_a_closed_window_does_not_stop_the_wait(day: Session, window: subprocess.Popen[bytes]) -> None:
    waiting = who_waits(day.directory)
    window.send_signal(signal.SIGKILL)
    window.wait()
    assert who_waits(day.directory) == waiting is not None


def test_absence_is_noted_and_touches_no_computer(day: Session) -> None:
    day.run("absent", "-e", "seat=2")
    assert day.last("absent")["seat"] == 2
    day.run("absent", "-e", "seat=2", "-e", "present=true")
    refused = day.step("absent", "-e", "seat=99")
    assert refused.status != 0
    assert "请写明本场的机位号" in refused.output


def test_a_candidate_whose_computer_died_goes_on_at_a_spare_with_his_account_and_folder(day: Session) -> None:
    day.room.save("pc02", "之前.txt", b"before")
    day.room.turn_off("pc02")
    taken = day.step("move_seat", "-e", "seat=2", "-e", "to=pc01", "-e", "reason=死机")
    assert taken.status != 0
    assert "已有考生使用" in taken.output
    day.run("move_seat", "-e", "seat=2", "-e", "to=spare01", "-e", "reason=死机")
    day.room.save("spare01", "之后.txt", b"after")
    assert {"KS02/之前.txt", "KS02/之后.txt"} <= set(day.room.files("Exam/share"))
    assert day.last("move_seat")["host"] == "spare01"
    shown = day.run("status")
    assert "spare01" in shown.output or "KS02" in shown.output


def test_a_client_that_restarts_in_mid_exam_signs_in_and_maps_without_help(day: Session) -> None:
    day.room.turn_off("spare01")
    day.room.turn_on("spare01")
    day.room.save("spare01", "重启以后.txt", b"again")
    assert "KS02/重启以后.txt" in day.room.files("Exam/share")


def test_one_seat_is_ended_early_and_the_others_go_on(day: Session) -> None:
    day.room.save("pc01", "交卷.txt", b"mine")
    unconfirmed = day.step("end_seat", "-e", "seat=1", "-e", "reason=提前交卷")
    assert unconfirmed.status != 0
    assert day.room.enabled()["KS01"]
    day.run("end_seat", "-e", "seat=1", "-e", "reason=提前交卷", *CONFIRMED)
    assert day.room.enabled() | {"KS03": True} == {"KS01": False, "KS02": True, "KS03": True}
    assert "KS01/交卷.txt" in day.room.files("Exam/share")
    day.room.save("spare01", "还在写.txt", b"still")


def test_cut_now_wants_to_be_confirmed_and_ends_the_wait(day: Session) -> None:
    unconfirmed = day.step("cutoff", "-e", "cutoff_now=true")
    assert unconfirmed.status != 0
    assert day.room.enabled()["KS02"]
    day.run("cutoff", "-e", "cutoff_now=true", *CONFIRMED, *LOOK_S)
    assert not any(day.room.enabled().values())
    assert "exam" not in day.room.shares()
    assert json.loads((day.directory / "cutoff.json").read_text(encoding="utf-8"))["mode"] == "now"
    until("somebody waits still", lambda: who_waits(day.directory) is None)


def test_after_the_cut_the_deadline_moves_no_more(day: Session) -> None:
    refused = day.step("extend", "-e", "minutes=10", "-e", "reason=停电")
    assert refused.status != 0
    assert "已收卷" in refused.output


def test_a_reset_disarms_the_server(day: Session) -> None:
    day.run("burn")
    day.run("reset")
    armed, expires = day.locks()
    assert armed is None
    assert set(expires.values()) == {None}
