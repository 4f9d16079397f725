"""What the 考场情况记录单 says of a session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exam_room.journal.journal import Entry
from exam_room.journal.sitting import sitting
from exam_room.papers.events import events
from exam_room.papers.roomrecord import RoomRecord, room_record
from exam_room.papers.session import Session, read
from exam_room.papers.slips import slips
from sealing import example


@pytest.fixture(scope="module")
def session(original: Path) -> Session:
    return read(original)


def record_of(session: Session, title: str = "督考员") -> RoomRecord:
    return room_record(session, slips(session), title)


def test_the_times_are_those_of_the_clock_in_the_room(session: Session) -> None:
    assert dict(record_of(session).times) == {
        "计划开考": "2027-06-19 09:00:00",
        "实际开考": "2027-06-19 09:02:00",
        "规定时长": "120 分钟",
        "截止时间": "2027-06-19 11:02:00",
        "全部断开": "2027-06-19 11:02:00",
        "本场结果": "已收卷",
    }


def test_attendance(session: Session) -> None:
    found = record_of(session).attendance
    assert (found.expected, found.came) == (8, 7)
    assert [one.seat["number"] for one in found.absent] == [example.ABSENT]
    assert [one.seat["number"] for one in found.blank] == [example.BLANK, example.EMPTY]
    assert found.unknown == []
    unseen = record_of(replace(session, cutoff={**session.cutoff, "seats": []})).attendance
    assert [one.seat["number"] for one in unseen.unknown] == [example.EMPTY]


def test_every_incident_of_the_journal_is_there(session: Session) -> None:
    said = {event.what: event.detail for event in events(session)}
    seated = {seat["number"]: seat["candidate"] for seat in session.candidates}

    def who(number: int) -> str:
        return f"{number} 号机位 {seated[number]['name']}（{seated[number]['exam_number']}）"

    assert said == {
        "准备考场": "",
        "考前检查": "结论：无法判定",
        "考生入场": "已登录 1 台，未登录：KS03",
        "开考": "开考 2027-06-19 09:02:00，截止时间 2027-06-19 10:52:00",
        "标记缺考": f"{who(example.ABSENT)}：缺考",
        "换机": f"{who(example.MOVED)} 换到 spare01；原因：死机",
        "延时": "延长 10 分钟，新的截止时间 2027-06-19 11:02:00；原因：停电十分钟",
        "恢复安全副本": f"{who(example.MOVED)}：恢复 2 个文件，放在“恢复的文件 10-12”；原因：误删文件",
        "提前结束": f"{who(example.ENDED)}；原因：提前交卷",
        "截止断连（收卷）": "到截止时间自动断开；全部断开于 2027-06-19 11:02:00",
    }
    assert {event.who for event in events(session)} == {"jfgly@kongzhiji"}


def with_entries(session: Session, *lines: tuple[str, str, dict[str, Any]]) -> Session:
    entries = [
        Entry(n, "2027-06-19T02:00:00.000Z", "x@y", step, event, data, "", "")
        for n, (step, event, data) in enumerate(lines, start=1)
    ]
    return replace(session, entries=entries, sitting=sitting(entries))


@pytest.mark.parametrize(
    ("line", "what", "detail"),
    [
        (
            ("prepare", "end", {"result": "failed", "hosts": {"pc01": "unreachable", "pc02": "done"}}),
            "准备考场（未完成）",
            "没有完成的机器：pc01",
        ),
        (("clock", "note", {"jump_s": -3600.0}), "服务器时钟被改动", "-3600.0 秒，截止时刻不变"),
        (("session", "torn", {}), "日志", "日志末行没有写完（断电或中断），残余部分已另存"),
        (
            ("absent", "end", example.DONE | {"seat": 99, "present": True}),
            "标记缺考",
            "99 号机位：已到场，撤销缺考",
        ),
        (
            ("cutoff", "end", example.DONE | {"mode": "now", "cut_at": None, "problems": ["KS01 still there"]}),
            "截止断连（收卷）",
            "人工立即断开；问题：KS01 still there",
        ),
        (
            ("prove_restore_cards", "end", example.DONE | {"undone": ["pc01", "pc02"], "stayed": ["server"]}),
            "验证还原卡",
            "重启后还原的机器：pc01、pc02",
        ),
        (("cancel", "end", example.DONE | {"mode": "now", "reason": "火警"}), "取消本场", "人工立即断开；原因：火警"),
    ],
)
def test_a_line_of_the_journal(session: Session, line: tuple[str, str, dict[str, Any]], what: str, detail: str) -> None:
    (event,) = events(with_entries(session, line))
    assert (event.at, event.what, event.detail) == ("2027-06-19 10:00:00", what, detail)


def test_an_earlier_sitting_of_the_same_room_is_not_told(session: Session) -> None:
    before = ("absent", "end", example.DONE | {"seat": 1})
    reset = ("reset", "end", example.DONE)
    (event,) = events(with_entries(session, before, reset, ("prepare", "end", example.DONE)))
    assert event.what == "准备考场"


def test_deviations_have_their_reason(session: Session) -> None:
    assert list(record_of(session).deviations) == [
        ("延时 10 分钟，与规定的考试时间不同", "停电十分钟（jfgly@kongzhiji）"),
        ("放行“考生入场”：考前检查没有通过", "读卡器未装，人工核对（jfgly@kongzhiji）"),
    ]


def test_files_where_none_should_be_are_deviations(session: Session) -> None:
    moved = next(one["account"] for one in session.seats if one["number"] == example.MOVED)
    marked = with_entries(session, ("absent", "end", example.DONE | {"seat": 22, "present": False}))
    seats = [seat for seat in session.seats if seat["account"] != moved]
    found = [what for what, _ in record_of(replace(marked, seats=seats)).deviations]
    assert f"没有考生的用户名 {moved} 的文件夹里有文件" in found
    assert any(what.startswith("缺考考生") and "（440" in what for what in found)


def test_a_cancelled_session_says_so(session: Session) -> None:
    cancelled = with_entries(session, ("cancel", "end", example.DONE | {"mode": "now", "reason": "火警"}))
    assert dict(record_of(cancelled).times)["本场结果"] == "已取消"
    assert ("取消本场", "火警") in record_of(cancelled).deviations


def test_the_cutoff_in_short(session: Session) -> None:
    said = dict(record_of(session).cutoff)
    assert said["结果"] == "全部断开"
    assert said["最后会话结束"] == "+412 毫秒"
    assert said["截止时仍连接的机位"] == "29 / 30"
    assert said["各步完成（距截止时间）"].startswith("删除考试共享 +90 毫秒；停用考生用户名 +180 毫秒")
    assert said["断开后再登录"] == "KS01 STATUS_ACCOUNT_DISABLED"
    assert said["最后一次被接受的保存"].endswith("作答_上架模板.csv（-210 毫秒）")


def test_a_cutoff_of_which_little_is_known_is_no_error(session: Session) -> None:
    said = dict(record_of(replace(session, cutoff={})).cutoff)
    assert said["结果"] == "未完成"
    assert said["最后会话结束"] == "—"


def test_staff_sign_under_their_names_and_the_title_of_the_site(session: Session) -> None:
    assert list(record_of(session, "质量督导员").staff) == [
        ("监考员", ["吴美珍", "赵立新"]),
        ("考评员", ["陈志远"]),
        ("质量督导员", ["林国华"]),
    ]


def test_the_seal_is_on_it(session: Session) -> None:
    said = dict(record_of(session).sealed)
    assert said["封存清单 SHA-256"] == session.seal_sha256
    assert said["日志末行散列值"] == session.entries[-1].hash
    assert said["封存时间"] == "2027-06-19 11:04:00"


def test_too_few_people_and_clauses_set_differently_are_deviations(session: Session) -> None:
    exam = {
        **session.plan["exam"],
        "assessors": {"candidates_each": 15, "at_least": 3, "odd": True},
        "clauses": {"V5": {"antivirus": {"protection": "disabled", "reason": "拦截考试软件"}}},
    }
    said = record_of(replace(session, plan={**session.plan, "exam": exam})).deviations
    assert said[:2] == [
        ("R2：考评员 1 名，考生 8 名，应至少 3 名，单数", ""),
        ("V5 另有规定：防病毒实时保护须关闭（拦截考试软件）", "考试文件的规定"),
    ]
    assert not any(what.startswith(("R2", "R3", "V5")) for what, _ in record_of(session).deviations)
