"""The entries of the menu."""

from __future__ import annotations

from dataclasses import dataclass

STATUS = "status"
SEAT_OVER = "seat_over"
WAIT = "wait"


@dataclass(frozen=True)
class Choice:
    """One entry. ``step`` is the playbook and the gate; ``words``: what has to be typed before it does anything."""

    key: str
    step: str
    zh: str
    en: str
    words: tuple[str, str] | None = None
    warning: tuple[str, str] | None = None
    """What it does, where that cannot be undone."""

    @property
    def title(self) -> tuple[str, str]:
        return self.zh, self.en

    @property
    def dangerous(self) -> bool:
        return self.words is not None


MENU = (
    Choice("1", "inspect", "考前检查", "check before the exam"),
    Choice("2", "open", "考生入场", "let the candidates in"),
    Choice(
        "3",
        "start",
        "开考",
        "start",
        warning=("所有考生同时可以读取原始素材，考试开始计时。", "The raw material opens for all, and the time runs."),
    ),
    Choice("4", STATUS, "状态", "status"),
    Choice("5", "extend", "延时", "extend"),
    Choice("6", "move_seat", "换机", "change of seat"),
    Choice("7", SEAT_OVER, "缺考 / 提前结束", "absent / end one seat"),
    Choice(
        "8",
        "cutoff",
        "立即收卷",
        "cut now",
        words=("确认收卷", "CUTNOW"),
        warning=(
            "全部考生立即断开，不能再保存，考试结束；不能撤销。",
            "Every candidate is cut off at once and can save nothing more. This cannot be undone.",
        ),
    ),
    Choice(
        "9",
        "burn",
        "刻盘",
        "burn",
        warning=(
            "请先放入空白光盘；要换盘时屏幕会提示，放入后自动继续。",
            "Put a blank disc in first. The screen says when to change it, and burning goes on by itself.",
        ),
    ),
    Choice(
        "10",
        "cancel",
        "取消本场",
        "cancel the session",
        words=("确认取消", "CANCEL"),
        warning=(
            "本场作废：全部考生立即断开，不能再开考；不能撤销。",
            "The session is void: every candidate is cut off, it cannot be started again. This cannot be undone.",
        ),
    ),
)
ABSENT = Choice("1", "absent", "缺考", "absent")
END_SEAT = Choice(
    "2",
    "end_seat",
    "提前结束",
    "end one seat",
    words=("确认提前结束", "END"),
    warning=(
        "只断开这一名考生，他不能再保存；已保存的文件保留，其他考生不受影响。不能撤销。",
        "Only this candidate is cut off; what is saved stays, the others go on. This cannot be undone.",
    ),
)
# Not among the numbers of every day: shown when the session runs and nobody waits for its deadline.
START_WAITING = Choice("11", WAIT, "启动收卷等待", "wait for the deadline")

REASONS_TO_END = ("提前交卷", "违纪")
