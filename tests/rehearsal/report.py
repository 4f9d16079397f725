"""What a rehearsal prints at its end, Chinese first, and its last line for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from exam_room.discs.record import copy_name
from exam_room.journal.gates import NAMES_ZH

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """A step of the day, how long it took in seconds, and how it ended."""

    name: str
    seconds: float
    result: str


@dataclass
class Outcome:
    """Everything that a rehearsal has to say."""

    session_id: str
    seats: int
    directory: Path
    steps: list[Step]
    seconds: float
    problems: list[str] = field(default_factory=list)
    failed_step: str = ""
    candidates: list[tuple[str, int, int]] = field(default_factory=list)
    cutoff_ms: int | None = None
    last_write_ms: int | None = None
    discs: list[dict[str, Any]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)
    verdict: dict[str, Any] = field(default_factory=dict)
    verified: list[str] = field(default_factory=list)
    """The discs that verify.yml found to be as they were sealed."""

    @property
    def files(self) -> int:
        return sum(files for _, files, _ in self.candidates)

    def take(self, entries: list[dict[str, Any]], reports: list[dict[str, Any]]) -> None:
        """Read the moment of the cutoff, the discs and the verdict from the journal, the work from the candidates."""
        data = {entry["step"]: entry["data"] for entry in entries if entry["event"] == "end"}
        deadline = datetime.fromisoformat(data["start"]["deadline"])
        self.cutoff_ms = round(data["cutoff"]["cut_ms_after_deadline"])
        last = max(report["last_saved_at"] for report in reports) if reports else deadline.timestamp()
        offset_s = data["start"]["clock_offset_ms"] / 1000
        self.last_write_ms = round((last + offset_s - deadline.timestamp()) * 1000)
        self.discs = data["burn"]["discs"]
        self.copies = data["burn"]["copies"]
        self.verdict = data["inspect"]
        self.candidates = sorted(
            (report["account"], len(report["files"]), sum(told["size"] for told in report["files"].values()))
            for report in reports
        )


def say_failed(say: Say, step: str, reason: str) -> None:
    """The end of a rehearsal that did not get through; the last line stays one whatever ``reason`` contains."""
    say(f"演练失败: {reason}")
    printable = "".join(character if character.isprintable() else " " for character in reason)
    say(f"rehearsal failed: {step}: {' '.join(printable.split()) or 'no reason was given'}")


def _copies(outcome: Outcome) -> list[str]:
    """A line for each copy, and one for all of them."""
    numbers = sorted({one["copy"] for one in outcome.copies})
    lines = []
    for number in numbers:
        zh, en = copy_name(number)
        discs = sum(one["copy"] == number for one in outcome.copies)
        lines.append(f"    {zh} {en}: {discs}/{len(outcome.discs)} 张 discs")
    words = ("no copies", "one copy", "two copies", "three copies", "four copies")
    return [*lines, f"  {len(numbers)} 份光盘全部回读一致 {words[len(numbers)]} verified"]


def say_passed(say: Say, outcome: Outcome) -> int:
    """Print the account of the rehearsal; returns the exit status."""
    say("")
    say(f"演练结果 Rehearsal {outcome.session_id}")
    for step in outcome.steps:
        say(f"  {NAMES_ZH[step.name]} {step.name}: {step.seconds:.1f} s, {step.result}")
    say(f"  合计 total: {outcome.seconds:.1f} s")
    if outcome.failed_step:
        say_failed(say, outcome.failed_step, "; ".join(outcome.problems))
        return 1
    say(f"  考生 candidates: {len(outcome.candidates)}, 机位 seats: {outcome.seats}, 文件 files: {outcome.files}")
    for account, files, size in outcome.candidates:
        say(f"    {account}: {files} 个文件 files, {size} 字节 bytes")
    say(f"  收卷时刻 cutoff: 截止时间 deadline {outcome.cutoff_ms:+} ms")
    say(f"  最后一次保存 last write that got in: 截止时间 deadline {outcome.last_write_ms:+} ms")
    for disc in outcome.discs:
        say(f"  光盘 disc {disc['volume']}: {disc['size']} 字节 bytes, SHA-256 {disc['sha256']}, 已回读比对 read back")
    for line in _copies(outcome):
        say(line)
    for image in outcome.verified:
        say(f"  校验 verify.yml: {image} 与封存时一致 is as it was sealed")
    say(f"  检查 checks: {outcome.verdict.get('counts')}")
    equal = "全部一致 all equal" if not outcome.problems else f"{len(outcome.problems)} 处不符 differ"
    say(f"  考生文件逐字节比对 candidates' files compared byte for byte: {equal}")
    for problem in outcome.problems:
        say(f"    {problem}")
    say(f"  场次目录 session directory: {outcome.directory}")
    if outcome.problems:
        say_failed(say, "results", f"{len(outcome.problems)} problems, the first: {outcome.problems[0]}")
        return 1
    say(f"rehearsal passed: {outcome.seats} seats, {outcome.files} files, cutoff {outcome.cutoff_ms:+} ms")
    return 0
