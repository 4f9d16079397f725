"""The virtual machine of the burner test: what is left of a killed run, and what is said when it does not work."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from burner import machine
from burner.machine import NoMachineError, alone, check, end_leftover

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def process() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


def sleeper(kept: Path, *words: str) -> subprocess.Popen[bytes]:
    one = subprocess.Popen([sys.executable, "-c", SLEEP, *words])
    # A program that is just being started has no command line for a moment.
    while words[-1].encode() not in Path(f"/proc/{one.pid}/cmdline").read_bytes():
        assert one.poll() is None
    (kept / "machine.pid").write_text(str(one.pid))
    return one


def test_the_machine_of_a_killed_run_is_ended(tmp_path: Path, process: list[subprocess.Popen[bytes]]) -> None:
    process.append(sleeper(tmp_path, f"file:{tmp_path / 'console.log'}"))
    with alone(tmp_path):
        assert process[0].wait(60) == -9
    assert not (tmp_path / "machine.pid").exists()


def test_another_process_with_that_number_is_left_alone(tmp_path: Path, process: list[subprocess.Popen[bytes]]) -> None:
    process.append(sleeper(tmp_path, "file:/somewhere/else/console.log"))
    assert not end_leftover(tmp_path)
    assert process[0].poll() is None
    assert not (tmp_path / "machine.pid").exists()


@pytest.mark.parametrize("content", ["", "no number", "4194305"])
def test_a_note_of_no_process_is_removed(tmp_path: Path, content: str) -> None:
    (tmp_path / "machine.pid").write_text(content)
    assert not end_leftover(tmp_path)
    assert not (tmp_path / "machine.pid").exists()


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(NoMachineError, match="另一个刻录测试正在运行"), alone(tmp_path):
        pass


def test_missing_programs_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(NoMachineError, match="apt-get install qemu-system-x86 mmdebstrap libarchive-tools") as told:
        check()
    assert "\n" not in str(told.value)


def test_another_processor_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(NoMachineError, match="aarch64"):
        check()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose machine is a script named qemu-system-x86_64; bsdtar writes an empty archive."""
    folder = tmp_path / "kept"
    root = folder / f"root-{machine.recipe()}"
    root.mkdir(parents=True)
    (root / "root.cpio").write_bytes(b"")
    programs = tmp_path / "programs"
    programs.mkdir()
    script(programs / "bsdtar", 'while [ "$1" != -cf ]; do shift; done; : > "$2"')
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def qemu(kept: Path, text: str) -> None:
    script(kept.parent / "programs" / "qemu-system-x86_64", text)


def test_a_machine_that_does_not_come_up_shows_its_console(kept: Path, tmp_path: Path) -> None:
    qemu(kept, f"echo 'Kernel panic - not syncing' > {kept}/console.log; exec sleep 600")
    with pytest.raises(NoMachineError, match=r"没有启动(.|\n)*did not come up(.|\n)*Kernel panic"):
        machine.run(tmp_path, kept, up=1.0)
    assert not (kept / "machine.pid").exists()


def test_a_machine_that_hangs_is_ended(kept: Path, tmp_path: Path) -> None:
    qemu(kept, f"echo '{machine.UP}' > {kept}/console.log; exec sleep 600")
    with pytest.raises(NoMachineError, match="was not finished within 1 s"):
        machine.run(tmp_path, kept, up=0.5, limit=1.0)


def test_a_machine_that_ends_early_is_no_success(kept: Path, tmp_path: Path) -> None:
    qemu(kept, f"""echo '{{"case": "whole"}}' > {kept}/results.jsonl; echo 'no memory' >&2""")
    with pytest.raises(NoMachineError, match=r"ended early(.|\n)*no memory"):
        machine.run(tmp_path, kept)


def test_the_answers_of_a_machine_are_its_lines(kept: Path, tmp_path: Path) -> None:
    qemu(kept, f"""printf '{{"case": "whole"}}\\r\\n{{"end": true}}\\r\\n' > {kept}/results.jsonl""")
    assert machine.run(tmp_path, kept) == [{"case": "whole"}]
