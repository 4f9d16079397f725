"""Where the session stands, as the top of the menu shows it: pure functions over the journal's entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ..journal import acts, gates
from ..journal.gates import BEGUN, DONE, FAILED, NEVER, Progress, Refusal
from ..journal.journal import Entry
from ..journal.sitting import CANCELLED, Sitting, remaining_s, sitting
from ..locks import Holder
from .choices import MENU, SEAT_OVER, START_WAITING, STATUS
from .plan import Plan
from .screen import BOLD, DIM, GREEN, RED

_EN = {
    "prepare": "prepare",
    "inspect": "check before the exam",
    "open": "candidates in",
    "start": "start",
    "cutoff": "cutoff",
    "burn": "burn",
    "reset": "clear the room",
}
_RESULTS = {DONE: ("完成", "done"), FAILED: ("未完成", "not done"), BEGUN: ("做到一半", "not ended")}
_WHEN = "%m-%d %H:%M:%S"

Line = tuple[str, str, str]
"""Chinese, English, style."""


@dataclass(frozen=True)
class Situation:
    """The session at one moment. ``now``: by the controller's clock; ``waiting``: who waits for the deadline."""

    entries: Sequence[Entry]
    now: datetime
    waiting: Holder | None

    @cached_property
    def day(self) -> Progress:
        return gates.progress(self.entries)

    @cached_property
    def sitting(self) -> Sitting:
        return sitting(self.entries)

    @property
    def deadline(self) -> datetime | None:
        """The deadline by the server's clock."""
        found = self.sitting.deadline
        return datetime.fromisoformat(found) if found else None

    @property
    def remaining(self) -> timedelta | None:
        """Until the deadline, by the server's clock as far as the journal knows it; negative after it."""
        left = remaining_s(self.sitting, self.now.timestamp())
        return None if left is None else timedelta(seconds=left)

    @property
    def unattended(self) -> bool:
        """Whether the session runs and nothing on this controller waits for its deadline."""
        return self.sitting.running and self.deadline is not None and self.waiting is None


def refusal(step: str, entries: Sequence[Entry]) -> Refusal | None:
    """Why the step or act may not be done now, in the words of its gate; None when it may."""
    if step == STATUS:
        return None
    if step == SEAT_OVER:
        # Whoever is absent may be marked as soon as the room is open; only an early end needs a running session.
        return acts.refusal("absent", entries)
    return acts.refusal(step, entries) if step in acts.ACTS else gates.refusal(step, entries)


def next_step(entries: Sequence[Entry]) -> str:
    """The step that comes next on the way to a cleared room, as the gates see it."""
    day = gates.progress(entries)
    if day.result("start") in (BEGUN, FAILED) and day.started_at is None:
        # The start broke off before the time ran.
        return "start"
    step = "reset" if day.cancelled or day.result("burn") != NEVER else "burn"
    for _ in gates.STEPS:
        refused = gates.refusal(step, entries)
        if refused is None or refused.missing is None:
            break
        step = refused.missing
    return step


def duration(span: timedelta) -> str:
    """A span as a clock shows it: 1:05:09."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def header(plan: Plan, now: Situation) -> list[Line]:
    """The lines above the entries."""
    names = f"{plan.room} · {plan.id} · {plan.exam}"
    lines: list[Line] = [(f"考场 · 场次：{names} · 考生 {plan.candidates} 人", "", BOLD)]
    return [*lines, *times(plan, now), _steps_so_far(plan, now), _what_next(now), *_waiting(plan, now)]


def times(plan: Plan, now: Situation) -> list[Line]:
    """Planned start before the start, deadline and remaining time after it."""
    clock = f"{now.now.astimezone(plan.zone):%Y-%m-%d %H:%M:%S}"
    sitting_now, remaining = now.sitting, now.remaining
    if sitting_now.started_at is None or now.deadline is None or remaining is None:
        start = f"{plan.planned_start.astimezone(plan.zone):%Y-%m-%d %H:%M}"
        return [
            (
                f"现在 {clock}    计划开考 {start}    考试时间 {plan.minutes:g} 分钟",
                f"now {clock}, planned start {start}, {plan.minutes:g} min",
                "",
            )
        ]
    start = _local(plan, sitting_now.started_at)
    end = f"{now.deadline.astimezone(plan.zone):%Y-%m-%d %H:%M:%S}"
    minutes = sum(int(one.get("minutes", 0)) for one in sitting_now.extensions)
    extended = (f"（含延时 {minutes} 分钟）", f" (extended by {minutes} min)") if minutes else ("", "")
    lines: list[Line] = [
        (f"开考 {start}    截止时间 {end}{extended[0]}", f"started {start}, deadline {end}{extended[1]}", "")
    ]
    if sitting_now.over == CANCELLED:
        return [*lines, ("本场已取消。", "The session was cancelled.", RED)]
    if sitting_now.over:
        return [*lines, ("已收卷，所有考生已断开。", "Cut off: no candidate is connected.", GREEN)]
    if sitting_now.committed or remaining <= timedelta():
        return [*lines, ("截止时间已到，正在收卷。", "The deadline has come, the cut is under way.", RED)]
    left = duration(remaining)
    return [*lines, (f"现在 {clock}    剩余 {left}", f"now {clock}, remaining {left}", BOLD)]


def _local(plan: Plan, moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(plan.zone):{_WHEN}}"


def _steps_so_far(plan: Plan, now: Situation) -> Line:
    zh, en = [], []
    for step in gates.STEPS:
        state = now.day.steps[step]
        if state.result == NEVER:
            continue
        said_zh, said_en = _RESULTS[state.result]
        if step == "inspect" and state.result != BEGUN and (state.data or {}).get("verdict") != "passed":
            said_zh, said_en = "未通过", "not passed"
        at = f" {_local(plan, state.at)}" if state.at else ""
        zh.append(f"{gates.NAMES_ZH[step]} {said_zh}{at}")
        en.append(f"{_EN[step]} {said_en}")
    people_zh, people_en = _people(now.sitting)
    return (
        "已做：" + (" → ".join(zh) or "还没有做任何一步") + people_zh,
        "so far: " + (" → ".join(en) or "nothing yet") + people_en,
        "",
    )


def _people(now: Sitting) -> tuple[str, str]:
    zh = en = ""
    for words_zh, words_en, seats in (
        ("缺考机位", "absent: seats", now.absent),
        ("提前结束机位", "ended early: seats", now.ended),
        ("换机机位", "moved: seats", now.moved),
    ):
        if seats:
            numbers = ", ".join(str(number) for number in sorted(seats))
            zh += f"；{words_zh} {numbers}"
            en += f"; {words_en} {numbers}"
    return zh, en


def _what_next(now: Situation) -> Line:
    if now.sitting.running and not now.unattended:
        return (
            "下一步：等到截止时间，自动收卷；在此之前随时看“4 状态”",
            "next: the cutoff comes by itself at the deadline; until then watch entry 4",
            "",
        )
    if now.unattended:
        return ("下一步：11 启动收卷等待", "next: entry 11, wait for the deadline", RED)
    step = next_step(now.entries)
    key = next((choice.key for choice in MENU if choice.step == step), None)
    who = ("", "") if key else ("（由机房管理员做，不在本菜单）", " (by the technician, not in this menu)")
    number = f"{key} " if key else ""
    return (f"下一步：{number}{gates.NAMES_ZH[step]}{who[0]}", f"next: {number}{_EN[step]}{who[1]}", BOLD)


def _waiting(plan: Plan, now: Situation) -> list[Line]:
    if now.waiting is not None:
        since = now.waiting.since
        at = f"，{since.astimezone(plan.zone):{_WHEN}} 启动" if since else ""
        return [
            (
                f"收卷等待：正在运行{at}；关闭本窗口不影响它",
                "waiting for the deadline: running; closing this window does not stop it",
                GREEN,
            )
        ]
    if now.unattended:
        return [
            (
                "注意：本机没有程序在等待收卷！（服务器到时会自行断开，但请用第 11 项补上）",
                "WARNING: nothing on this machine waits for the deadline! (The server cuts by itself; use entry 11)",
                RED,
            )
        ]
    return []


def entry_lines(now: Situation) -> list[Line]:
    """The numbered entries; what cannot be done now is dim and says why."""
    lines: list[Line] = []
    for choice in MENU:
        refused = refusal(choice.step, now.entries)
        if refused is None:
            lines.append((f"  {choice.key:>2}  {choice.zh}  {choice.en}", "", ""))
        else:
            lines.append((f"  {choice.key:>2}  {choice.zh}  {choice.en}  —— {short(refused)}", "", DIM))
    if now.unattended:
        lines.append((f"  {START_WAITING.key}  {START_WAITING.zh}  {START_WAITING.en}", "", RED))
    return [*lines, ("   0  退出  leave", "", "")]


def short(refused: Refusal) -> str:
    """The reason alone, out of a gate's refusal: between the name of the step and what to run first."""
    return refused.zh.partition("：")[2].partition("。")[0] or refused.zh


def where(refused: Refusal) -> tuple[str, str]:
    """Which entry of this menu comes first, after a gate's refusal that names a command."""
    key = next((choice.key for choice in MENU if choice.step == refused.missing), None)
    if key is None:
        return "", ""
    return f"（本菜单第 {key} 项）", f" (entry {key} of this menu)"
