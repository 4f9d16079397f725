"""The callback exam_day: every host is accounted for, no play outlasts its limit, and there are files enough."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")

INVENTORY = """\
all:
  vars: {ansible_connection: local, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  hosts:
    pc01:
    pc02:
    # A port that nobody listens on: refused at once.
    pc03: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}
    pc04:
"""


def _run(folder: Path, play: str) -> subprocess.CompletedProcess[str]:
    """Run one playbook over the hosts above, with this project's configuration."""
    (folder / "hosts.yml").write_text(INVENTORY, encoding="utf-8")
    (folder / "play.yml").write_text(play, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return subprocess.run(
        [str(ANSIBLE_PLAYBOOK), "-i", str(folder / "hosts.yml"), str(folder / "play.yml")],
        env=environment | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(folder / "home")},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _account(output: str) -> dict[str, str]:
    """The closing account: what is said of each host."""
    _, _, account = output.partition("every host ")
    lines = [line.split(maxsplit=1) for line in account.splitlines() if line.startswith("pc")]
    return {line[0]: line[1] for line in lines}


def test_every_host_is_accounted_for(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.meta: end_host
      when: inventory_hostname == 'pc04'
    - ansible.builtin.ping:
    - ansible.builtin.assert: {that: inventory_hostname != 'pc02'}
""",
    )
    assert _account(done.stdout) == {
        "pc01": "完成 done",
        "pc02": "失败 failed",
        "pc03": "无法连接 unreachable",
        "pc04": "没有结果 nothing heard",
    }
    assert done.returncode != 0


def test_a_host_that_an_earlier_play_lost_stays_in_the_account(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """\
- hosts: pc01,pc02
  gather_facts: false
  tasks:
    - ansible.builtin.assert: {that: inventory_hostname != 'pc02'}
- hosts: pc01
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: on}
""",
    )
    account = _account(done.stdout)
    assert (account["pc01"], account["pc02"]) == ("完成 done", "失败 failed")


@pytest.mark.parametrize(
    "task", ["ansible.builtin.pause: {seconds: 45}", "ansible.builtin.command: sleep 45"], ids=["pause", "command"]
)
def test_a_play_out_of_time_is_ended(tmp_path: Path, task: str) -> None:
    begun = time.monotonic()
    done = _run(
        tmp_path,
        f"""\
- name: 开考 Start
  hosts: localhost
  gather_facts: false
  vars: {{exam_time_limit: 2}}
  tasks:
    - {task}
""",
    )
    assert done.returncode == 124, done.stdout + done.stderr
    assert time.monotonic() - begun < 40
    assert "步骤超时，已停止: 开考 Start" in done.stderr
    assert "out of time, stopped: 开考 Start" in done.stderr


def test_a_limit_ends_with_its_play(tmp_path: Path) -> None:
    """The second play outlasts the limit of the first, which is none of its business."""
    done = _run(
        tmp_path,
        """\
- hosts: localhost
  gather_facts: false
  vars: {exam_time_limit: 2}
  tasks:
    - ansible.builtin.debug: {msg: quick}
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command: sleep 3
""",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_task_may_have_a_limit_of_its_own_and_the_others_go_on(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """\
- hosts: pc01:pc02
  gather_facts: false
  tasks:
    - ansible.builtin.command: sleep {{ 45 if inventory_hostname == 'pc01' else 0 }}
      timeout: 2
""",
    )
    assert "Timed out after 2 second(s)" in done.stdout + done.stderr
    account = _account(done.stdout)
    assert (account["pc01"], account["pc02"]) == ("失败 failed", "完成 done")


def test_the_limit_of_open_files_is_raised(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
    try:
        done = _run(
            tmp_path,
            """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.shell: echo "files $(ulimit -Sn) of $(ulimit -Hn)"
      register: limits
    - ansible.builtin.debug: {var: limits.stdout}
""",
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    hard = "unlimited" if before[1] == resource.RLIM_INFINITY else before[1]
    assert f"files {hard} of {hard}" in done.stdout


def test_hosts_that_a_step_does_not_touch_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    answer = '{"changed": false, "hosts": {"pc01": {}}, "not_reached": {"pc03": "关机\\\\nswitched off"}}'
    (tmp_path / "library" / "exam_facts.py").write_text(
        f"#!/usr/bin/python\n# stands for the look from the inside\nprint('{answer}')\n", encoding="utf-8"
    )
    done = _run(
        tmp_path,
        """\
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - exam_facts:
""",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert _account(done.stdout) == {
        "pc01": "已查看 looked at",
        "pc02": "本步骤不涉及 not part of this step",
        "pc03": "无法连接 unreachable: 关机 | switched off",
        "pc04": "本步骤不涉及 not part of this step",
    }
