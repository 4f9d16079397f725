"""The module as Ansible runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from unit.room.samples import EXAMS, ROOT, SESSION, room_data


def run(tmp_path: Path, *flags: str, **changes: Any) -> dict[str, Any]:
    """One ad-hoc call on localhost; the outcome as Ansible reports it."""
    config = tmp_path / "ansible.cfg"
    config.touch()
    (tmp_path / "session.yml").write_text(SESSION, encoding="utf-8")
    roster = tmp_path / "roster.csv"
    if not roster.exists():
        roster.write_text("准考证号,姓名\n0001,{{ 7*7 }}\n", encoding="utf-8")
    arguments = {
        "session_file": str(tmp_path / "session.yml"),
        "exams_dir": str(EXAMS),
        "sessions_dir": str(tmp_path / "sessions"),
        "room": room_data(),
        "now": "2027-06-01T00:00:00Z",
        "write": True,
    }
    command = [str(Path(sys.executable).with_name("ansible")), "localhost", "-m", "exam_session", *flags]
    done = subprocess.run(
        [*command, "-e", f"ansible_python_interpreter={sys.executable}", "-a", json.dumps(arguments | changes)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_LIBRARY": str(ROOT / "library"),
            "ANSIBLE_MODULE_UTILS": str(ROOT / "module_utils"),
        },
    )
    assert "{" in done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    outcome: dict[str, Any] = found["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return outcome


def test_check_mode_writes_nothing_then_writes_then_is_unchanged(tmp_path: Path) -> None:
    names = ["plan.json", "seating.csv", "seating.html"]
    checked = run(tmp_path, "--check", "--diff")
    assert (checked["changed"], checked["files"]) == (True, names)
    assert not (tmp_path / "sessions").exists()
    done = run(tmp_path)
    assert (done["changed"], done["files"]) == (True, names)
    assert done["seats"][0]["candidate"] == {"exam_number": "0001", "name": "{{ 7*7 }}"}
    assert done["directory"] == str(tmp_path / "sessions" / "s-1")
    again = run(tmp_path)
    assert (again["changed"], again["files"]) == (False, [])
    assert {name: again[name] for name in ("session", "seats")} == {name: done[name] for name in ("session", "seats")}


def test_refuses_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("准考证号,姓名\nCON,甲\n", encoding="utf-8")
    failed = run(tmp_path)
    assert failed["failed"]
    assert failed["msg"].splitlines() == [
        "roster.csv 第2行 [准考证号]: CON：CON 是 Windows 设备名，不能作文件名",
        "roster.csv row 2 [准考证号]: CON: CON is a Windows device name, no file can be called so",
    ]
    assert not (tmp_path / "sessions").exists()


@pytest.mark.parametrize("now", ["yesterday", "2027-06-01T00:00:00"])
def test_a_time_without_offset_is_refused(tmp_path: Path, now: str) -> None:
    assert "ISO 8601 with an offset" in run(tmp_path, now=now)["msg"]
