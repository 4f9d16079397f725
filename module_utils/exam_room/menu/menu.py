"""The menu: shows where the session stands, asks, confirms, runs a playbook, says how it ended, and begins anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .. import locks
from ..cutoff.conduct import LOCK_FILE
from ..errors import ExamError
from ..journal.journal import Journal
from . import outcome, questions, situation
from .choices import ABSENT, END_SEAT, MENU, SEAT_OVER, START_WAITING, STATUS, WAIT, Choice
from .plan import Plan
from .questions import Answers
from .runner import FOLDER, Job, Runner, follow
from .screen import BOLD, GREEN, RED, Back, Closed, Screen, is_word, is_yes, normal
from .situation import Situation

CUTOFF_LOCK = "cutoff.lock"
MENU_LOCK = "menu.lock"
_CUTOFF = "cutoff"
_WAITING = ("收卷等待", "wait for the deadline")
# How long a waiting cutoff is looked at after its start: what the gates refuse shows within seconds.
_SETTLE_S = 5.0
_RULE = "─" * 72

Ask = Callable[[Screen, Plan, Situation], Answers]
_QUESTIONS: Mapping[str, Ask] = {
    "extend": questions.extension,
    "move_seat": questions.move,
    "absent": questions.absent,
    "end_seat": questions.early_end,
    "cancel": questions.cancellation,
}


@dataclass(frozen=True)
class World:
    """What the menu needs from outside, so that a test can stand in for it."""

    now: Callable[[], datetime]
    board: Callable[[], int]
    """Shows the live board until the person leaves it; its exit status."""
    settle: float = _SETTLE_S


class Menu:
    """One menu for one session."""

    def __init__(self, screen: Screen, plan: Plan, runner: Runner, world: World, presence: locks.Presence) -> None:
        self._screen = screen
        self._presence = presence
        self._plan = plan
        self._runner = runner
        self._world = world
        self._folder = plan.directory / FOLDER
        self._waiting: Job | None = None
        self._last: tuple[str, str] | None = None

    def run(self) -> None:
        """Until the person leaves, or the terminal is closed."""
        try:
            self._guarded(self._offer_to_wait)
            while self._guarded(self._once):
                pass
        except Closed:
            self._screen.say("输入已关闭，菜单结束。", "The input was closed; the menu ends.")
        self._farewell()

    def _guarded(self, act: Callable[[], bool]) -> bool:
        """Do it, say what went wrong, and stay; False when the person wants to leave."""
        try:
            return act()
        except Back:
            self._screen.say("返回菜单，什么也没有做。", "Back to the menu; nothing was done.")
        except KeyboardInterrupt:
            self._screen.say("返回菜单。", "Back to the menu.")
        except ExamError as error:
            self._screen.error(error)
            return self._pause()
        except OSError as error:
            self._screen.say(f"出错：{error}", f"Error: {error}", RED)
            return self._pause()
        return True

    def _situation(self) -> Situation:
        entries = Journal(self._plan.directory).read().entries
        return Situation(entries, self._world.now(), self._who_waits())

    def _who_waits(self) -> locks.Holder | None:
        """Whoever waits for the deadline: the process that cuts, or the playbook that is about to start it."""
        return locks.holder(self._plan.directory / LOCK_FILE) or locks.holder(self._folder / CUTOFF_LOCK)

    def _once(self) -> bool:
        """Show the menu and do what is asked for; False to leave."""
        self._look_after_waiting()
        now = self._situation()
        self._show(now)
        typed = normal(self._screen.ask("请输入数字", "Number"))
        if typed in ("0", "q", "Q"):
            return False
        if typed:
            self._do(self._chosen(typed, now), now)
        return True

    def _pause(self) -> bool:
        """Let the person read what was said; False when he wants to leave."""
        with suppress(Back):
            return normal(self._screen.ask("按回车返回菜单（0 退出）", "Enter: back to the menu, 0: leave")) != "0"
        return True

    def _show(self, now: Situation) -> None:
        self._screen.lines(["", _RULE])
        for zh, en, style in situation.header(self._plan, now):
            self._screen.say(zh, en, style)
        if self._last:
            self._screen.say(f"上一步：{self._last[0]}", f"last: {self._last[1]}")
        self._screen.lines([_RULE])
        for zh, en, style in situation.entry_lines(now):
            self._screen.say(zh, en, style)

    def _chosen(self, typed: str, now: Situation) -> Choice:
        entries = {choice.key: choice for choice in MENU}
        if now.unattended:
            entries[START_WAITING.key] = START_WAITING
        if typed not in entries:
            raise ExamError(f"没有“{typed}”这一项，请输入菜单左边的数字。", f"There is no entry {typed!r}.")
        return entries[typed]

    def _do(self, choice: Choice, now: Situation) -> None:
        if choice.step == STATUS:
            self._board()
        elif choice.step == WAIT:
            self._wait()
        elif choice.step == SEAT_OVER:
            self._refuse_unless_open(choice, now)
            self._do(self._one_of(ABSENT, END_SEAT), now)
        else:
            self._refuse_unless_open(choice, now)
            ask = _QUESTIONS.get(choice.step)
            answers = ask(self._screen, self._plan, now) if ask else None
            self._confirm(choice, answers)
            self._run(choice, answers.values if answers else {})

    def _one_of(self, *choices: Choice) -> Choice:
        self._screen.lines([f"  {choice.key}  {choice.zh}  {choice.en}" for choice in choices])
        typed = normal(self._screen.answer("请选择", "Which?"))
        for choice in choices:
            if choice.key == typed:
                return choice
        raise ExamError(f"没有“{typed}”这一项。", f"There is no entry {typed!r}.")

    def _refuse_unless_open(self, choice: Choice, now: Situation) -> None:
        refused = situation.refusal(choice.step, now.entries)
        if refused is not None:
            zh, en = situation.where(refused)
            raise ExamError(refused.zh + zh, refused.en + en)

    def _confirm(self, choice: Choice, answers: Answers | None) -> None:
        """Room, session, time and what will happen; then y, or the word where it is dangerous. Raises Back."""
        say = self._screen.say
        now = self._situation()
        say(f"即将执行：{choice.zh}", f"About to: {choice.en}", BOLD)
        say(f"  考场 {self._plan.room} · 场次 {self._plan.id} · {self._plan.exam}")
        for zh, _, style in situation.times(self._plan, now):
            say(f"  {zh}", "", style)
        if answers:
            say(f"  {answers.meaning[0]}", f"  {answers.meaning[1]}")
        if choice.warning:
            say(f"  {choice.warning[0]}", f"  {choice.warning[1]}", RED if choice.dangerous else "")
        if (choice.dangerous or choice.step == "start") and self._presence.others():
            say("  注意：另一个窗口也打开了本场次的菜单。", "  Note: another window has this session's menu open.", RED)
        if choice.words:
            zh_word, en_word = choice.words
            typed = self._screen.answer(f"确认请输入：{zh_word} 或 {en_word}", f"Type {en_word} to confirm")
            agreed = is_word(typed, choice.words)
        else:
            agreed = is_yes(self._screen.answer("确认请输入 y", "y to confirm"))
        if not agreed:
            raise Back

    def _run(self, choice: Choice, values: Mapping[str, Any]) -> None:
        if choice.step == _CUTOFF:
            values = {"cutoff_now": True}
        if choice.dangerous:
            # It was confirmed here, by a typed word.
            values = {**values, "exam_confirmed": True}
        job = self._runner.launch(choice.step, values, self._folder)
        try:
            status = follow(job, self._show_output, lambda: self._may_stop(choice))
        except Closed:
            self._screen.say(
                f"“{choice.zh}”仍在后台进行，输出在 {job.log}", f"{choice.en} goes on in the background: {job.log}"
            )
            raise
        self._tell(job, choice.title, status)
        if choice.step == "start" and status == 0:
            self._wait()
        else:
            self._pause()

    def _show_output(self, line: str) -> None:
        bad = line.startswith(("fatal:", "failed:", "[ERROR]")) or " 失败 failed" in line or " 无法连接 " in line
        self._screen.say(line, "", RED if bad else "")

    def _may_stop(self, choice: Choice) -> bool:
        """Ctrl-C while a step runs: go on, unless the person insists."""
        with suppress(Back):
            typed = self._screen.ask(
                f"“{choice.zh}”正在进行。直接回车继续；要中断（可能只做一半）请输入：中断 或 STOP",
                f"{choice.en} is running. Enter: go on; STOP: interrupt it half-way",
            )
            return is_word(typed, ("中断", "STOP"))
        return False

    def _tell(self, job: Job, title: tuple[str, str], status: int) -> None:
        """One clear sentence on how it ended; kept above the next menu."""
        self._screen.lines([_RULE])
        if status == 0:
            self._last = outcome.done(title)
            self._screen.say(*self._last, GREEN)
            return
        told = outcome.not_done(job.step, title, status, job.output(), str(job.log))
        self._last = (told[0], told[1])
        self._screen.lines(told, RED)

    def _board(self) -> None:
        if status := self._world.board():
            raise ExamError(f"状态显示结束，代码 {status}。", f"The status board ended with {status}.")

    def _offer_to_wait(self) -> bool:
        """The controller was restarted, or the one that waited has died: offer to wait again."""
        now = self._situation()
        if now.unattended:
            self._screen.say(
                "本场正在考试，但本机没有程序在等待收卷（主控机重启过？）。",
                "The session is running, but nothing on this machine waits for its deadline (was it restarted?).",
                RED,
            )
            if now.remaining is not None and now.remaining <= timedelta():
                self._screen.say("截止时间已过：启动后立即收卷。", "The deadline has passed: it cuts at once.", RED)
            if is_yes(self._screen.ask("现在启动？输入 y", "Start now? y")):
                self._wait()
        return True

    def _wait(self) -> None:
        """Start the cutoff that waits for the deadline, apart from this window."""
        lock = locks.take(self._folder / CUTOFF_LOCK)
        if lock is None:
            raise ExamError("收卷等待已在运行。", "Somebody waits for the deadline already.")
        job = self._waiting = self._runner.launch(_CUTOFF, {}, self._folder, lock)
        give_up = time.monotonic() + self._world.settle
        while job.process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.1)
        if job.process.poll() is None:
            self._screen.say(
                "已在后台等待截止时间，到时自动收卷。关闭本窗口不影响它；请不要关闭主控机。",
                "Waiting for the deadline in the background; the cut comes by itself. You may close this window; "
                "leave the controller on.",
                GREEN,
            )
        self._look_after_waiting()
        self._pause()

    def _look_after_waiting(self) -> None:
        """Say how the cutoff in the background ended, once."""
        job = self._waiting
        if job is None or (status := job.process.poll()) is None:
            return
        self._waiting = None
        title = ("截止断连（收卷）", "cutoff") if status == 0 else _WAITING
        self._tell(job, title, status)

    def _farewell(self) -> None:
        with suppress(ExamError, OSError):
            if self._situation().waiting:
                self._screen.say(
                    "收卷等待仍在后台运行，到时自动收卷。", "The cutoff goes on waiting in the background.", GREEN
                )
