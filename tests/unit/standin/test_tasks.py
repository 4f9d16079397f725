"""The Task Scheduler of a host, with a clock and processes of the test's."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from standin.endpoint.files import WindowsFiles
from standin.endpoint.scripts import digest
from standin.host import run_task, system, task_scripts, tasks
from standin.host.triggers import moment

NINE = moment("2026-11-25T09:00:00") or 0.0
KEY = "\\exam\\cut"
TASK: dict[str, Any] = {
    "enabled": True,
    "user": "S-1-5-18",
    "start_when_available": True,
    "multiple_instances": 2,
    "execution_time_limit": None,
    "actions": [{"path": "powershell.exe"}],
    "triggers": [{"type": "time", "start_boundary": "2026-11-20T09:00:00", "repetition": {"interval": "PT1M"}}],
}


class Process:
    """Runs until told to end."""

    pid = 999_999_999

    def __init__(self) -> None:
        self.result: int | None = None
        self.stdout = io.BytesIO(b"\n7\n")

    def poll(self) -> int | None:
        return self.result

    def wait(self) -> int:
        self.result = -9
        return -9


@dataclass
class Machine:
    """A host's clock, its tasks and what it started."""

    folder: Path
    clock: float = NINE + 1
    steady: float = 0.0
    started: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scheduler = tasks.Scheduler(self._start, lambda: self.clock, lambda: self.steady)

    def _start(self, actions: list[dict[str, Any]]) -> Any:
        self.started.append(Process())
        return self.started[-1]

    def keep(self, **changes: Any) -> None:
        system.save(tasks.STATE_FILE, {"tasks": {KEY: {**TASK, **changes}}})

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock += 1
            self.steady += 1
            self.scheduler.tick()

    @property
    def record(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.folder / tasks.FILE).read_text())[KEY]
        return kept


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(system, "STATE", tmp_path)
    made = Machine(tmp_path)
    made.keep()
    made.scheduler.boot()
    return made


def end(process: Any) -> None:
    process.result = 0


def test_a_task_fires_each_minute_and_its_result_is_kept(machine: Machine) -> None:
    machine.pass_time(58)
    assert machine.record["last_result"] == tasks.NOT_RUN
    machine.pass_time(1)
    assert machine.record["last_result"] == tasks.RUNNING
    end(machine.started[0])
    machine.pass_time(60)
    assert machine.record["runs"] == len(machine.started) == 2
    end(machine.started[1])
    machine.pass_time(1)
    assert machine.record["last_result"] == 7


def test_a_new_instance_is_ignored_while_one_runs(machine: Machine) -> None:
    machine.pass_time(180)
    assert (machine.record["runs"], machine.record["refused"]) == (1, 2)


def test_another_policy_stops_the_old_instance_or_runs_beside_it(machine: Machine) -> None:
    machine.keep(multiple_instances=tasks.STOP_EXISTING)
    machine.pass_time(120)
    assert [one.result for one in machine.started] == [-9, None]
    machine.keep(multiple_instances=tasks.PARALLEL)
    machine.pass_time(60)
    assert [one.result for one in machine.started] == [-9, None, None]


def test_the_execution_limit_ends_a_run(machine: Machine) -> None:
    machine.keep(execution_time_limit="PT10S")
    machine.pass_time(59)
    assert machine.record["last_result"] == tasks.RUNNING
    machine.pass_time(11)
    assert (machine.started[0].result, machine.record["last_result"]) == (-9, tasks.TERMINATED)


@pytest.mark.parametrize("changes", [{"enabled": False}, {"user": "S-1-5-21-1-2-3-1001"}, {"user": None}])
def test_disabled_tasks_and_those_of_people_do_not_run(machine: Machine, changes: dict[str, Any]) -> None:
    machine.keep(**changes)
    machine.pass_time(120)
    assert machine.started == []


def test_registering_fires_once_and_again_when_the_task_is_changed(machine: Machine) -> None:
    triggers = [{"type": "registration"}]
    machine.keep(triggers=triggers)
    machine.pass_time(1)
    end(machine.started[0])
    machine.pass_time(120)
    assert len(machine.started) == 1
    machine.keep(triggers=triggers, multiple_instances=0)
    machine.pass_time(120)
    assert len(machine.started) == 2


def test_a_restart_kills_what_runs_and_fires_boot_triggers(machine: Machine) -> None:
    machine.keep(triggers=[{"type": "boot", "delay": "PT5S", "repetition": {"interval": "PT1M"}}])
    machine.pass_time(30)
    assert machine.started == [], "the task came after the start"
    machine.scheduler.boot()
    machine.pass_time(5)
    assert len(machine.started) == 1
    machine.scheduler.stop()
    assert (machine.started[0].result, machine.record["last_result"]) == (-9, tasks.TERMINATED)
    machine.scheduler.boot()
    machine.pass_time(4)
    assert len(machine.started) == 1
    machine.pass_time(61)
    assert machine.record["runs"] == 2


def test_a_start_missed_while_the_host_was_off_is_made_up_for_after_ten_minutes(machine: Machine) -> None:
    once = {"type": "time", "start_boundary": "2026-11-25T09:30:00"}
    for end_boundary, runs in (({"end_boundary": "2026-11-26T09:00:00"}, 1), ({}, 0)):
        machine.clock = NINE
        machine.started.clear()
        machine.keep(triggers=[{**once, **end_boundary}])
        machine.scheduler.boot()
        machine.scheduler.stop()
        machine.clock += 3600
        machine.scheduler.boot()
        machine.pass_time(599)
        assert machine.started == []
        machine.pass_time(10)
        assert len(machine.started) == runs


def test_a_stepped_clock_fires_what_it_passed_once_and_comes_to_it_again_when_set_back(machine: Machine) -> None:
    machine.clock += 300
    machine.pass_time(1)
    assert len(machine.started) == 1
    end(machine.started[0])
    machine.clock -= 300
    machine.pass_time(1)
    assert len(machine.started) == 1
    machine.pass_time(60)
    assert len(machine.started) == 2


def test_a_deleted_tasks_run_ends(machine: Machine) -> None:
    machine.pass_time(59)
    system.save(tasks.STATE_FILE, {"tasks": {}})
    machine.pass_time(1)
    assert machine.started[0].result == -9


def test_it_looks_again_when_the_next_start_is_due(machine: Machine) -> None:
    machine.pass_time(58)
    machine.clock += 0.75
    assert machine.scheduler.pause() == pytest.approx(0.25)
    machine.keep(enabled=False)
    machine.scheduler.tick()
    assert machine.scheduler.pause() == tasks.LOOK_EACH


ACTION = {
    "path": r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    "arguments": '-NoProfile -File "C:\\Exam\\Do It.ps1" -Share exam',
}


class TestScripts:
    @pytest.fixture
    def files(self, tmp_path: Path) -> WindowsFiles:
        (tmp_path / "c" / "Exam").mkdir(parents=True)
        (tmp_path / "c" / "Exam" / "Do It.ps1").write_text("\ufeffexit 3\r\n", encoding="utf-8")
        return WindowsFiles({"C": tmp_path / "c"})

    def test_a_known_script_is_answered_by_its_model(
        self, files: WindowsFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def model(computer: task_scripts.Computer, parameters: Mapping[str, str]) -> int:
            assert parameters["Share"] == "exam"
            assert computer.real(r"c:\exam\do it.ps1").is_file()
            return 3

        known = task_scripts.TaskScript("Do It.ps1", digest("exit 3"), model)
        monkeypatch.setattr(task_scripts, "SCRIPTS", [known])
        assert run_task.run(ACTION, files) == 3

    @pytest.mark.parametrize(
        ("changes", "result"),
        [
            ({}, task_scripts.NO_MODEL),
            ({"arguments": "-File C:\\Exam\\missing.ps1"}, task_scripts.NO_MODEL),
            ({"arguments": "-Command exit"}, task_scripts.NO_MODEL),
            ({"path": "cmd.exe"}, run_task.FILE_NOT_FOUND),
        ],
    )
    def test_what_has_no_model_fails_visibly(
        self,
        files: WindowsFiles,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        changes: dict[str, Any],
        result: int,
    ) -> None:
        monkeypatch.setattr(task_scripts, "SCRIPTS", [])
        assert run_task.run({**ACTION, **changes}, files) == result
        assert "no " in capsys.readouterr().err

    def test_a_script_that_breaks_off_fails(
        self, files: WindowsFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def model(computer: task_scripts.Computer, parameters: Mapping[str, str]) -> int:
            raise OSError("disc on fire")

        monkeypatch.setattr(task_scripts, "SCRIPTS", [task_scripts.TaskScript("x", digest("exit 3"), model)])
        assert run_task.run(ACTION, files) == run_task.SCRIPT_FAILED
        assert "disc on fire" in capsys.readouterr().err
