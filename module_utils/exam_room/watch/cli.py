"""bin/exam-status: the live board in the terminal, from the watch's files only; it asks nothing of the server."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..errors import ExamError
from ..journal.sitting import Follower
from . import board, screen

REFRESH_S = 1.0
EXIT_RED = 2


def find_session(sessions: Path) -> Path:
    """The session that is under way, the newest start first; else the one whose board is newest. ExamError for none."""
    found: list[tuple[bool, str, float, Path]] = []
    for journal in sessions.glob("*/journal.jsonl"):
        path = board.path_of(journal.parent)
        written = path.stat().st_mtime if path.exists() else 0.0
        try:
            sitting = Follower(journal.parent).sitting()
        except ExamError:
            continue
        if sitting.running or written:
            found.append((sitting.running, sitting.started_at or "", written, journal.parent))
    if not found:
        raise ExamError(
            f"{sessions} 中没有正在进行的场次，请写明场次目录。",
            f"No session in {sessions} is under way; name its directory.",
        )
    return max(found)[3]


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="exam-status", description="考场看板：只看不改，随时可以打开和关闭。The live board; it changes nothing."
    )
    parser.add_argument("session", nargs="?", type=Path, help="场次目录 session directory (default: the running one)")
    parser.add_argument("--sessions", type=Path, default=Path("sessions"), help="各场次所在文件夹 folder of sessions")
    parser.add_argument("--once", action="store_true", help="只显示一次 print once")
    parser.add_argument("--json", action="store_true", help="每机位一行 JSON，供程序使用 one JSON line a seat")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Show the board. Exit status: 0; 1 when there is no board; with --once or --json 2 when it is red or stale."""
    options = _arguments(words)
    try:
        directory: Path = options.session or find_session(options.sessions)
        if options.json:
            view = board.view(board.read(directory))
            for line in view.lines():
                print(json.dumps(line, ensure_ascii=True, allow_nan=False))
            return _status(view)
        console = Console()
        if options.once or not console.is_terminal:
            view = board.view(board.read(directory))
            console.print(screen.draw(view, console.width, 10_000))
            return _status(view)
        _live(console, directory)
    except ExamError as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    return 0


def _status(view: board.View) -> int:
    return EXIT_RED if view.colour == "red" else 0


def _live(console: Console, directory: Path) -> None:
    """Redraw each second on the alternate screen, which leaves the terminal as it was."""
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            try:
                view = board.view(board.read(directory))
                live.update(screen.draw(view, console.width, console.height), refresh=True)
            except ExamError as error:
                live.update(Text(str(error), style="bold red"), refresh=True)
            time.sleep(REFRESH_S)


if __name__ == "__main__":
    sys.exit(main())
