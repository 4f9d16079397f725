"""What happened in a session, by its journal, in the words of the 考场情况记录单."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..inspection.outcomes import VERDICTS
from ..journal.gates import DONE, END, FAILED, NAMES_ZH, PROVE, this_sitting
from ..journal.journal import EVENT_TORN, Entry
from . import words
from .session import Session

CLOCK = "clock"
_MODES = {"deadline": "到截止时间自动断开", "now": "人工立即断开"}


@dataclass(frozen=True)
class Event:
    """One line: when (the room's time), what, the details, and who did it."""

    at: str
    what: str
    detail: str
    who: str


def events(session: Session) -> list[Event]:
    """Everything since the last completed reset that a person did or has to know, in order."""
    found = []
    for entry in this_sitting(session.entries):
        if (said := _said(entry, session)) is not None:
            found.append(Event(words.clock(entry.at, session.zone), *said, entry.who))
    return found


def _said(entry: Entry, session: Session) -> tuple[str, str] | None:
    if entry.event == EVENT_TORN:
        return "日志", "日志末行没有写完（断电或中断），残余部分已另存"
    if entry.step == CLOCK:
        return "服务器时钟被改动", f"{float(entry.data.get('jump_s', 0)):+.1f} 秒，截止时刻不变"
    if entry.event != END or entry.step not in NAMES_ZH:
        return None
    name = NAMES_ZH[entry.step]
    if entry.data.get("result") == FAILED:
        undone = "、".join(host for host, result in entry.data.get("hosts", {}).items() if result != DONE)
        return f"{name}（未完成）", f"没有完成的机器：{undone}" + _reason(entry.data)
    return name, _DETAILS.get(entry.step, _nothing)(entry.data, session)


def _nothing(data: Mapping[str, Any], session: Session) -> str:
    return ""


def _reason(data: Mapping[str, Any]) -> str:
    return f"；原因：{data['reason']}" if data.get("reason") else ""


def who_sits(session: Session, number: Any) -> str:
    """A seat with its candidate: 5 号机位 陈思雨（440127061900005）."""
    seat = next((one for one in session.seats if str(one["number"]) == str(number)), None)
    candidate = seat.get("candidate") if seat else None
    return f"{number} 号机位" + (f" {candidate['name']}（{candidate['exam_number']}）" if candidate else "")


def _inspect(data: Mapping[str, Any], session: Session) -> str:
    words = VERDICTS.get(str(data.get("verdict")))
    waived = "；".join(f"{one['clause']} {one['host']} {one['reason']}" for one in data.get("waived", ()))
    return f"结论：{words.zh if words else '—'}" + (f"，豁免：{waived}" if waived else "")


def _open(data: Mapping[str, Any], session: Session) -> str:
    missing = "、".join(str(one) for one in data.get("missing", ()))
    return f"已登录 {len(data.get('connected', ()))} 台" + (f"，未登录：{missing}" if missing else "")


def _start(data: Mapping[str, Any], session: Session) -> str:
    started, deadline = data.get("started_at"), data.get("deadline")
    if not started or not deadline:
        return ""
    return f"开考 {words.clock(started, session.zone)}，截止时间 {words.clock(deadline, session.zone)}"


def _extend(data: Mapping[str, Any], session: Session) -> str:
    until = f"，新的截止时间 {words.clock(str(data['deadline']), session.zone)}" if data.get("deadline") else ""
    return f"延长 {data.get('minutes')} 分钟{until}{_reason(data)}"


def _move(data: Mapping[str, Any], session: Session) -> str:
    return f"{who_sits(session, data.get('seat'))} 换到 {data.get('host')}{_reason(data)}"


def _absent(data: Mapping[str, Any], session: Session) -> str:
    return f"{who_sits(session, data.get('seat'))}" + ("：已到场，撤销缺考" if data.get("present") else "：缺考")


def _seat(data: Mapping[str, Any], session: Session) -> str:
    return f"{who_sits(session, data.get('seat'))}{_reason(data)}"


def _restore(data: Mapping[str, Any], session: Session) -> str:
    folder = f"，放在“{data['folder']}”" if data.get("folder") else ""
    return f"{who_sits(session, data.get('seat'))}：恢复 {len(data.get('files', ()))} 个文件{folder}{_reason(data)}"


def _proved(data: Mapping[str, Any], session: Session) -> str:
    return f"重启后还原的机器：{'、'.join(data.get('undone', ())) or '无'}"


def _cut(data: Mapping[str, Any], session: Session) -> str:
    parts = [_MODES.get(str(data.get("mode")), "")]
    if data.get("cut_at"):
        parts.append(f"全部断开于 {words.clock(str(data['cut_at']), session.zone)}")
    parts += [f"问题：{problem}" for problem in data.get("problems", ())]
    return "；".join(part for part in parts if part) + _reason(data)


_DETAILS: Mapping[str, Callable[[Mapping[str, Any], Session], str]] = {
    "inspect": _inspect,
    "open": _open,
    "start": _start,
    "extend": _extend,
    "move_seat": _move,
    "absent": _absent,
    "end_seat": _seat,
    "restore_copy": _restore,
    PROVE: _proved,
    "cutoff": _cut,
    "cancel": _cut,
}
