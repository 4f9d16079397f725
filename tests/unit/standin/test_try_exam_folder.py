"""The model of the seat's script: which drive it sees, and what it ends with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from standin.host import task_scripts, try_exam_folder
from standin.host.mapping import SignInError

REAL = try_exam_folder._Folder


class Folder:
    """A folder on a server that lets in from a moment on, and takes files or does not."""

    def __init__(self, opens_at: float, takes: bool) -> None:
        self.opens_at, self.taking = opens_at, takes
        self.now = 0.0
        self.saved: list[str] = []

    def opens(self) -> bool:
        return self.now >= self.opens_at

    def takes(self, local: str, name: str) -> bool:
        taken = self.opens() and self.taking
        self.saved += [name] if taken else []
        return taken

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("opens_at", "takes", "result"), [(0.0, True, 0), (14.0, True, 0), (30.0, True, 11), (4.0, False, 12)]
)
def test_it_waits_for_the_drive_and_tells_how_it_went(
    monkeypatch: pytest.MonkeyPatch, opens_at: float, takes: bool, result: int
) -> None:
    folder = Folder(opens_at, takes)
    monkeypatch.setattr(try_exam_folder, "_folder", lambda letter: folder if letter == "Z" else None)
    computer = task_scripts.Computer(Path, lambda: folder.now, folder.sleep)
    assert try_exam_folder.run(computer, {"Letter": "Z"}) == result
    assert len(folder.saved) == (result == 0)
    assert all(name.startswith("~exam-trial-WIN-STANDIN-") for name in folder.saved)


def test_a_refused_password_is_not_tried_until_the_account_is_locked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tries: list[list[str]] = []

    def refuse(line: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        tries.append(line)
        return subprocess.CompletedProcess(line, 1, b"session setup failed: NT_STATUS_LOGON_FAILURE\n", b"")

    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(try_exam_folder, "_folder", lambda letter: REAL(r"\\10.0.0.10\exam\KS01", "KS01", "x"))
    computer = task_scripts.Computer(Path, lambda: now[0], sleep)
    assert try_exam_folder.run(computer, {"Letter": "Z"}) == 11
    assert len(tries) == 3
    assert 15 <= now[0] < 20


def test_a_letter_that_nothing_maps_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_exam_folder, "_folder", lambda letter: None)
    computer = task_scripts.Computer(Path, lambda: 0.0, lambda seconds: pytest.fail("waited"))
    assert try_exam_folder.run(computer, {"Letter": "Y"}) == 11


def test_what_is_no_folder_on_a_server_is_refused() -> None:
    with pytest.raises(SignInError):
        REAL("Z:\\KS01", "KS01", "x")
