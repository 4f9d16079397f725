"""Burning every disc of every copy: the tasks of role results, with a server's burner that does as it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import image, record
from sealing.discs import session_with_discs

PROJECT = Path(__file__).resolve().parents[3]
DONE: Mapping[str, Any] = {"ok": True, "written": True, "device": "E:", "files": 5, "closed": True, "reason": ""}
SPOILT: Mapping[str, Any] = {
    **DONE,
    "ok": False,
    "reason": {"zh": "回读核对不一致", "en": "it is not what was written"},
}
BLANK: Mapping[str, Any] = {"ok": True, "mend": False, "wrong": "", "reason": ""}
USED: Mapping[str, Any] = {
    "ok": False,
    "mend": False,
    "wrong": "not_blank",
    "reason": {"zh": "光盘不是空白盘", "en": "The disc is not blank"},
}
SMALL: Mapping[str, Any] = {**USED, "wrong": "too_small", "reason": {"zh": "光盘太小", "en": "The disc is too small"}}
EMPTY: Mapping[str, Any] = {**USED, "wrong": "no_medium", "reason": {"zh": "没有光盘", "en": "There is no disc"}}
NO_BURNER: Mapping[str, Any] = {
    **USED,
    "mend": True,
    "wrong": "no_recorder",
    "reason": {"zh": "没有能刻录的光驱", "en": "?"},
}

# What the burner was given is noted; what it answers comes from a list; where that is empty the run dies.
BURNER = """
import json, sys
from pathlib import Path
answers, given = Path(sys.argv[1]), Path(sys.argv[2])
first, *rest = json.loads(answers.read_text())
answers.write_text(json.dumps(rest))
with given.open("a") as handle:
    handle.write(sys.argv[3] + "\\n")
print(json.dumps(first))
"""
TASKS = """
- name: Answer
  ansible.builtin.command:
    argv: ["{{ ansible_playbook_python }}", "{{ fake }}/burner.py", "{{ fake }}/answers.json", "{{ fake }}/given",
           "{{ burner_image.path }} {{ burner_expected }} {{ burner_resume }}"]
  register: fake_answer

- name: Say what became of the disc
  ansible.builtin.set_fact:
    burner_result: "{{ fake_answer.stdout | from_json }}"
"""
LOOK = """
- name: Look
  ansible.builtin.command:
    argv: ["{{ ansible_playbook_python }}", "{{ fake }}/burner.py", "{{ fake }}/looks.json", "{{ fake }}/looked",
           "{{ burner_bytes }} {{ burner_wait_seconds }} {{ burner_wrong }}"]
  register: fake_look

- name: Say what is in the drive
  ansible.builtin.set_fact:
    burner_state: "{{ fake_look.stdout | from_json }}"
"""
PLAY = """
- name: Burn
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Make the images
      exam_image: {directory: "{{ exam_plan.directory }}"}
      register: __results_images
    - name: Burn
      ansible.builtin.include_role: {name: results, tasks_from: copies}
    - name: Say what is final
      ansible.builtin.debug: {msg: "final {{ __results_record.final }}"}
"""


@dataclass
class Burning:
    """A session of two discs, and the burner."""

    session: Path
    fake: Path

    def run(
        self,
        answers: Sequence[Mapping[str, Any]],
        looks: Sequence[Mapping[str, Any]] = (BLANK,) * 20,
        check: bool = False,
        **more: Any,
    ) -> tuple[int, str]:
        """Run the tasks, where nobody can press Enter; exit status and output."""
        (self.fake / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
        (self.fake / "looks.json").write_text(json.dumps(looks), encoding="utf-8")
        variables = {
            "exam_plan": {"directory": str(self.session), "session": {"duration_rule": "exact"}},
            "exam_burn_target": "server",
            "exam_medium": "cd",
            "exam_copies": 2,
            "results_attempts": 3,
            "results_wait_minutes": 30,
            "fake": str(self.fake),
            "ansible_python_interpreter": sys.executable,
            **more,
        }
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local"]
        command += [str(self.fake / "play.yml"), "-e", json.dumps(variables)] + (["--check"] if check else [])
        environment = {**os.environ, "ANSIBLE_ROLES_PATH": f"{self.fake / 'roles'}:{PROJECT / 'roles'}"}
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout

    def given(self) -> list[str]:
        """The volumes that the burner was asked for, in order; what it was given is there."""
        volumes = []
        for line in (self.fake / "given").read_text(encoding="utf-8").splitlines():
            path, expected, _ = line.split(" ")
            assert json.loads(Path(expected).read_text(encoding="utf-8"))["bagit.txt"]
            volumes.append(Path(path).stem)
        return volumes

    def resumed(self) -> list[bool]:
        """For each, whether what an interrupted run has written was to be read back."""
        lines = (self.fake / "given").read_text(encoding="utf-8").splitlines()
        return [line.endswith(" True") for line in lines]

    def looked(self) -> list[list[str]]:
        """What each look at the drive was given: bytes, seconds, and what was known to be wrong."""
        return [line.split(" ") for line in (self.fake / "looked").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def burning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Burning:
    monkeypatch.setitem(image.CAPACITY, "cd", 1_600_000)
    session, discs = session_with_discs(tmp_path)
    assert len(discs) == 2
    fake = tmp_path / "fake"
    (fake / "roles/burner/tasks").mkdir(parents=True)
    (fake / "roles/burner/tasks/burn.yml").write_text(TASKS, encoding="utf-8")
    (fake / "roles/burner/tasks/check.yml").write_text(LOOK, encoding="utf-8")
    (fake / "burner.py").write_text(BURNER, encoding="utf-8")
    (fake / "play.yml").write_text(PLAY, encoding="utf-8")
    return Burning(session, fake)


FIRST, SECOND = "2025_06_01_AM_1", "2025_06_01_AM_2"


def test_every_disc_of_both_copies_is_burned_and_the_person_told_which(burning: Burning) -> None:
    status, said = burning.run([DONE] * 4)
    assert status == 0 and "final True" in said, said
    assert burning.given() == [FIRST, SECOND, FIRST, SECOND]
    for told in (
        "正本，第 1 张，共 2 张",
        "副本，第 2 张，共 2 张",
        "original, disc 1 of 2",
        "服务器的刻录机",
        "空白 CD",
    ):
        assert told in said
    assert burning.run([])[0] == 0, "nothing is burned a second time"


def test_a_bad_disc_is_recorded_and_another_one_asked_for(burning: Burning) -> None:
    status, said = burning.run([DONE, SPOILT, DONE], exam_copies=1)
    assert status == 0 and "final True" in said, said
    assert burning.given() == [FIRST, SECOND, SECOND]
    assert "请在盘面写“作废”" in said and "it is not what was written" in said
    assert "请取出，在盘面写：正本 2/2" in said
    found = record.read(burning.session)
    assert [(one["disc"], one["zh"]) for one in found.bad] == [(2, "回读核对不一致")]


def test_the_burner_is_watched_and_each_wrong_disc_is_named_once(burning: Burning) -> None:
    status, said = burning.run([DONE, DONE], [USED, SMALL, BLANK, BLANK], exam_copies=1)
    assert status == 0 and "final True" in said, said
    assert burning.given() == [FIRST, SECOND]
    assert (said.count("光盘不是空白盘"), said.count("The disc is too small")) == (1, 1)
    assert said.count("正在等待空白光盘，放入后自动开始刻录；最多等 30 分钟") == 2
    assert [known for _, _, known in burning.looked()] == ["", "not_blank", "too_small", ""]
    sizes = [path.stat().st_size for path in sorted(burning.session.glob("discs/*.iso"))]
    assert [int(size) for size, _, _ in burning.looked()] == [sizes[0]] * 3 + [sizes[1]]
    assert all(1700 < int(seconds) <= 1800 for _, seconds, _ in burning.looked())


def test_where_no_disc_comes_it_stops_and_goes_on_from_there(burning: Burning) -> None:
    status, said = burning.run([DONE], [BLANK, EMPTY], exam_copies=1, results_wait_minutes=0)
    assert status != 0 and "没有放入能用的空白光盘，已停止" in said and "第 2 张，共 2 张" in said, said
    assert record.read(burning.session).bad == (), "nothing was begun"
    status, said = burning.run([DONE], exam_copies=1)
    assert status == 0 and "final True" in said, said
    assert burning.given() == [FIRST, SECOND]


def test_a_burner_that_no_disc_would_help_stops_the_waiting(burning: Burning) -> None:
    status, said = burning.run([], [NO_BURNER], exam_copies=1)
    assert status != 0 and "没有能刻录的光驱" in said, said
    assert record.read(burning.session).bad == ()


@pytest.mark.slow
def test_after_three_that_failed_it_stops_and_goes_on_from_there(burning: Burning) -> None:
    status, said = burning.run([DONE, SPOILT, SPOILT, SPOILT], exam_copies=1)
    assert status != 0 and "连续 3 次没有刻成" in said, said
    assert burning.given() == [FIRST, SECOND, SECOND, SECOND]
    status, said = burning.run([SPOILT, DONE], exam_copies=1)
    assert status == 0 and "final True" in said, said
    assert burning.given()[4:] == [SECOND, SECOND]


def test_a_run_that_dies_while_burning_goes_on_with_that_disc(burning: Burning) -> None:
    assert burning.run([DONE])[0] != 0
    status, said = burning.run([{**DONE, "resumed": True}, DONE, DONE])
    assert status == 0 and "final True" in said, said
    assert "若还在服务器里，不要取出" in said
    assert burning.given() == [FIRST, SECOND, FIRST, SECOND]
    assert burning.resumed() == [False, True, False, False]
    assert len(burning.looked()) == 4, "the disc of the interrupted burning is not blank"
    assert record.read(burning.session).bad == ()


def test_a_second_copy_whose_burning_was_interrupted_is_burned_anew(burning: Burning) -> None:
    assert burning.run([DONE, DONE, DONE])[0] != 0
    status, said = burning.run([DONE])
    assert status == 0 and "final True" in said, said
    assert "不算数。请取出，在盘面写“作废”" in said
    assert not any(burning.resumed()), "the first copy may lie in the drive"
    assert [(one["copy"], one["disc"]) for one in record.read(burning.session).bad] == [(2, 2)]


def test_an_image_makes_a_rehearsal_final(burning: Burning) -> None:
    rehearsal = {"directory": str(burning.session), "session": {"duration_rule": "free"}}
    status, said = burning.run([], exam_burn_target="image", exam_plan=rehearsal)
    assert status == 0 and "final True" in said, said
    assert sorted(
        path.relative_to(burning.session / "discs").as_posix() for path in burning.session.rglob("*.iso")
    ) == [
        *(f"{where}{volume}.iso" for where in ("",) for volume in (FIRST, SECOND)),
        *(f"{where}{volume}.iso" for where in ("copy1/", "copy2/") for volume in (FIRST, SECOND)),
    ]


def test_an_image_never_makes_a_real_session_final(burning: Burning) -> None:
    status, said = burning.run([], exam_burn_target="image")
    assert status != 0 and "映像文件不能代替光盘" in said and "final True" not in said, said
    assert sorted(path.name for path in burning.session.rglob("*.iso")) == [f"{FIRST}.iso", f"{SECOND}.iso"]


@pytest.mark.slow
def test_the_controllers_burner_takes_the_same_way(burning: Burning, tmp_path: Path) -> None:
    # One file plays one blank disc: the second disc finds it written, and no other is put in.
    target = f"stdio:{tmp_path / 'disc'}"
    status, said = burning.run([], exam_burn_target=target, exam_copies=1, results_wait_minutes=0.05)
    assert status != 0 and "没有放入能用的空白光盘" in said, said
    assert said.count("继续等待空白光盘") == 1, said
    found = record.read(burning.session)
    assert [(one["copy"], one["disc"]) for one in found.verified] == [(1, 1)] and found.bad == ()


def test_check_mode_burns_and_records_nothing(burning: Burning) -> None:
    before = (burning.session / "discs/journal.jsonl").read_bytes()
    status, said = burning.run([], check=True, exam_burn_target=f"stdio:{burning.fake / 'disc'}")
    assert status == 0, said
    assert (burning.session / "discs/journal.jsonl").read_bytes() == before
    assert not (burning.fake / "disc").exists()
