"""bin/exam-inspect: an exit status for each verdict, and none that lets open by mistake."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from exam_room.inspection import __main__ as command
from exam_room.inspection.keeping import keep
from unit.inspection.rooms import ROOT, SHARED, order

FAKE = """#!/bin/sh
for last; do :; done
file=$(printf '%s' "$last" | sed 's/.*"exam_verdict_file": "\\([^"]*\\)".*/\\1/')
printf '%s\\n' "$@" > "$SAID"
[ -z "$VERDICT" ] || printf '{"verdict": "%s"}' "$VERDICT" > "$file"
exit "$ENDED"
"""


@pytest.mark.parametrize(
    ("told", "ended", "status"),
    [
        (b'{"verdict": "passed"}', 0, 0),
        (b'{"verdict": "refused"}', 2, 2),
        (b'{"verdict": "undecided"}', 2, 3),
        (b'{"verdict": "passed"}', 2, 3),
        (None, 0, 1),
        (None, 2, 1),
        (b"", 0, 1),
        (b"{", 0, 1),
        (b'{"verdict": "splendid"}', 0, 1),
        (b"[]", 0, 1),
    ],
)
def test_status(told: bytes | None, ended: int, status: int) -> None:
    assert command.status_of(told, ended)[0] == status


@pytest.mark.parametrize(
    ("verdict", "ended", "status", "line"),
    [
        ("passed", 0, 0, "允许开考"),
        ("refused", 2, 2, "不允许开考"),
        ("undecided", 2, 3, "无法判定"),
        ("", 4, 1, "没有得出结论"),
    ],
)
def test_the_command_runs_the_playbook_and_ends_with_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str, ended: int, status: int, line: str
) -> None:
    fake = tmp_path / "bin/ansible-playbook"
    fake.parent.mkdir()
    fake.write_text(FAKE, encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    for name, value in {"SAID": str(tmp_path / "said"), "VERDICT": verdict, "ENDED": str(ended)}.items():
        monkeypatch.setenv(name, value)
    room = tmp_path / "301 考场"
    room.mkdir()
    done = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-m", "exam_room.inspection", str(room), "--ask-vault-pass"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "module_utils")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout[: len(line)]) == (status, line)
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    assert said[:4] == ["-i", str(room), "playbooks/inspect.yml", "--ask-vault-pass"]


def test_a_room_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(ROOT / "bin/exam-inspect"), str(tmp_path / "none")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "没有考场" in done.stderr


def test_two_kept_inspections_are_compared(tmp_path: Path) -> None:
    (tmp_path / "session").mkdir()
    before, after = keep(order(tmp_path)).folder, keep(order(tmp_path, SHARED)).folder
    done = subprocess.run(
        [str(ROOT / "bin/exam-inspect"), "--compare", str(before), str(after)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "变差 worse: V4 pc01" in done.stdout and "合格 → 不合格 | 考题" in done.stdout
    assert "变差 1 项" in done.stdout


def test_an_inspection_of_another_schema_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text(json.dumps({"schema_version": 1}), encoding="utf-8")
    done = subprocess.run(
        [str(ROOT / "bin/exam-inspect"), "--compare", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "格式版本是 1" in done.stderr
