"""The next day, by the invigilator's menu, which runs the production playbooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.room.driver import Room
from rehearsal import leftover
from rehearsal import run as rehearsal
from standin import room as rooms
from unit.menu.terminal import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PATIENCE_S = 240.0
SESSION = "actstest-menu"


@pytest.fixture
def terminal(room: Room) -> Iterator[Terminal]:
    """The menu of a new session for which the room has been prepared."""
    file = room.session(SESSION, seats=2)
    done = room.step("prepare", "-e", f"exam_session_file={file}")
    assert done.status == 0, done.output
    environment = room.made.environment | {"EXAM_SESSION_FILE": str(file), "NO_COLOR": "1"}
    # The live board needs a terminal that can move its cursor.
    made = Terminal([str(rehearsal.PROJECT / "bin/exam-menu"), "inventories/rehearsal"], environment, "xterm")
    yield made
    made.end()
    leftover.end(rooms.state_folder() / room.name)


def choose(terminal: Terminal, key: str, word: str) -> None:
    """Choose an entry and confirm it as the screen asks."""
    terminal.type(f"{key}\n")
    terminal.asked("确认请输入")
    terminal.type(f"{word}\n")


def back(terminal: Terminal) -> None:
    terminal.asked("按回车返回菜单")
    terminal.type("\n")
    terminal.asked("请输入数字")


def test_a_day_by_the_menu(terminal: Terminal) -> None:
    directory: Path = rehearsal.PROJECT / "sessions" / SESSION
    terminal.asked("请输入数字")
    for key, title in (("1", "考前检查"), ("2", "考生入场")):
        choose(terminal, key, "y")
        terminal.until(f"完成：{title}。", PATIENCE_S)
        back(terminal)
    choose(terminal, "3", "y")
    terminal.until("已在后台等待截止时间", PATIENCE_S)
    back(terminal)
    # Five minutes more, so that the cut is the one that the invigilator asks for.
    terminal.type("5\n")
    terminal.asked("延时几分钟")
    terminal.type("5\n")
    terminal.asked("理由（写入记录）")
    terminal.type("停电五分钟\n")
    terminal.asked("确认请输入")
    terminal.type("y\n")
    terminal.until("完成：延时。", PATIENCE_S)
    back(terminal)
    terminal.type("4\n")
    terminal.until("剩余", PATIENCE_S)
    terminal.interrupt("请输入数字")
    terminal.until("> ")
    choose(terminal, "8", "确认收卷")
    terminal.until("完成：立即收卷。", PATIENCE_S)
    back(terminal)
    choose(terminal, "9", "y")
    terminal.until("完成：刻盘。", PATIENCE_S)
    back(terminal)
    terminal.type("0\n")
    assert terminal.ended() == 0
    entries = rehearsal.journal_entries(directory / "journal.jsonl")
    for step in ("inspect", "open", "start", "extend", "cutoff", "burn"):
        assert rehearsal.ended(entries, step), step
    assert (directory / "cutoff.txt").exists()
    assert list((directory / "discs").glob("*.iso"))
