"""The page that a host's processes share, and the words of the command line."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from standin import __main__ as command_line
from standin import faults, machine
from standin.errors import StandInError


def numbers(folder: Path, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{count}q", (folder / machine.FILE).read_bytes())


def test_steps_of_the_clock_follow_each_other(tmp_path: Path) -> None:
    machine.make(tmp_path)
    assert machine.clock(tmp_path) == 0
    machine.set_clock(tmp_path, 90, now=5)
    machine.set_clock(tmp_path, -1.5, now=6)
    assert numbers(tmp_path, 6) == (0, 2, 5, 90_000_000_000, 6, -1_500_000_000)
    assert machine.clock(tmp_path) == -1.5


def test_a_full_page_takes_no_more_steps(tmp_path: Path) -> None:
    machine.make(tmp_path)
    for number in range(machine.MOST_STEPS):
        machine.set_clock(tmp_path, number, now=number)
    with pytest.raises(StandInError, match="255"):
        machine.set_clock(tmp_path, 0)
    assert machine.clock(tmp_path) == machine.MOST_STEPS - 1
    assert (tmp_path / machine.FILE).stat().st_size == machine.SIZE


def test_flags_do_not_disturb_each_other(tmp_path: Path) -> None:
    machine.make(tmp_path)
    machine.set_flag(tmp_path, machine.VOLUME_FULL, True)
    machine.set_flag(tmp_path, machine.RPC_REFUSED, True)
    machine.set_flag(tmp_path, machine.VOLUME_FULL, False)
    assert numbers(tmp_path, 2) == (machine.RPC_REFUSED, 0)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["full"], ("full", True)),
        (["full", "off"], ("full", False)),
        (["lost-client", "pc01"], ("lost-client", True, "pc01")),
        (["link-to", "10.0.0.1", "off"], ("link-to", False, "10.0.0.1")),
        (["blank", "4700372992"], ("blank", True, "4700372992")),
        (["burner-locked", "off"], ("burner-locked", False)),
    ],
)
def test_the_command_line_names_fault_and_state(
    words: list[str], wanted: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(faults, "switch", lambda *given: told.append(given))
    command_line.run(command_line._parser().parse_args(["fault", "demo", "server", *words]))
    assert told == [("demo", "server", *wanted)]


@pytest.mark.parametrize("words", [["full", "pc01"], ["link-to"], ["link-to", "on"], ["blank"], ["no-disc", "5"]])
def test_words_that_do_not_fit_the_fault_are_refused(words: list[str]) -> None:
    with pytest.raises(StandInError, match="Usage"):
        command_line.run(command_line._parser().parse_args(["fault", "demo", "server", *words]))


@pytest.mark.parametrize(("name", "on"), [("reboot", False), ("link-to", True), ("blank", True), ("no-disc", False)])
def test_what_is_no_fault_is_refused(name: str, on: bool) -> None:
    with pytest.raises(StandInError, match="fault"):
        faults.switch("demo", "server", name, on)
