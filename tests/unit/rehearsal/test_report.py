"""What a rehearsal says at its end; the last line is for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from exam_room.journal.gates import NAMES_ZH, STEPS
from rehearsal.report import Outcome, Step, say_failed, say_passed

DEADLINE = "2026-11-23T08:02:00.000Z"
DEADLINE_S = 1795420920.0


def _outcome(**changes: Any) -> Outcome:
    values: dict[str, Any] = {
        "session_id": "rehearsal-20261123-160000",
        "seats": 3,
        "directory": Path("/srv/sessions/rehearsal-20261123-160000"),
        "steps": [Step(name, 1.5, "done") for name in STEPS],
        "seconds": 90.0,
        "candidates": [(f"KS{number:02}", 123, 4567) for number in (1, 2, 3)],
        "cutoff_ms": 107,
        "last_write_ms": 42,
        "discs": [{"volume": "REH_7C3E_1", "size": 1_000_000, "sha256": "ab" * 32}],
        "copies": [{"copy": 1, "disc": 1}, {"copy": 2, "disc": 1}],
        "verdict": {"verdict": "passed", "counts": {"passed": 58}},
    }
    return Outcome(**(values | changes))


def _said(outcome: Outcome) -> tuple[int, list[str]]:
    lines: list[str] = []
    status = say_passed(lines.append, outcome)
    return status, "\n".join(lines).split("\n")


def test_the_last_line_of_a_rehearsal_that_passed() -> None:
    status, lines = _said(_outcome())
    assert (status, lines[-1]) == (0, "rehearsal passed: 3 seats, 369 files, cutoff +107 ms")


def test_a_cutoff_before_the_deadline_has_its_sign() -> None:
    assert _said(_outcome(cutoff_ms=-3))[1][-1] == "rehearsal passed: 3 seats, 369 files, cutoff -3 ms"


def test_everything_is_told_in_both_languages() -> None:
    text = "\n".join(_said(_outcome())[1])
    for name in STEPS:
        chinese = NAMES_ZH[name]
        assert f"{chinese} {name}: 1.5 s" in text
    for told in ("KS02: 123 个文件 files, 4567 字节 bytes", "REH_7C3E_1", "ab" * 32, "58", "+42 ms", "+107 ms"):
        assert told in text
    assert "/srv/sessions/rehearsal-20261123-160000" in text


def test_the_copies_are_counted() -> None:
    text = "\n".join(_said(_outcome())[1])
    assert "正本 original: 1/1" in text and "副本 copy: 1/1" in text and "two copies verified" in text
    assert "one copy verified" in "\n".join(_said(_outcome(copies=[{"copy": 1, "disc": 1}]))[1])


def test_what_verifying_found_is_told() -> None:
    said = "\n".join(_said(_outcome(verified=["copy2/REH_1.iso"]))[1])
    assert "校验 verify.yml: copy2/REH_1.iso 与封存时一致" in said
    assert "verify.yml" not in "\n".join(_said(_outcome())[1])


def test_a_step_that_failed_is_named_with_its_reason() -> None:
    steps = [Step("prepare", 9.0, "done"), Step("inspect", 2.0, "unfinished")]
    status, lines = _said(_outcome(steps=steps, failed_step="inspect", problems=["pc02: it said no"], candidates=[]))
    assert (status, lines[-1]) == (1, "rehearsal failed: inspect: pc02: it said no")
    assert any("演练失败" in line for line in lines)


def test_work_that_is_not_on_the_disc_fails_the_rehearsal() -> None:
    problems = ["KS01: 答题卡.txt is missing", "KS02: a.txt differs"]
    status, lines = _said(_outcome(problems=problems))
    assert (status, lines[-1]) == (1, "rehearsal failed: results: 2 problems, the first: KS01: 答题卡.txt is missing")
    assert not any(line.startswith("rehearsal passed") for line in lines)


@pytest.mark.parametrize(
    "reason",
    [
        "第一行\nsecond line",
        "windows\r\nline\rends",
        "form\x0bfeed\x0c\x1c\x1d\x1e\x85\u2028\u2029end",
        "nul \x00, escape \x1b[2K, turned around \u202e",
        "rehearsal failed: x: y\nrehearsal passed: 3 seats, 9 files, cutoff +1 ms",
        "  \n ",
        "",
    ],
)
def test_the_last_line_is_one_line(reason: str) -> None:
    lines: list[str] = []
    say_failed(lines.append, "burn", reason)
    last = lines[-1]
    assert last.isprintable()
    assert last.splitlines() == [last]
    assert re.fullmatch(r"rehearsal failed: burn: \S.*", last)


def _entry(step: str, **data: Any) -> dict[str, Any]:
    return {"step": step, "event": "end", "data": {"result": "done", **data}}


def _report(account: str, last_saved_at: float, sizes: tuple[int, ...]) -> dict[str, Any]:
    files = {f"第{number}稿.txt": {"size": size} for number, size in enumerate(sizes)}
    return {"account": account, "last_saved_at": last_saved_at, "files": files}


ENTRIES = [
    _entry("inspect", verdict="passed", counts={"passed": 58}),
    # The server is 250 ms ahead of this machine.
    _entry("start", deadline=DEADLINE, clock_offset_ms=250.0),
    _entry("cutoff", cut_ms_after_deadline=106.6),
    _entry("burn", discs=[{"volume": "A"}], copies=[{"copy": 1, "disc": 1}]),
]


def test_the_journal_and_the_candidates_fill_the_account() -> None:
    outcome = _outcome(candidates=[], cutoff_ms=None)
    outcome.take(ENTRIES, [_report("KS02", DEADLINE_S - 0.5, (1,)), _report("KS01", DEADLINE_S - 0.2, (5, 7))])
    assert outcome.candidates == [("KS01", 2, 12), ("KS02", 1, 1)]
    assert (outcome.files, outcome.cutoff_ms, outcome.discs) == (3, 107, [{"volume": "A"}])
    assert outcome.copies == [{"copy": 1, "disc": 1}]


def test_the_last_write_is_told_by_the_servers_clock() -> None:
    outcome = _outcome()
    outcome.take(ENTRIES, [_report("KS01", DEADLINE_S - 0.2, ()), _report("KS02", DEADLINE_S - 9, ())])
    assert outcome.last_write_ms == 50
