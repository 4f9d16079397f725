"""What the board says: states and warnings, Chinese first, each warning with what to do in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

RED: Final = "red"
YELLOW: Final = "yellow"

ONLINE: Final = "online"
LOST: Final = "lost"
IDLE: Final = "idle"
NOT_CONNECTED: Final = "not_connected"
ABSENT: Final = "absent"
ENDED: Final = "ended"
VACANT: Final = "vacant"
SPARE: Final = "spare"

STATES: Final[Mapping[str, str]] = {
    ONLINE: "在线",
    LOST: "断线",
    IDLE: "闲置断开",
    NOT_CONNECTED: "未连接",
    ABSENT: "缺考",
    ENDED: "已提前结束",
    VACANT: "无考生",
    SPARE: "备用机",
}


@dataclass(frozen=True)
class Words:
    """One warning: level, a name short enough for a table, what is so, what to do."""

    level: str
    short: str
    zh: str
    en: str
    do_zh: str
    do_en: str


WARNINGS: Final[Mapping[str, Words]] = {
    # of a seat
    "not_connected": Words(
        RED,
        "未连接",
        "开考 {minutes} 分钟仍未连接服务器",
        "not connected {minutes} min after the start",
        "看该机是否开机、网线是否插好；考生未到则标记缺考。",
        "See whether the PC is on and its cable is in; mark the candidate absent if nobody came.",
    ),
    "connection_lost": Words(
        RED,
        "断线",
        "与服务器的连接已断开 {seconds} 秒",
        "connection lost for {seconds} s",
        "请考生先不要关程序；检查网线和电源，机器坏了就换备用机。",
        "Let the candidate keep the program open; check cable and power, move to a spare if the PC is dead.",
    ),
    "idle_disconnected": Words(
        YELLOW,
        "闲置断开",
        "长时间没有操作，连接已自动断开 {seconds} 秒",
        "disconnected for idleness {seconds} s ago",
        "请考生打开考试盘看一眼，连接会自动恢复。",
        "Ask the candidate to open the exam drive; the connection comes back by itself.",
    ),
    "wrong_pc": Words(
        RED,
        "位置不符",
        "该用户名在 {where} 登录，应为 {wanted}",
        "the account is logged on from {where} instead of {wanted}",
        "核对座位与准考证；确需换机请用“换机”登记。",
        "Check who sits where; if a change of seat is meant, record it with move_seat.",
    ),
    "two_addresses": Words(
        RED,
        "两处登录",
        "同一用户名同时在 {where} 登录",
        "the account is logged on from {where} at once",
        "立即到这些机位核对身份，并记入考场记录。",
        "Go to these seats at once, check who sits there, and note it.",
    ),
    "ended_connected": Words(
        RED,
        "已结束仍在线",
        "已提前结束，却仍在 {where} 连接",
        "was ended early and is still connected from {where}",
        "请其离开该机；再执行一次“提前结束”。",
        "Ask the candidate to leave the PC; run end_seat again.",
    ),
    "nothing_saved": Words(
        YELLOW,
        "未保存",
        "开考 {minutes} 分钟还没有保存过作答",
        "nothing saved {minutes} min after the start",
        "提醒考生把作答保存到考试盘。",
        "Remind the candidate to save to the exam drive.",
    ),
    "no_save": Words(
        YELLOW,
        "久未保存",
        "已 {minutes} 分钟没有保存",
        "no save for {minutes} min",
        "提醒考生保存。",
        "Remind the candidate to save.",
    ),
    "required_missing": Words(
        YELLOW,
        "缺规定文件",
        "离截止还有 {minutes} 分钟，考试盘里还没有规定的文件：{what_zh}",
        "{minutes} min to the deadline, and what the exam asks for is not on the exam drive: {what_en}",
        "提醒考生把该文件按要求保存到考试盘。",
        "Remind the candidate to save that file to the exam drive as asked.",
    ),
    "unexpected_save": Words(
        YELLOW,
        "不应有保存",
        "此机位{state}，却有人保存了文件",
        "somebody saved files at this seat ({state})",
        "到该机位核对是谁在使用。",
        "See who is using this seat.",
    ),
    "folder_missing": Words(
        RED,
        "文件夹不见",
        "服务器上找不到该考生的文件夹",
        "the candidate's folder is not on the server",
        "立即叫机房管理员；考生暂停操作。",
        "Call the technician at once; the candidate waits.",
    ),
    "folder_unreadable": Words(
        YELLOW,
        "读不了",
        "读不了 {path}",
        "cannot read {path}",
        "叫机房管理员检查该文件夹的权限。",
        "Have the technician check the access to that folder.",
    ),
    "never_copied": Words(
        YELLOW,
        "未留副本",
        "{count} 个文件一直被占用，还没有安全副本（{path}）",
        "{count} files are locked and have no safety copy yet ({path})",
        "请考生保存后关闭该文件再打开。",
        "Ask the candidate to save, close the file and open it again.",
    ),
    # of the room
    "server_lost": Words(
        RED,
        "连不上服务器",
        "主控机连不上服务器（{reason}），以下为最后所见",
        "the controller cannot reach the server ({reason}); what follows was seen last",
        "检查服务器电源和网线；考生继续答题，到时服务器会自动收卷。",
        "Check the server's power and cable; the exam goes on, the server cuts by itself at the deadline.",
    ),
    "logon_refused": Words(
        RED,
        "密码被拒",
        "服务器拒绝了管理员密码，看板已停止，不再重试",
        "the server refused the administrator's password; the watch has stopped and will not try again",
        "叫机房管理员核对密码，不要反复重试，以免锁定。",
        "Have the technician check the password; do not try again and again, accounts lock.",
    ),
    "look_failed": Words(
        RED,
        "查看失败",
        "查看服务器时出错：{reason}",
        "looking at the server failed: {reason}",
        "叫机房管理员；考试照常进行。",
        "Call the technician; the exam goes on.",
    ),
    "journal_unread": Words(
        RED,
        "日志读不了",
        "读不了场次日志：{reason}",
        "the session's journal cannot be read: {reason}",
        "不要改动场次目录，叫机房管理员。",
        "Leave the session's directory alone and call the technician.",
    ),
    "clock_step": Words(
        RED,
        "时钟跳变",
        "服务器时钟与主控机相比变动了 {seconds} 秒",
        "the server's clock moved by {seconds} s against the controller's",
        "不要再改服务器时间；叫机房管理员，核对截止时间。",
        "Nobody may set the server's clock; call the technician and check the deadline.",
    ),
    "disc_low": Words(
        YELLOW,
        "空间不足",
        "服务器结果盘只剩 {free}",
        "the results volume has {free} left",
        "叫机房管理员清出空间，不要动考生文件夹。",
        "Have the technician make room, without touching candidates' folders.",
    ),
    "disc_full": Words(
        RED,
        "盘将满",
        "服务器结果盘只剩 {free}，考生可能无法保存",
        "the results volume has {free} left; saving may fail",
        "立即叫机房管理员清出空间，不要动考生文件夹。",
        "Have the technician make room at once, without touching candidates' folders.",
    ),
    "switch_missing": Words(
        RED,
        "开关未布防",
        "服务器上的自动收卷开关没有布防",
        "the switch on the server is not armed",
        "主控机不能离人；叫机房管理员重新布防。",
        "Stay at the controller; have the technician arm it again.",
    ),
    "switch_differs": Words(
        RED,
        "开关不符",
        "自动收卷开关定在 {armed}，截止时间是 {deadline}",
        "the switch is armed for {armed}, the deadline is {deadline}",
        "叫机房管理员重新布防，核对截止时间。",
        "Have the technician arm it again and check the deadline.",
    ),
    "switch_unread": Words(
        RED,
        "开关读不了",
        "读不了自动收卷开关：{reason}",
        "the switch cannot be read: {reason}",
        "叫机房管理员重新布防。",
        "Have the technician arm it again.",
    ),
    "expiry_differs": Words(
        RED,
        "到期不符",
        "用户名的到期时间与截止时间不符：{accounts}",
        "accounts do not expire at the deadline: {accounts}",
        "叫机房管理员重新布防。",
        "Have the technician arm the switch again.",
    ),
    "copies_stopped": Words(
        YELLOW,
        "副本已停",
        "安全副本已停止：{reason}",
        "safety copies have stopped: {reason}",
        "考试照常；叫机房管理员处理主控机。",
        "The exam goes on; have the technician see to the controller.",
    ),
    "copies_late": Words(
        YELLOW,
        "副本过时",
        "最近一次安全副本是 {minutes} 分钟以前",
        "the last safety copies are {minutes} min old",
        "考试照常；叫机房管理员查看主控机。",
        "The exam goes on; have the technician look at the controller.",
    ),
}


def warning(code: str, **values: Any) -> dict[str, str]:
    """The warning ``code`` with its values filled in, as it stands in board.json."""
    words = WARNINGS[code]
    return {
        "code": code,
        "level": words.level,
        "short": words.short,
        "zh": words.zh.format(**values),
        "en": words.en.format(**values),
        "do_zh": words.do_zh,
        "do_en": words.do_en,
    }
