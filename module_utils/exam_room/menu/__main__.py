"""bin/exam-menu: choose the room, ask for the vault's password once, read the session, show the menu."""

from __future__ import annotations

import argparse
import getpass
import os
import readline  # noqa: F401 - input() then knows how wide Chinese is when somebody deletes a character
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from .. import locks
from ..errors import ExamError
from . import rooms
from .menu import MENU_LOCK, Menu, World
from .plan import PasswordRefused, Plan
from .runner import FOLDER, Runner
from .screen import Back, Closed, Screen, whole_number

PROJECT = Path(__file__).resolve().parents[3]
_TRIES = 3
_BOARD_PATIENCE_S = 5.0
_INTERRUPTED = (0, 130, -2)


def utc_now() -> datetime:
    """The controller's clock."""
    return datetime.now(UTC)


def choose_room(screen: Screen, given: str | None) -> Path:
    """The room that was named, the only one there is, or the one that the person picks. Raises ExamError, Closed."""
    if given:
        return rooms.named(PROJECT, given)
    known = rooms.rooms(PROJECT)
    if not known:
        raise ExamError(
            "还没有考场：请机房管理员把 inventories/example 复制为考场目录，或在命令后写出考场目录。",
            "There is no room yet: copy inventories/example, or name the room's folder after the command.",
        )
    if len(known) == 1:
        return known[0]
    screen.say("哪个考场？", "Which room?")
    screen.lines([f"  {number}  {path.name}" for number, path in enumerate(known, start=1)])
    while True:
        try:
            return known[whole_number(screen.ask("请输入数字", "Number"), 1, len(known)) - 1]
        except ExamError as error:
            screen.error(error)


def open_session(screen: Screen, room: Path) -> tuple[Runner, Plan]:
    """The runner and the session's plan; asks for the vault's password where the room has one and nobody gave it."""
    needed = rooms.is_encrypted(room) and not os.environ.get("ANSIBLE_VAULT_PASSWORD_FILE")
    for left in range(_TRIES - 1, -1, -1):
        runner = Runner(PROJECT, room, _password() if needed else None, utc_now)
        screen.say("正在读取场次……", "Reading the session …")
        try:
            return runner, runner.plan()
        except PasswordRefused as error:
            if not needed or not left:
                raise
            screen.error(error)
    raise AssertionError("the last try returns or raises")


def _password() -> str:
    try:
        return getpass.getpass("考场口令（vault，输入时不显示） Vault password: ")
    except KeyboardInterrupt:
        raise Back from None
    except (EOFError, OSError, ValueError):
        raise Closed from None


def board(directory: Path) -> int:
    """The live board, in this terminal; Ctrl-C leads back."""
    try:
        process = subprocess.Popen([str(PROJECT / "bin/exam-status"), str(directory)], cwd=PROJECT)
    except OSError as error:
        raise ExamError(f"打不开状态显示：{error.strerror}", f"No status board: {error.strerror}") from error
    try:
        status = process.wait()
    except KeyboardInterrupt:
        # The key reached the board as well.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_BOARD_PATIENCE_S)
        process.kill()
        process.wait()
        return 0
    return 0 if status in _INTERRUPTED else status


def main() -> int:
    parser = argparse.ArgumentParser(prog="exam-menu", description="监考员菜单 The invigilator's menu")
    parser.add_argument("room", nargs="?", metavar="ROOM", help="考场目录 the room's folder, like inventories/example")
    options = parser.parse_args()
    if sys.stdin is None:
        # Started with a closed input: no lock or log may get its number, and there is nobody to answer.
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - stays open to the end
    for stream in (sys.stdin, sys.stdout):
        # Bytes that are no UTF-8, from a terminal that is set to something else, must not end the menu. Both are
        # TextIOWrapper here, which typeshed calls TextIO.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    screen = Screen(input, lambda line: print(line, flush=True), colour)
    try:
        room = choose_room(screen, options.room)
        runner, plan = open_session(screen, room)
        with locks.present(plan.directory / FOLDER / MENU_LOCK) as presence:
            Menu(screen, plan, runner, World(utc_now, lambda: board(plan.directory)), presence).run()
    except ExamError as error:
        screen.error(error)
        return 1
    except (Back, Closed, KeyboardInterrupt):
        screen.say("", "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
