"""The menu from the first key to the last, over an ansible-playbook that only records and journals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from exam_room import locks
from exam_room.menu.menu import CUTOFF_LOCK, MENU_LOCK
from exam_room.menu.runner import FOLDER

from .conftest import SESSION, Desk

UP_TO_START = ("1", "y", "", "2", "y", "", "3", "y", "")


def lock(desk: Desk) -> Path:
    return desk.directory / FOLDER / CUTOFF_LOCK


def extra(desk: Desk) -> str:
    arguments = desk.calls()[-1]["arguments"]
    return str(arguments[arguments.index("-e") + 1])


def test_the_day_up_to_the_start_and_the_cutoff_that_waits_outlives_the_menu(
    desk: Desk, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    said = desk.menu(*UP_TO_START, "0")
    # The cutoff begins by itself, beside the menu.
    eventually(lambda: desk.steps() == ["inspect", "open", "start", "cutoff"])
    assert "cutoff_now" not in json.dumps(desk.calls()[-1]), "the cutoff waits for the deadline"
    assert "收卷等待仍在后台运行" in said
    assert locks.holder(lock(desk)) is not None
    assert "收卷等待：正在运行" in desk.menu("0")
    desk.mark("deadline")
    eventually(lambda: locks.holder(lock(desk)) is None)
    said = desk.menu("9", "y", "", "0")
    assert "已收卷，所有考生已断开" in said
    assert desk.steps()[-1] == "burn"
    assert "下一步：清场（由机房管理员做" in said


def test_it_runs_the_playbooks_of_the_room_and_keeps_their_output(desk: Desk) -> None:
    said = desk.menu("1", "y", "", "0")
    (call,) = desk.calls()
    assert call["arguments"] == ["-i", str(desk.folder / "room"), "playbooks/inspect.yml"]
    assert "TASK [inspect 正在进行]" in said
    (log,) = (desk.directory / FOLDER).glob("*-inspect.log")
    assert "TASK [inspect 正在进行]" in log.read_text(encoding="utf-8")
    assert "完成：考前检查。" in said


def test_each_entry_shows_room_session_and_time_before_it_asks(desk: Desk) -> None:
    said = desk.menu("1", "", "0")
    about = said[said.index("即将执行：考前检查") :]
    assert about.index("301考场") < about.index("确认请输入 y")
    assert SESSION["id"] in about
    assert "计划开考 2027-06-19 09:00" in about
    assert desk.calls() == []


def test_full_width_answers_count(desk: Desk) -> None:
    desk.menu("１", "ｙ", "", "０")
    assert desk.steps() == ["inspect"]


@pytest.mark.parametrize("typed", ["99", "abc", "-1", "１２", "三"])
def test_what_is_no_entry_is_said_and_nothing_runs(desk: Desk, typed: str) -> None:
    assert "没有“" in desk.menu(typed, "", "0")
    assert desk.calls() == []


def test_what_cannot_be_done_now_is_refused_with_the_reason_of_the_gate(desk: Desk) -> None:
    said = desk.menu("3", "", "0")
    assert "不能执行“开考”：考场还没有开放" in said
    assert "（本菜单第 2 项）" in said
    assert " 3  开考  start  —— 考场还没有开放" in said
    assert desk.calls() == []


@pytest.mark.parametrize("answer", ["n", "不", "确认收"])
def test_anything_but_a_yes_does_nothing(desk: Desk, answer: str) -> None:
    assert "什么也没有做" in desk.menu("1", answer, "0")
    assert desk.calls() == []


@pytest.mark.parametrize("where", [(), ("1",)])
def test_ctrl_c_at_a_prompt_leads_back_to_the_menu(desk: Desk, where: tuple[str, ...]) -> None:
    assert "返回菜单" in desk.menu(*where, KeyboardInterrupt, "0")
    assert desk.calls() == []


@pytest.mark.parametrize("answers", [(), ("1",), ("1", "y")])
def test_a_closed_input_ends_the_menu(desk: Desk, answers: tuple[str, ...]) -> None:
    assert "输入已关闭" in desk.menu(*answers)


def test_cut_now_wants_its_word(desk: Desk) -> None:
    desk.menu(*UP_TO_START, "0")
    assert "什么也没有做" in desk.menu("8", "y", "0")
    assert desk.steps()[-1] == "cutoff" and "-e" not in desk.calls()[-1]["arguments"]
    said = desk.menu("8", "确认收卷", "", "0")
    assert json.loads(extra(desk)) == {"cutoff_now": True, "exam_confirmed": True}
    assert "全部考生立即断开" in said and "剩余" in said
    assert "已收卷，所有考生已断开" in said


def test_the_word_can_be_typed_where_no_chinese_can(desk: Desk) -> None:
    desk.menu(*UP_TO_START, "8", "cut now", "", "0")
    assert json.loads(extra(desk)) == {"cutoff_now": True, "exam_confirmed": True}


def test_extending_takes_minutes_and_a_reason_that_is_never_a_template(desk: Desk) -> None:
    said = desk.menu(*UP_TO_START, "5", "十", "0", "１０", "", "5", "10", "{{ x }}", '停电 "10" 分钟', "y", "", "0")
    assert extra(desk) == '{"minutes": 10, "reason": !unsafe "停电 \\"10\\" 分钟"}'
    assert "请输入 1 到 180 之间的整数" in said
    assert "理由中不能有" in said
    assert "延时会作为偏差写入记录" in said
    assert "（含延时 10 分钟）" in said


def test_a_candidate_moves_to_the_free_spare_once(desk: Desk) -> None:
    desk.menu(*UP_TO_START, "6", "2", "1", "主机坏了", "y", "", "0")
    assert '"seat": 2, "to": !unsafe "spare01"' in extra(desk)
    said = desk.menu("6", "", "0")
    assert "没有空着的备用机" in said
    assert "换机机位 2" in said


def test_absent_and_early_end_name_the_candidate(desk: Desk) -> None:
    desk.menu(*UP_TO_START, "7", "1", "ks03", "y", "", "0")
    assert extra(desk) == '{"seat": 3}'
    said = desk.menu("7", "2", "3", "1", "2", "y", "0")
    assert "没有机位“3”" in said
    assert "机位 1 · KS01 · pc01 · 张三 440120270001" in said
    assert desk.steps()[-1] == "absent", "an early end wants its word"
    desk.menu("7", "2", "1", "3", "身体不适", "确认提前结束", "", "0")
    assert extra(desk) == '{"seat": 1, "reason": !unsafe "身体不适", "exam_confirmed": true}'


def test_an_early_end_is_refused_before_the_start_with_its_own_reason(desk: Desk) -> None:
    assert "不能执行“提前结束”：本场还没有开考" in desk.menu("1", "y", "", "2", "y", "", "7", "2", "", "0")


def test_cancelling_ends_the_day(desk: Desk) -> None:
    said = desk.menu("1", "y", "", "2", "y", "", "10", "停电", "CANCEL", "", "0")
    assert desk.steps()[-1] == "cancel"
    assert " 3  开考  start  —— 本场已取消" in said


def test_a_step_that_fails_says_why_where_and_what_to_do(desk: Desk) -> None:
    desk.mark("fail-inspect")
    said = desk.menu("1", "y", "", "0")
    told = said[said.index("未完成：考前检查。") :]
    assert "出错的机器：pc02" in told
    assert "  服务器没有回答" in told
    assert "怎么办：" in told
    assert "inspect.log" in told
    assert "完成：考前检查" not in said.replace("未完成：考前检查", "")


def test_a_start_that_fails_does_not_wait_and_is_not_followed_by_a_cut(desk: Desk) -> None:
    desk.mark("fail-start")
    desk.menu("1", "y", "", "2", "y", "", "3", "y", "", "0")
    assert desk.steps()[-1] == "start"


def test_when_nobody_waits_it_says_so_and_starts_it_again(desk: Desk) -> None:
    desk.mark("fail-cutoff")
    desk.mark("deadline")
    said = desk.menu(*UP_TO_START, "0", settle=60)
    assert "本机没有程序在等待收卷" in said
    (desk.folder / "fail-cutoff").unlink()
    (desk.folder / "deadline").unlink()
    said = desk.menu("n", "11", "", "0")
    assert "主控机重启过" in said
    assert "收卷等待：正在运行" in said
    assert "没有“11”" in desk.menu("11", "", "0"), "there is nothing to start any more"


def test_it_is_offered_at_once_when_the_menu_is_opened_again(desk: Desk) -> None:
    desk.mark("fail-cutoff")
    desk.mark("deadline")
    desk.menu(*UP_TO_START, "0", settle=60)
    (desk.folder / "fail-cutoff").unlink()
    (desk.folder / "deadline").unlink()
    desk.menu("y", "", "0")
    assert locks.holder(lock(desk)) is not None


def test_ctrl_c_while_a_step_runs_lets_it_go_on_unless_the_person_insists(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.mark("slow-inspect")
    pressed: list[float] = []

    def press(seconds: float) -> None:
        if len(pressed) < 2 and (desk.folder / "calls.jsonl").exists():
            pressed.append(seconds)
            raise KeyboardInterrupt

    monkeypatch.setattr("exam_room.menu.runner.time.sleep", press)
    said = desk.menu("1", "y", "", "中断", "", "0")
    assert said.count("正在进行。直接回车继续") == 2
    assert "未完成：考前检查 被中断，可能只做了一半。" in said
    assert "考前检查 做到一半" in said or "还没有做任何一步" in said


def test_a_second_menu_is_mentioned_where_it_matters(desk: Desk) -> None:
    with locks.present(desk.directory / FOLDER / MENU_LOCK):
        said = desk.menu(*UP_TO_START, "8", "", "0")
    assert said.count("另一个窗口也打开了本场次的菜单") == 2, "at the start and at the cut"
    assert "另一个窗口" not in desk.menu("8", "", "0")


def test_the_password_goes_through_a_pipe_and_nowhere_else(desk: Desk) -> None:
    desk.menu("1", "y", "", "0", password="口令 right")
    (call,) = desk.calls()
    assert call["password"] == "口令 right\n"
    assert "right" not in " ".join(call["arguments"])
    found = [path for path in desk.folder.rglob("*") if path.is_file() and path.name != "calls.jsonl"]
    assert not [path for path in found if "口令 right".encode() in path.read_bytes()]


def test_the_board_is_shown_at_any_time(desk: Desk) -> None:
    desk.menu("4", "0")
    assert desk.boards == 1


def test_a_journal_that_was_altered_is_said_and_the_menu_stays(desk: Desk) -> None:
    desk.menu("1", "y", "", "0")
    path = desk.directory / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"passed", b"failed"))
    assert "日志已被改动或损坏" in desk.menu("", "")
