"""What may happen between the steps of the day, and when: pure functions over the journal's entries.

An act (extend, a change of seat, …) is journalled as a step is, with a begin and an end, but has no place in the order.
It is checked at its end as well: what was right when it began may be too late once it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .gates import BEGUN, NEVER, PROVE, Progress, Refusal, is_started, missing, never, progress
from .journal import Entry
from .sitting import CANCELLED, Sitting, sitting

_Gate = Callable[[str, Sitting, Progress], Refusal | None]


def _over(act: str, now: Sitting) -> Refusal | None:
    if now.over == CANCELLED:
        return never(act, "本场已取消", "the session was cancelled")
    if now.over:
        return never(act, "本场已收卷", "the session has been cut off")
    if now.committed:
        return never(act, "正在收卷，截止时间不能再改动", "the cut is under way, it cannot be stopped any more")
    return None


def _while_running(act: str, now: Sitting, day: Progress) -> Refusal | None:
    if refused := _over(act, now):
        return refused
    if not is_started(day) or now.deadline is None:
        return missing(act, "start", "本场还没有开考", "the session has not started")
    return None


def _while_open(act: str, now: Sitting, day: Progress) -> Refusal | None:
    if refused := _over(act, now):
        return refused
    return _since_open(act, now, day)


def _since_open(act: str, now: Sitting, day: Progress) -> Refusal | None:
    if day.result("open") == NEVER:
        return missing(act, "open", "考场还没有开放", "the room is not open")
    if day.result("burn") not in (NEVER, BEGUN):
        return never(act, "结果已经刻盘", "the results are burned")
    return None


def _while_empty(act: str, now: Sitting, day: Progress) -> Refusal | None:
    """Before candidates come in: the room is restarted."""
    if now.over or is_started(day):
        return never(act, "本场已开考或已取消，清场之前不能重新启动", "the session has started or was cancelled")
    if day.result("open") != NEVER and day.steps["open"].begun_seq > day.steps["prepare"].last_seq:
        return missing(act, "prepare", "考场已开放，重新启动会打断考生", "the room is open, candidates may be at work")
    return None


_GATES: dict[str, _Gate] = {
    "extend": _while_running,
    "cancel": _while_open,
    "move_seat": _while_open,
    "absent": _since_open,
    "end_seat": _while_running,
    "restore_copy": _while_running,
    PROVE: _while_empty,
}
ACTS = tuple(_GATES)


def refusal(act: str, entries: Sequence[Entry]) -> Refusal | None:
    """Why the act may not happen now, or None when it may. ``act`` is one of ACTS."""
    return _GATES[act](act, sitting(entries), progress(entries))
