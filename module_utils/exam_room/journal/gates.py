"""Which step of an exam day may follow which: pure functions over the journal's entries (architecture.md, Gates).

Only the lines since the last completed reset count: a reset ends the sitting and what follows starts anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import ExamError
from .journal import EVENT_CREATED, Entry

PROVE = "prove_restore_cards"
# What would take the room from under candidates: passwords, restarts, accounts on and off.
OF_AN_EMPTY_ROOM = ("prepare", "inspect", "open", PROVE)
STEPS = ("prepare", "inspect", "open", "start", "cutoff", "burn", "reset")

BEGIN = "begin"
END = "end"

NEVER = "never"
BEGUN = "begun"
DONE = "done"
FAILED = "failed"

NAMES_ZH = {
    "prepare": "准备考场",
    "inspect": "考前检查",
    "open": "考生入场",
    "start": "开考",
    "cutoff": "截止断连（收卷）",
    "burn": "刻盘",
    "reset": "清场",
    "extend": "延时",
    "cancel": "取消本场",
    "move_seat": "换机",
    "absent": "标记缺考",
    "end_seat": "提前结束",
    "restore_copy": "恢复安全副本",
    PROVE: "验证还原卡",
}


@dataclass(frozen=True)
class StepState:
    """How far a step has come: ``result`` never, begun (and not ended: running or killed), done or failed."""

    result: str = NEVER
    begun_seq: int = 0
    """Number of the line with which its last run began; 0: never."""
    last_seq: int = 0
    at: str | None = None
    data: Mapping[str, Any] | None = None
    """The data of its last line."""


@dataclass(frozen=True)
class Progress:
    """The state of every step in this sitting; started_at and deadline as the last entry that set them says.

    ``cut_at``: when the seats were cut, by the cutoff or by a cancellation.
    """

    steps: Mapping[str, StepState]
    started_at: str | None
    deadline: str | None
    cancelled: bool = False
    cut_at: str | None = None
    proved_seq: int = 0
    """Number of the line with which restore cards were last proved, which restarts the room; 0: never."""

    def result(self, step: str) -> str:
        return self.steps[step].result


@dataclass(frozen=True)
class Around:
    """What bears on a step and stands in no line of this journal.

    ``plan``: the fingerprint of session, roster and room as they are now, empty where nobody says. ``touched``: session
    and step that another session has done to this room since this one was inspected, None for none. ``occupied``:
    another session whose candidates are in the room now, empty for none.
    """

    now: datetime
    plan: str = ""
    touched: tuple[str, str] | None = None
    occupied: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why a step may not begin, and the step that has to come first (none: nothing makes it right)."""

    zh: str
    en: str
    missing: str | None


def command_for(step: str) -> str:
    """What a person types to run the step."""
    return f"ansible-playbook playbooks/{step}.yml"


def is_done(entry: Entry) -> bool:
    """Whether this line says that its step got done on every host."""
    return entry.event == END and entry.data.get("result") == DONE


def this_sitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries after the last completed reset."""
    for index in range(len(entries) - 1, -1, -1):
        entry = entries[index]
        if entry.step == "reset" and is_done(entry):
            return entries[index + 1 :]
    return entries


def sets_the_time(entry: Entry) -> bool:
    """Whether started_at and deadline of this line hold from here on.

    Those of a start hold even where a host failed, for its material was open; those of an extension only once it is
    done. "clock" notes that somebody set the server's clock: the same moments in the new time.
    """
    return entry.step == "start" or entry.step == "clock" or (entry.step == "extend" and is_done(entry))


def after(state: StepState, entry: Entry) -> StepState:
    """The state of a step after one more line of that step."""
    if entry.event == BEGIN:
        return StepState(BEGUN, entry.seq, entry.seq, entry.at, entry.data)
    if entry.event == END:
        return StepState(DONE if is_done(entry) else FAILED, state.begun_seq, entry.seq, entry.at, entry.data)
    return state


def progress(entries: Sequence[Entry]) -> Progress:
    """Sum up the journal's entries for this sitting."""
    steps = {step: StepState() for step in STEPS}
    started_at: str | None = None
    deadline: str | None = None
    cancelled = False
    cut_at: str | None = None
    proved_seq = 0
    for entry in this_sitting(entries):
        if sets_the_time(entry):
            started_at = entry.data.get("started_at", started_at)
            deadline = entry.data.get("deadline", deadline)
        if is_done(entry) and entry.step in ("cutoff", "cancel"):
            cancelled = cancelled or entry.step == "cancel"
            cut_at = cut_at or entry.data.get("cut_at")
        if entry.step == PROVE:
            proved_seq = entry.seq
        if entry.step in steps:
            steps[entry.step] = after(steps[entry.step], entry)
    return Progress(steps, started_at, deadline, cancelled, cut_at, proved_seq)


def missing(step: str, first: str, zh: str, en: str) -> Refusal:
    """The refusal of ``step`` because ``first`` has to come before it."""
    command = command_for(first)
    return Refusal(
        f"不能执行“{NAMES_ZH[step]}”：{zh}。请先执行“{NAMES_ZH[first]}”：{command}",
        f"Cannot {step}: {en}. First run {first}: {command}",
        first,
    )


def never(step: str, zh: str, en: str) -> Refusal:
    """The refusal of ``step`` that nothing makes right."""
    return Refusal(f"不能执行“{NAMES_ZH[step]}”：{zh}。", f"Cannot {step}: {en}.", None)


def is_started(now: Progress) -> bool:
    """Whether the raw material may have been seen."""
    # A start that was killed or that one host failed may have shown the material: it counts.
    return now.result("start") != NEVER


def _sitting_is_under_way(step: str, now: Progress) -> Refusal:
    if _is_burned(now):
        return missing(step, "reset", "本场已刻盘，尚未清场", "the session is burned and not reset")
    if now.cut_at is None and now.result("cutoff") != DONE:
        return missing(step, "cutoff", "本场已开考，尚未收卷", "the session has started and is not cut off")
    return missing(step, "burn", "已收卷，结果尚未刻盘并回读核对", "the results are on no disc that was read back")


def is_final(burn: StepState) -> bool:
    """Whether every disc of every copy was read back equal (V7): only then does the burn step end so."""
    return burn.result == DONE and burn.data is not None and burn.data.get("read_back") is True


def was_final(entries: Sequence[Entry]) -> bool:
    """Whether the results of every sitting in this journal came onto disc, every copy read back equal (V7)."""
    final = False
    for entry in entries:
        if entry.step == "start":
            final = False
        elif entry.step == "burn" and is_done(entry):
            final = final or is_final(StepState(DONE, data=entry.data))
    return final


def _is_burned(now: Progress) -> bool:
    return is_final(now.steps["burn"])


def _cancelled(step: str, now: Progress) -> Refusal:
    """Why nothing begins anew after a cancellation: the results first where there may be any, then a reset."""
    if is_started(now) and not _is_burned(now):
        return missing(
            step, "burn", "本场已取消，已有的文件尚未刻盘", "the session was cancelled, its files are on no disc"
        )
    return missing(step, "reset", "本场已取消，尚未清场", "the session was cancelled and is not reset")


def _prepare(now: Progress) -> Refusal | None:
    return _sitting_is_under_way("prepare", now) if is_started(now) or _is_burned(now) else None


def _open(now: Progress) -> Refusal | None:
    if is_started(now):
        return _sitting_is_under_way("open", now)
    inspection = now.steps["inspect"]
    if inspection.result == NEVER:
        return missing("open", "inspect", "本场次的考前检查还没有做", "this session has not been inspected")
    if inspection.result == BEGUN:
        return missing("open", "inspect", "最近一次考前检查没有做完", "the last inspection did not end")
    verdict = (inspection.data or {}).get("verdict")
    if inspection.result != DONE or verdict != "passed":
        return missing("open", "inspect", "最近一次考前检查没有通过", "the last inspection did not pass")
    if inspection.begun_seq < now.steps["prepare"].last_seq:
        return missing("open", "inspect", "考前检查之后又做过考前准备", "the room was prepared since its inspection")
    if inspection.begun_seq < now.proved_seq:
        return missing(
            "open", "inspect", "考前检查之后又验证过还原卡", "restore cards were put to the proof since the inspection"
        )
    return None


def inspected_at(entries: Sequence[Entry]) -> str | None:
    """When the last inspection of this sitting began; None where there was none."""
    begun = progress(entries).steps["inspect"].begun_seq
    return next((entry.at for entry in entries if entry.seq == begun), None)


def _stale(now: Progress, around: Around) -> Refusal | None:
    """Why a passing inspection opens the room no more: it is too old, or of another plan, or the room was touched."""
    data = now.steps["inspect"].data or {}
    until = data.get("valid_until")
    if not until:
        return missing("open", "inspect", "考前检查没有写明有效期", "the inspection does not say how long it holds")
    if around.now >= datetime.fromisoformat(str(until)):
        return missing("open", "inspect", f"考前检查已过期（有效至 {until}）", f"the inspection held until {until}")
    if around.plan != data.get("plan", ""):
        return missing(
            "open",
            "inspect",
            "考前检查之后，场次文件、名单或考场清单有改动",
            "session file, roster or inventory were changed since the inspection",
        )
    if around.touched is not None:
        session, step = around.touched
        return missing(
            "open",
            "inspect",
            f"考前检查之后，场次 {session} 在本考场做过“{NAMES_ZH.get(step, step)}”",
            f"session {session} did {step} in this room since the inspection",
        )
    return None


def _inspect(now: Progress) -> Refusal | None:
    """The look switches the accounts on and off again: not those of candidates, nor any after the cut."""
    if now.result("start") != NEVER:
        return never("inspect", "本场已开考", "the session has started")
    if now.result("open") == DONE and now.steps["open"].begun_seq > now.steps["prepare"].last_seq:
        return never("inspect", "考生已经入场", "the candidates have been let in")
    return None


def is_occupied(now: Progress) -> bool:
    """Whether candidates have been let in and are not cut off yet."""
    return now.result("open") != NEVER and now.cut_at is None and now.result("cutoff") != DONE


def occupied(step: str, session: str) -> Refusal:
    """Why the step may not begin: the candidates of another session are in the room."""
    return never(
        step,
        f"场次 {session} 的考生还在本考场，没有收卷。请先对该场次收卷；没有开考的，请取消（playbooks/cancel.yml）",
        f"candidates of session {session} are in this room and not cut off. Cut it off first, or cancel it",
    )


def _start(now: Progress) -> Refusal | None:
    if now.result("cutoff") != NEVER:
        return never("start", "本场已收卷", "the session has been cut off")
    if now.result("start") == DONE:
        return never("start", "本场已开考，再次开考会改动截止时间", "it has started; again would move the deadline")
    if now.result("open") != DONE:
        return missing("start", "open", "考场还没有开放", "the room is not open")
    if not is_started(now) and now.steps["open"].begun_seq < now.steps["prepare"].last_seq:
        return missing("start", "open", "开放之后又做过考前准备", "the room was prepared since it was opened")
    return None


def _cutoff(now: Progress) -> Refusal | None:
    if now.cancelled:
        return never("cutoff", "本场已取消，所有连接已断开", "the session was cancelled, every connection is cut")
    return None if is_started(now) else missing("cutoff", "start", "本场还没有开考", "the session has not started")


def _burn(now: Progress) -> Refusal | None:
    cut = now.result("cutoff") == DONE or (now.cancelled and is_started(now))
    return None if cut else missing("burn", "cutoff", "还没有收卷", "nothing is cut off yet")


def _reset(now: Progress) -> Refusal | None:
    if _is_burned(now) or (now.cancelled and not is_started(now)):
        return None
    return missing("reset", "burn", "结果还没有刻盘并回读核对", "the results are on no disc that was read back")


def refusal(step: str, entries: Sequence[Entry], around: Around | None = None) -> Refusal | None:
    """Why the step may not begin now, or None when it may; without ``around`` as far as the journal's lines tell.

    A step that was begun and never ended may always be repeated as far as its own state goes; what has to come before
    it still has to be there. A reset may be repeated as long as nothing was done since the last.
    """
    now = progress(entries)
    if around is not None and around.occupied and step in OF_AN_EMPTY_ROOM:
        return occupied(step, around.occupied)
    if step == "inspect":
        return _inspect(now)
    if step == "reset" and len(this_sitting(entries)) < len(entries) and all(s.result == NEVER for s in _others(now)):
        return None
    gate = {"prepare": _prepare, "open": _open, "start": _start, "cutoff": _cutoff, "burn": _burn, "reset": _reset}
    if step not in gate:
        raise ExamError(f"没有“{step}”这个步骤", f"There is no step {step!r}; the steps are {', '.join(STEPS)}")
    if now.cancelled and step in ("prepare", "open", "start"):
        return _cancelled(step, now)
    refused = gate[step](now)
    return _stale(now, around) if step == "open" and around is not None and refused is None else refused


def _others(now: Progress) -> list[StepState]:
    return [state for step, state in now.steps.items() if step != "reset"]


def check_identity(entries: Sequence[Entry], session_id: str | None, room: str | None) -> None:
    """Refuse a journal that belongs to another session or room than the one named; no override opens this."""
    for entry in entries:
        if entry.event != EVENT_CREATED:
            continue
        for zh, en, own, given in (
            ("场次", "session", entry.data.get("session_id"), session_id),
            ("考场", "room", entry.data.get("room"), room),
        ):
            if given is not None and own != given:
                raise ExamError(
                    f"这本日志属于{zh} {own}，不是 {given}。请检查场次目录。",
                    f"This journal belongs to {en} {own}, not {given}. Check the session directory.",
                )


def check_begun(step: str, entries: Sequence[Entry]) -> None:
    """Refuse to end a step that is not under way."""
    if progress(entries).result(step) != BEGUN:
        raise ExamError(
            f"“{NAMES_ZH[step]}”没有开始，不能结束。",
            f"Cannot end {step}: it was not begun, or has ended already.",
        )


def hosts_not_done(hosts: Mapping[str, str]) -> dict[str, str]:
    """The hosts that a step did not finish, name -> failed or unreachable, sorted by name."""
    return {name: result for name, result in sorted(hosts.items()) if result != DONE}


def unfinished(step: str, hosts: Mapping[str, str]) -> ExamError:
    """The error with which a step ends that some host did not finish; names each of them."""
    zh = {FAILED: "失败", "unreachable": "连接不上"}
    left = hosts_not_done(hosts)
    return ExamError(
        f"“{NAMES_ZH[step]}”没有全部完成：" + "、".join(f"{name}（{zh.get(why, why)}）" for name, why in left.items()),
        f"{step} is not complete: " + ", ".join(f"{name} ({why})" for name, why in left.items()),
    )
