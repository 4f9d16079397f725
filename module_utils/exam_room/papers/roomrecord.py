"""考场情况记录单: the session as its staff signs for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..collect.results import FILE
from ..cutoff.record import ACTIONS_ZH
from ..journal.gates import NAMES_ZH, is_done, this_sitting
from ..journal.sitting import CANCELLED
from ..room.conditions import clause_words
from ..room.staff import shortages
from . import words
from .events import Event, events
from .session import Session
from .slips import Slip

Pairs = Sequence[tuple[str, str]]
"""Labels with what stands beside them."""


@dataclass(frozen=True)
class Attendance:
    """How many should have come, came and did not; who the absent are, and who handed in nothing of his own.

    Of the unknown nothing tells that they were there; they are not marked as absent, and count as come.
    """

    expected: int
    came: int
    absent: Sequence[Slip]
    blank: Sequence[Slip]
    unknown: Sequence[Slip]


@dataclass(frozen=True)
class RoomRecord:
    """What stands on the page, in its order."""

    times: Pairs
    attendance: Attendance
    deviations: Sequence[tuple[str, str]]
    """What differs from the regulation or from the order of the steps, and why."""
    events: Sequence[Event]
    cutoff: Pairs
    sealed: Pairs
    staff: Sequence[tuple[str, Sequence[str]]]


def room_record(session: Session, slips: Sequence[Slip], inspector_title: str) -> RoomRecord:
    """The record of a sealed session. ``inspector_title``: what 督考员 is called on paper here."""
    staff = session.plan["staff"]
    return RoomRecord(
        times=_times(session),
        attendance=attendance(slips),
        deviations=_deviations(session, slips),
        events=events(session),
        cutoff=_cutoff(session.cutoff, session),
        sealed=_sealed(session),
        staff=[
            ("监考员", staff.get("invigilators", ())),
            ("考评员", staff.get("assessors", ())),
            (inspector_title, staff.get("inspector", ())),
        ],
    )


def attendance(slips: Sequence[Slip]) -> Attendance:
    """Attendance by the journal's marks of absence."""
    absent = [slip for slip in slips if slip.absent]
    blank, unknown = [slip for slip in slips if slip.blank], [slip for slip in slips if slip.unknown]
    return Attendance(len(slips), len(slips) - len(absent), absent, blank, unknown)


def _times(session: Session) -> Pairs:
    now, plan, zone = session.sitting, session.plan, session.zone
    return [
        ("计划开考", words.clock(str(plan["planned_start"]), zone)),
        ("实际开考", words.clock(now.started_at, zone) if now.started_at else "没有开考"),
        ("规定时长", words.minutes(float(plan["duration_seconds"]))),
        ("截止时间", words.clock(now.deadline, zone) if now.deadline else "—"),
        ("全部断开", words.clock(now.cut_at, zone) if now.cut_at else "—"),
        ("本场结果", "已取消" if now.over == CANCELLED else "已收卷"),
    ]


def _deviations(session: Session, slips: Sequence[Slip]) -> list[tuple[str, str]]:
    found = [(zh, "") for zh, _ in shortages(session.plan, len(slips))]
    found += [(zh, "考试文件的规定") for zh, _ in clause_words(session.plan["exam"].get("clauses", {}))]
    for one in session.sitting.extensions:
        beyond = "，与规定的考试时间不同" if one.get("deviation") else ""
        found.append((f"延时 {one.get('minutes')} 分钟{beyond}", f"{one.get('reason', '—')}（{one.get('who')}）"))
    for entry in this_sitting(session.entries):
        if "override" in entry.data:
            name = NAMES_ZH.get(entry.step, entry.step)
            refused = str((entry.data.get("refused") or [""])[0])
            found.append((f"放行“{name}”：{refused}", f"{entry.data['override']}（{entry.who}）"))
        if entry.step == "cancel" and is_done(entry):
            found.append(("取消本场", str(entry.data.get("reason", "—"))))
    found += [(f"截止断连：{problem}", "") for problem in session.cutoff.get("problems", ())]
    seated = {str(slip.seat["account"]) for slip in slips}
    stray = sorted({entry.account for entry in session.table.entries if entry.kind == FILE} - seated)
    found += [(f"没有考生的用户名 {account} 的文件夹里有文件", "已一并收取，请核实") for account in stray]
    found += [
        (f"缺考考生 {one.name}（{one.number}）的文件夹里有文件", "请核实") for one in slips if one.absent and one.count
    ]
    found += [(f"收卷后才出现的文件，没有收取：{path}", "") for path in session.table.late()]
    return found


def _cutoff(record: Mapping[str, Any], session: Session) -> Pairs:
    """The cutoff's record in short; every value may be missing in the record of a cut by the server's own switch."""
    clock, logon, last = record.get("clock") or {}, record.get("logon") or {}, record.get("last_write") or {}
    held = [seat for seat in record.get("seats", ()) if seat.get("connected")]
    actions = "；".join(
        f"{ACTIONS_ZH.get(one['name'], one['name'])} {words.ms(one.get('end_ms'))}" for one in record.get("actions", ())
    )
    written = last.get("path") or last.get("unknown") or "—"
    if "ms_from_deadline" in last:
        written += f"（{words.ms(last['ms_from_deadline'])}）"
    return [
        ("结果", "全部断开" if record.get("complete") else "未完成"),
        ("触发人", str(record.get("triggered_by") or "—")),
        ("服务器时钟与主控机之差", f"{clock.get('offset_ms', '—')} ± {clock.get('uncertainty_ms', '—')} 毫秒"),
        ("截止时仍连接的机位", f"{len(held)} / {len(record.get('seats', ()))}"),
        ("各步完成（距截止时间）", actions or "—"),
        ("最后会话结束", words.ms(record.get("sessions_gone_ms"))),
        ("断开后再登录", f"{logon.get('account', '—')} {logon.get('status') or logon.get('unknown') or ''}".strip()),
        ("最后一次被接受的保存", str(written)),
    ]


def _sealed(session: Session) -> Pairs:
    info = session.info
    return [
        ("收取的文件", words.total(len(session.table.files), session.table.size)),
        ("封存时间", words.clock(info["Sealed-At"], session.zone) if "Sealed-At" in info else "—"),
        ("封存清单 SHA-256", session.seal_sha256),
        ("日志末行散列值", info.get("Journal-Last-Hash", "—")),
    ]
