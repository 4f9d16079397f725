"""The role and its module as a playbook runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from sealing import example

BIN = Path(sys.executable).parent


def play(tmp_path: Path, directory: Path, *flags: str, entry: str = "slips", **variables: Any) -> dict[str, Any]:
    """Run the role and one task after it; the outcome as Ansible reports it, with its exit status as ``rc``."""
    (tmp_path / "ansible.cfg").touch()
    content = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {
                "ansible_python_interpreter": sys.executable,
                "exam_plan": {"directory": str(directory)},
                **variables,
            },
            "tasks": [
                {"ansible.builtin.include_role": {"name": "papers", "tasks_from": entry}},
                {"name": "Burn", "ansible.builtin.debug": {"msg": "burning"}},
            ],
        }
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), *flags, str(tmp_path / "play.yml")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "ANSIBLE_ROLES_PATH": str(example.ROOT / "roles"),
            "ANSIBLE_LIBRARY": str(example.ROOT / "library"),
            "ANSIBLE_MODULE_UTILS": str(example.ROOT / "module_utils"),
        },
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report | {"rc": done.returncode}


def said(report: dict[str, Any]) -> str:
    """Everything that the tasks printed."""
    tasks = report["plays"][0]["tasks"]
    return "\n".join(str(task["hosts"].get("localhost", {}).get("msg", "")) for task in tasks)


def changed(report: dict[str, Any]) -> int:
    return int(report["stats"]["localhost"]["changed"])


def test_papers_are_made_once_and_the_screen_says_what_to_print(tmp_path: Path, directory: Path) -> None:
    first = play(tmp_path, directory)
    assert (first["rc"], changed(first)) == (0, 1)
    printed = said(first)
    for line in (
        f"考生成果确认单 {directory}/papers/slips.pdf",
        f"考场情况记录单 {directory}/papers/record.pdf",
        f"评分表 {directory}/papers/marks.xlsx",
    ):
        assert line in printed
    assert changed(play(tmp_path, directory)) == 0


def test_check_mode_changes_nothing(tmp_path: Path, directory: Path) -> None:
    assert play(tmp_path, directory, "--check")["rc"] == 0
    assert not (directory / "papers").exists()


def test_burning_goes_on_where_papers_cannot_be_made(tmp_path: Path, directory: Path) -> None:
    (directory / "bag/results.json").write_text("{", encoding="utf-8")
    report = play(tmp_path, directory)
    assert report["rc"] == 0
    assert (
        "没有做成考试文书" in said(report) and "results.json" in said(report) and "playbooks/papers.yml" in said(report)
    )
    assert said(report).endswith("burning")


def test_who_asked_for_papers_alone_gets_the_error(tmp_path: Path, directory: Path) -> None:
    (directory / "bag/results.json").write_text("{", encoding="utf-8")
    report = play(tmp_path, directory, papers_must=True)
    assert report["rc"] != 0
    assert not said(report).endswith("burning")


def test_main_makes_what_can_be_made_by_now(tmp_path: Path, directory: Path) -> None:
    report = play(tmp_path, directory, entry="main", papers_pdf=False, papers_inspector_title="质量督导员")
    assert (report["rc"], changed(report)) == (0, 2)
    labels = (directory / "papers/labels.html").read_text(encoding="utf-8")
    assert "质量督导员" in labels and "督考员" not in labels
    assert not list((directory / "papers").glob("*.pdf"))
    (directory / "discs/journal.jsonl").unlink()
    assert play(tmp_path, directory, entry="main", papers_pdf=False)["rc"] == 0
