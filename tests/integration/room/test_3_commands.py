"""What a person reads without a room: the plan of prepare, and the documents of the modules."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from rehearsal.run import PROJECT

pytestmark = pytest.mark.integration

_TASK = re.compile(r"^      (?:(?P<role>\w+) : )?(?P<name>.+?)\tTAGS: ")
_WORDS = 3


def command(*words: str) -> str:
    """The standard output of a command, run where there is no network at all."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for a network of its own")
    program = str(PROJECT / ".venv/bin" / words[0])
    done = subprocess.run(
        ["unshare", "--net", program, *words[1:]], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_list_of_prepares_tasks_reads_like_a_plan() -> None:
    said = command("ansible-playbook", "-i", "inventories/example", "playbooks/prepare.yml", "--list-tasks")
    plays = re.findall(r"^  play #\d+ \((\w+)\): (.+)\tTAGS", said, re.MULTILINE)
    hosts = ["localhost", "localhost", "exam_server", "exam_clients", "exam_server", "localhost"]
    assert [hosts_of_play for hosts_of_play, _ in plays] == hosts
    assert all(name.startswith("准备考场 Prepare | ") for _, name in plays)
    tasks = [match["name"] for line in said.splitlines() if (match := _TASK.match(line))]
    assert len(tasks) == sum(line.startswith("      ") for line in said.splitlines())
    for name in tasks:
        sentence = name.rpartition(" | ")[2]
        assert len(sentence.split()) >= _WORDS, name
        assert re.match(r"[A-Z].*[^.:]$", sentence), name


def test_every_module_is_documented() -> None:
    listed = json.loads(command("ansible-doc", "-M", "library", "-l", "--json"))
    modules = [path.stem for path in sorted((PROJECT / "library").glob("*.py"))]
    assert modules
    for module in modules:
        assert len(listed[f"ansible.legacy.{module}"].split()) >= _WORDS, module
    shown = json.loads(command("ansible-doc", "-M", "library", "--json", *modules))
    for module in modules:
        assert shown[module]["doc"]["options"], module
        assert {"check_mode", "diff_mode"} <= set(shown[module]["doc"]["attributes"]), module
        assert module in shown[module]["examples"], module
        assert shown[module]["return"], module
