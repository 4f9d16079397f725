"""The board as a reader sees it: time counted on, age, colour, lines for programs, and the drawing."""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from exam_room.errors import ExamError
from exam_room.watch import board, cli, screen, words
from exam_room.watch.moments import boot_id

from .samples import DEADLINE, START, STARTED_AT, note, running

ROOT = Path(__file__).resolve().parents[3]


def seat(number: int, state: str = words.ONLINE, *codes: str, **more: Any) -> dict[str, Any]:
    values = {"minutes": 16, "seconds": 42, "where": "10.0.0.7", "wanted": "10.0.0.8"}
    return {
        "seat": number,
        "account": f"KS{number:02}",
        "exam_number": f"99{number:04}",
        "name": "欧阳娜娜" if number % 2 else "王五",
        "state": state,
        "state_zh": words.STATES[state],
        "moved": False,
        "connected_from": [f"10.0.0.{100 + number}"],
        "open_files": 1,
        "files": 12,
        "bytes": 1_234_567,
        "last_save": {"at": "2026-11-25T01:29:00.000Z", "path": "题一\\答\ud800案.docx", "size": 5, "evidence": "seen"},
        "warnings": [words.warning(code, **values) for code in codes],
        **more,
    }


def data(seats: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "heartbeat": {"at": "2026-11-25T01:30:00.000Z", "monotonic_s": 500.0, "boot_id": "this"},
        "session": {"id": "s1", "room": "301", "exam": {"zh": "跨境电商", "en": "e"}, "timezone": "Asia/Shanghai"},
        "started_at": STARTED_AT,
        "deadline": DEADLINE,
        "over": "",
        "server": {"address": "a", "reachable": True, "time": "2026-11-25T01:30:00.000Z"},
        "free_bytes": 10**11,
        "armed": {"session": "s1", "deadline": DEADLINE},
        "expiry_wrong": [],
        "copies": {"every_min": 5.0, "last_round_at": "2026-11-25T01:25:00.000Z", "files": 7},
        "warnings": [],
        "seats": [seat(number) for number in range(1, seats + 1)],
        **more,
    }


def seen(age: float = 0.0, boot: str = "this", wall: float = START + 1800, **more: Any) -> board.View:
    return board.view(data(**more), lambda: wall, lambda: 500.0 + age, lambda: boot)


def text(view: board.View, width: int = 80, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(screen.draw(view, width, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_time_goes_on_between_two_looks() -> None:
    assert seen().remaining_s == 5400
    assert seen(age=2.5).remaining_s == 5397.5
    # Somebody sets the controller's clock: nothing changes.
    assert seen(age=2.5, wall=START - 99999).remaining_s == 5397.5


def test_after_a_restart_of_the_controller_the_wall_clock_counts() -> None:
    assert seen(age=-400, boot="another", wall=START + 1810).age_s == 10


def test_the_countdown() -> None:
    assert screen.countdown(seen()) == "1:30:00"
    assert screen.countdown(seen(age=0.5)) == "1:30:00"
    assert screen.countdown(seen(age=5399.5)) == "0:00:01"
    assert screen.countdown(seen(age=5400)).startswith("时间到")
    assert screen.countdown(seen(over="cut")).startswith("已收卷")
    assert screen.countdown(seen(deadline=None)).startswith("未开考")


def test_old_data_is_red_and_says_so() -> None:
    assert not seen(age=14).stale
    old = seen(age=16)
    assert old.stale
    assert old.colour == "red"
    assert any("看板数据已停止更新" in line for line in text(old))
    assert not seen(age=999, over="cut").stale


def test_colour_is_the_worst() -> None:
    assert seen().colour == "green"
    assert seen(seats=1, warnings=[words.warning("disc_low", free="1 MB")]).colour == "yellow"
    bad = data()
    bad["seats"][1] = seat(2, words.LOST, "connection_lost")
    assert board.view(bad, lambda: 0, lambda: 500.0, lambda: "this").colour == "red"


def test_thirty_seats_fit_into_80_by_24() -> None:
    full = data(30)
    full["seats"][4] = seat(5, words.LOST, "connection_lost")
    full["seats"][20] = seat(21, words.ONLINE, "no_save")
    full["seats"][28] = seat(29, words.NOT_CONNECTED, "not_connected", name=None, last_save=None)
    view = board.view(full, lambda: 0, lambda: 500.0, lambda: "this")
    lines = text(view)
    assert len(lines) <= 24
    assert max(cell_len(line) for line in lines) <= 80
    whole = "\n".join(lines)
    for number in range(1, 31):
        assert f"{number:02} " in whole
    assert "断线" in lines[3]
    assert "检查网线" in whole
    assert "剩余 left 1:30:00" in whole


def test_sixty_seats_show_the_worst_and_count_the_rest() -> None:
    full = data(60)
    full["seats"][58] = seat(59, words.LOST, "connection_lost")
    lines = text(board.view(full, lambda: 0, lambda: 500.0, lambda: "this"))
    assert len(lines) <= 24
    assert "59 " in lines[3]
    assert any("个机位" in line for line in lines)


def test_a_wide_terminal_shows_everything() -> None:
    lines = text(seen(), 160, 50)
    row = next(line for line in lines if "KS01" in line)
    for part in ("990001", "10.0.0.101", "12", "1.2M", "1:00", "案.docx"):
        assert part in row


def test_plain_text_leaves_nobody_out() -> None:
    said = screen.plain(seen(seats=60))
    assert all(f"KS{number:02}" in said for number in range(1, 61))


def test_lines_for_programs_carry_session_and_time() -> None:
    line = seen(age=1).lines()[0]
    assert (line["session"], line["remaining_s"], line["stale"], line["seat"]) == ("s1", 5399.0, False, 1)


def test_every_warning_says_what_to_do() -> None:
    for one in words.WARNINGS.values():
        assert one.level in (words.RED, words.YELLOW)
        assert cell_len(one.short) <= 12
        assert one.do_zh.endswith("。") and one.do_en.endswith(".")


def written(directory: Path, **more: Any) -> Path:
    fresh = data(**more)
    fresh["heartbeat"] = {"at": "2026-11-25T01:30:00.000Z", "monotonic_s": 10**9, "boot_id": boot_id()}
    board.write(directory, fresh)
    return directory


def test_there_and_back(tmp_path: Path) -> None:
    assert board.read(written(tmp_path))["seats"][0]["last_save"]["path"] == "题一\\答\ud800案.docx"
    with pytest.raises(ExamError, match="no board yet"):
        board.read(tmp_path / "none")
    board.path_of(tmp_path).write_bytes(b"{")
    with pytest.raises(ExamError):
        board.read(tmp_path)


def test_the_session_under_way_is_found(tmp_path: Path) -> None:
    running(tmp_path / "over")
    written(tmp_path / "over")
    note(tmp_path / "over", "cutoff", "end", result="done")
    with pytest.raises(ExamError):
        cli.find_session(tmp_path / "nothing")
    assert cli.find_session(tmp_path).name == "over"
    running(tmp_path / "now")
    assert cli.find_session(tmp_path).name == "now"


def test_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running(tmp_path / "s1")
    written(tmp_path / "s1")
    assert cli.main(["--sessions", str(tmp_path), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seat"] for line in lines] == [1, 2, 3]
    assert cli.main([str(tmp_path / "s1")]) == 0
    assert "剩余" in capsys.readouterr().out
    assert cli.main([str(tmp_path / "none"), "--once"]) == 1
    assert "看板" in capsys.readouterr().err


def test_the_command_runs_from_anywhere(tmp_path: Path) -> None:
    written(tmp_path, warnings=[words.warning("switch_missing")])
    done = subprocess.run(
        [str(ROOT / "bin" / "exam-status"), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=60,
        check=False,
    )
    assert done.returncode == cli.EXIT_RED, done.stderr
    assert "布防" in done.stdout
    assert "\x1b" not in done.stdout
