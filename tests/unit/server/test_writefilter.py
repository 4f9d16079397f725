"""Switching the Unified Write Filter: its settings hold from the next start on."""

from __future__ import annotations

from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.server import writefilter
from exam_room.wire.wsman import WsmanError

OFF: dict[str, Any] = {"enabled": False, "enabled_next": False, "volumes": [], "volumes_next": []}
ON: dict[str, Any] = {"enabled": True, "enabled_next": True, "volumes": ["C:"], "volumes_next": ["C:"]}
LOGS = r"C:\Windows\System32\winevt\Logs"


class FakeComputer:
    """Takes its settings up at a restart; ``deaf`` to one kind of command, ``refuses`` another."""

    def __init__(self, state: dict[str, Any] | None, deaf: str = "", refuses: str = "") -> None:
        self.state = None if state is None else dict(state)
        self.deaf, self.refuses = deaf, refuses
        self.said: list[str] = []

    def read(self) -> dict[str, Any] | None:
        return None if self.state is None else dict(self.state)

    def run(self, *arguments: str) -> None:
        line = " ".join(arguments)
        self.said.append(line)
        if self.refuses and line.startswith(self.refuses):
            raise WsmanError("失败", "failed with exit code 1")
        if self.state is None or (self.deaf and line.startswith(self.deaf)):
            return
        if line.startswith("filter"):
            self.state["enabled_next"] = line == "filter enable"
        elif line.startswith("volume"):
            self.state["volumes_next"] = [arguments[-1]]

    def restart(self) -> None:
        self.said.append("restart")
        assert self.state is not None
        self.state |= {"enabled": self.state["enabled_next"], "volumes": self.state["volumes_next"]}


def test_on_protects_the_drive_after_one_restart() -> None:
    computer = FakeComputer(OFF)
    outcome = writefilter.switch_on(computer, "pc01", "C:", [LOGS], check=False)
    assert outcome == writefilter.Outcome(True, 1)
    assert computer.state == ON
    # Protection is the last thing said before the restart: what came before must not be half of it.
    assert computer.said == [f"file add-exclusion {LOGS}", "volume protect C:", "filter enable", "restart"]


def test_off_restarts_what_was_on() -> None:
    computer = FakeComputer(ON)
    assert writefilter.switch_off(computer, "pc01", check=False) == writefilter.Outcome(True, 1)
    assert computer.said == ["filter disable", "restart"]


def test_off_takes_back_what_the_next_start_would_bring_without_a_restart() -> None:
    computer = FakeComputer(OFF | {"enabled_next": True})
    assert writefilter.switch_off(computer, "pc01", check=False) == writefilter.Outcome(True, 0)
    assert computer.said == ["filter disable"]


@pytest.mark.parametrize("state", [None, OFF])
def test_off_leaves_alone_what_is_off(state: dict[str, Any] | None) -> None:
    computer = FakeComputer(state)
    assert writefilter.switch_off(computer, "pc01", check=False) == writefilter.Outcome(False)
    assert computer.said == []


def test_on_leaves_alone_what_is_on() -> None:
    computer = FakeComputer(ON | {"volumes": ["c:"], "volumes_next": ["c:"]})
    assert writefilter.switch_on(computer, "pc01", "C:", [LOGS], check=False) == writefilter.Outcome(False)
    assert computer.said == []


@pytest.mark.parametrize("state", [OFF, ON | {"enabled_next": False}, ON | {"volumes_next": []}, ON | {"volumes": []}])
def test_check_mode_predicts_and_says_nothing(state: dict[str, Any]) -> None:
    computer = FakeComputer(state)
    assert writefilter.switch_on(computer, "pc01", "C:", [], check=True).changed
    assert computer.said == []


def test_a_windows_without_the_filter_is_told_what_would_do() -> None:
    with pytest.raises(ExamError) as refused:
        writefilter.switch_on(FakeComputer(None), "pc01", "C:", [], check=False)
    assert "教育版" in refused.value.zh and "pc01" in refused.value.zh
    assert "by_hand" in refused.value.en


@pytest.mark.parametrize("deaf", ["filter", "volume"])
def test_what_is_not_so_after_the_restart_is_an_error(deaf: str) -> None:
    with pytest.raises(ExamError, match="not on after the restart"):
        writefilter.switch_on(FakeComputer(OFF, deaf=deaf), "pc01", "C:", [], check=False)


def test_a_filter_that_stays_on_is_an_error() -> None:
    with pytest.raises(ExamError, match="not off after the restart"):
        writefilter.switch_off(FakeComputer(ON, deaf="filter"), "pc01", check=False)


def test_a_path_that_cannot_be_excluded_is_named_and_protection_goes_on() -> None:
    computer = FakeComputer(OFF, refuses="file")
    outcome = writefilter.switch_on(computer, "pc01", "C:", [LOGS], check=False)
    assert outcome.left_out == (f"{LOGS}: failed with exit code 1",)
    assert computer.state == ON
