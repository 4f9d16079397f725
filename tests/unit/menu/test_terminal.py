"""The program in a real terminal, from the room's password to the last key, and with no terminal at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from exam_room import locks
from exam_room.menu.menu import CUTOFF_LOCK
from exam_room.menu.runner import FOLDER

from .conftest import PROJECT, Desk
from .terminal import PATIENCE_S, Terminal

COMMAND = [sys.executable, "-m", "exam_room.menu"]


@pytest.fixture
def room(desk: Desk) -> str:
    folder = desk.folder / "room/group_vars/all"
    folder.mkdir(parents=True)
    (folder / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n", encoding="utf-8")
    return str(desk.folder / "room")


def test_a_day_in_a_terminal_whose_window_is_closed_while_the_cutoff_waits(desk: Desk, room: str) -> None:
    terminal = Terminal([*COMMAND, room])
    terminal.until("Vault password")
    terminal.type("wrong\n")
    terminal.until("口令不对")
    terminal.until("Vault password")
    terminal.type("right\n")
    assert "right" not in terminal.asked("请输入数字"), "the password is not shown"
    for key, title in (("１", "考前检查"), ("2", "考生入场")):
        terminal.type(f"{key}\n")
        terminal.asked("确认请输入 y")
        terminal.type("ｙ\n")
        terminal.until(f"完成：{title}。")
        terminal.asked("按回车返回菜单")
        terminal.type("\n")
        terminal.asked("请输入数字")
    terminal.type("3\n")
    terminal.asked("确认请输入 y")
    terminal.interrupt("返回菜单，什么也没有做")
    terminal.asked("请输入数字")
    terminal.type("3\n")
    terminal.asked("确认请输入 y")
    terminal.type("y\n")
    terminal.until("已在后台等待截止时间")
    assert terminal.close() != 0, "the window took the menu with it"
    assert locks.holder(desk.directory / FOLDER / CUTOFF_LOCK) is not None
    assert desk.steps() == ["inspect", "open", "start", "cutoff"]
    assert {call["password"] for call in desk.calls()} == {"right\n"}


def test_ctrl_c_reaches_the_menu_and_never_the_step(desk: Desk, room: str) -> None:
    desk.mark("slow-inspect")
    terminal = Terminal([*COMMAND, room])
    terminal.until("Vault password")
    terminal.type("right\n")
    terminal.asked("请输入数字")
    terminal.type("1\n")
    terminal.asked("确认请输入 y")
    terminal.type("y\n")
    terminal.until("TASK [inspect 正在进行]")
    terminal.type("\x03")
    terminal.asked("正在进行。直接回车继续")
    terminal.type("STOP\n")
    terminal.until("未完成：考前检查 被中断")
    terminal.asked("按回车返回菜单")
    terminal.type("\n")
    terminal.until("考前检查 做到一半")
    terminal.asked("请输入数字")
    terminal.type("0\n")
    assert terminal.ended() == 0


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-"])
def test_without_anybody_to_answer_it_ends(desk: Desk, redirection: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, str(desk.folder / "room")],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "输入已关闭，菜单结束" in done.stdout
    assert desk.calls() == []


def test_a_room_that_is_none_is_refused(desk: Desk) -> None:
    done = subprocess.run(
        [*COMMAND, "no-such-room"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 1
    assert "没有考场 no-such-room" in done.stdout


def test_the_program_for_people_is_there() -> None:
    program = PROJECT / "bin/exam-menu"
    assert os.access(program, os.X_OK)
    done = subprocess.run(
        [str(program), "--help"], capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    assert "监考员菜单" in done.stdout
