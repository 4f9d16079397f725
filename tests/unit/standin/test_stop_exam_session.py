"""The model of the dead-man's switch: waits by what its file says now, then takes away exactly what is the seats'."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exam_room.cutoff import switch
from exam_room.server.clock import iso
from standin.endpoint.scripts import digest
from standin.host import accounts, sessions, shares, stop_exam_session, system, task_scripts
from standin.host.sessions import Session
from unit.cutoff.test_switch import SESSION

DEADLINE = SESSION.seconds
PROJECT = Path(__file__).parents[3]


@dataclass
class Server:
    """A host whose Samba is in memory; ``at`` plans what happens while the script sleeps."""

    folder: Path
    clock: float = DEADLINE - 5
    share: bool = True
    enabled: set[str] = field(default_factory=lambda: {"KS01", "ks02", "KS03", "Administrator"})
    connected: dict[int, str] = field(default_factory=lambda: {11: "KS01", 12: "SERVER\\ks02", 13: "Administrator"})
    plans: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    cut_at: float | None = None
    stuck: bool = False
    set_by: float = 0.0
    """What somebody has set the clock forward by."""
    boot: float = DEADLINE - 5000

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 1
        self.clock += seconds
        for moment, act in [one for one in self.plans if one[0] <= self.clock]:
            self.plans.remove((moment, act))
            act()

    def volatile(self) -> Path:
        folder = self.folder / "volatile"
        folder.mkdir(exist_ok=True)
        return folder

    def restart(self, up_s: float) -> None:
        """The host started ``up_s`` ago."""
        self.boot = self.clock - up_s
        for forgotten in self.volatile().glob("*"):
            forgotten.unlink()

    def arm(self, content: bytes | None = None) -> None:
        (self.folder / "armed.json").write_bytes(SESSION.to_bytes() if content is None else content)

    def fire(self) -> int:
        real = lambda path: self.folder / path.rpartition("\\")[2]  # noqa: E731
        computer = task_scripts.Computer(
            real, lambda: self.clock + self.set_by, self.sleep, lambda: self.clock - self.boot, self.volatile
        )
        return stop_exam_session.run(computer, {})

    def record(self) -> list[dict[str, Any]]:
        file = self.folder / "switch.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    # -- Samba

    def remove_share(self, name: str) -> None:
        if not self.share:
            raise LookupError(name)
        self.cut_at = self.clock
        self.share = self.stuck

    def users(self) -> list[Any]:
        def user(name: str, rid: int) -> accounts.User:
            return accounts.User(name, f"S-1-{rid}", rid, name not in self.enabled, False, True, False, "", "", ())

        return [user(name, rid) for rid, name in enumerate(("KS01", "ks02", "KS03", "Administrator"))]

    def run(self, *command: str) -> str:
        assert command[:4] == ("net", "sam", "set", "disabled")
        self.enabled.discard(command[4])
        return ""

    def sessions(self) -> list[Session]:
        return [Session(pid, user, "10.0.0.101", (f"/srv/d/{user}",)) for pid, user in self.connected.items()]

    def end(self, pids: Any) -> None:
        for pid in list(pids):
            del self.connected[pid]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(tmp_path)
    monkeypatch.setattr(shares, "remove_share", made.remove_share)
    monkeypatch.setattr(accounts, "users", made.users)
    monkeypatch.setattr(system, "run", made.run)
    monkeypatch.setattr(sessions, "sessions", made.sessions)
    monkeypatch.setattr(sessions, "end", made.end)
    return made


def test_every_known_task_script_is_the_file_of_the_project() -> None:
    assert task_scripts.SCRIPTS
    for script in task_scripts.SCRIPTS:
        text = (PROJECT / script.file).read_text(encoding="utf-8-sig")
        assert digest(text) == script.sha256, f"compare {script.file} with its model"


def test_it_waits_for_the_deadline_and_takes_what_is_the_seats(server: Server) -> None:
    server.arm()
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE)
    assert not server.share
    # KS03 is not armed; names are compared without domain and case.
    assert server.enabled == {"KS03", "Administrator"}
    assert server.connected == {13: "Administrator"}
    (line,) = server.record()
    assert line["complete"]
    assert (line["session"], line["deadline"]) == (SESSION.session, SESSION.deadline)
    assert line["accounts_disabled"] == ["KS01", "ks02"]


def test_the_next_run_finds_nothing_to_do_and_writes_nothing(server: Server) -> None:
    server.arm()
    server.fire()
    assert server.fire() == 0
    assert len(server.record()) == 1


def test_what_comes_back_is_taken_again(server: Server) -> None:
    server.arm()
    server.plans.append((DEADLINE + 0.4, lambda: server.connected.update({14: "KS01"})))
    assert server.fire() == 0
    assert server.connected == {13: "Administrator"}


def test_without_a_file_or_long_before_the_deadline_it_ends_at_once(server: Server) -> None:
    assert server.fire() == 0
    server.arm()
    server.clock = DEADLINE - 71
    assert server.fire() == 0
    assert (server.cut_at, server.clock) == (None, DEADLINE - 71)
    assert server.record() == []


@pytest.mark.parametrize("content", [None, SESSION.to_bytes().replace(b"T03:00", b"T04:00")])
def test_disarmed_or_moved_while_it_waits_it_cuts_nothing(server: Server, content: bytes | None) -> None:
    server.arm()
    act = (server.folder / "armed.json").unlink if content is None else lambda: server.arm(content)
    server.plans.append((DEADLINE - 1.5, act))
    assert server.fire() == 0
    assert server.cut_at is None


def test_a_damaged_file_cuts_nothing_and_is_recorded_once(server: Server) -> None:
    server.arm(b"{")
    assert [server.fire(), server.fire()] == [2, 2]
    assert server.cut_at is None
    (line,) = server.record()
    assert line["damaged"]


def test_after_a_while_it_leaves_the_rest_to_the_next_run(server: Server) -> None:
    server.arm()
    server.stuck = True
    assert server.fire() == 1
    assert 40 <= server.clock - DEADLINE < 55
    (line,) = server.record()
    assert not line["complete"]


@pytest.mark.parametrize("change", ["deadline", "share", "root", "accounts", "session"])
def test_it_asks_for_the_fields_that_the_controller_writes(change: str) -> None:
    content = json.loads(SESSION.to_bytes())
    assert stop_exam_session.parse(json.dumps(content).encode()).deadline == switch.parse(SESSION.to_bytes()).seconds
    del content[change]
    with pytest.raises(ValueError, match=change):
        stop_exam_session.parse(json.dumps(content).encode())


def test_sessions_are_read_from_what_samba_prints() -> None:
    server_id = {"pid": "77", "task_id": "0"}
    printed = {
        "sessions": {"1": {"server_id": server_id, "username": "KS01", "remote_machine": "10.0.0.101"}},
        "open_files": {
            "/srv/d/a": {"service_path": "/srv/d", "filename": "a", "opens": {"9": {"server_id": server_id}}}
        },
    }
    assert sessions.parse(printed) == [Session(77, "KS01", "10.0.0.101", ("/srv/d/a",))]


@pytest.mark.parametrize("jump", [90.0, -90.0, 3.0], ids=["forward", "back", "past the deadline"])
def test_whoever_sets_the_clock_moves_no_deadline(server: Server, jump: float) -> None:
    server.arm()
    server.clock = DEADLINE - 400
    assert server.fire() == 0
    server.clock = DEADLINE - 60
    server.plans.append((DEADLINE - 30, lambda: setattr(server, "set_by", jump)))
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE, abs=0.01)


def test_a_step_past_the_deadline_before_the_file_was_seen_leaves_time_to_arm_anew(
    server: Server,
) -> None:
    server.arm()
    server.clock = DEADLINE - 60
    server.set_by = 90.0
    moved = json.loads(SESSION.to_bytes()) | {"deadline": "2026-11-25T03:01:30.000Z", "armed_at": "anew"}
    server.plans.append((server.clock + 4, lambda: server.arm(json.dumps(moved).encode())))
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE, abs=0.01)


def test_a_deadline_that_is_really_past_is_cut_some_seconds_later(server: Server) -> None:
    server.arm()
    server.clock = DEADLINE + 60
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE + 70, abs=0.01)


def test_after_a_restart_the_clock_counts_again(server: Server) -> None:
    server.arm()
    server.clock = DEADLINE - 400
    server.fire()
    server.clock = DEADLINE + 100
    server.restart(up_s=5)
    assert server.fire() == 0
    assert server.cut_at is not None


def test_a_restart_is_noticed_however_late_the_first_run_after_it_comes(server: Server) -> None:
    server.arm()
    server.clock = DEADLINE - 900
    server.boot = server.clock - 45
    server.fire()
    server.clock = DEADLINE + 200
    server.restart(up_s=60)
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE + 210, abs=0.01)


def test_what_is_armed_anew_after_a_step_is_seen_anew(server: Server) -> None:
    server.arm()
    server.clock = DEADLINE - 400
    server.fire()
    server.set_by = 90.0
    moved = json.loads(SESSION.to_bytes()) | {"deadline": "2026-11-25T03:01:30.000Z", "armed_at": "anew"}
    assert moved["deadline"] == iso(DEADLINE + 90)
    server.arm(json.dumps(moved).encode())
    server.clock = DEADLINE - 60
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE, abs=0.01)


def test_a_damaged_memory_is_made_anew(server: Server) -> None:
    server.arm()
    (server.volatile() / "switch-seen.json").write_text("{")
    assert server.fire() == 0
    assert server.cut_at == pytest.approx(DEADLINE, abs=0.01)
