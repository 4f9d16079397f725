"""The record of a cutoff (V6): what was done when, by the server's clock, as data and as text for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..server.clock import ServerClock, iso

#: The mode of a record of which nothing came: cut by somebody else before, or cancelled.
OVER = "over"
ACTIONS_ZH = {
    "remove_share": "删除考试共享",
    "disable_accounts": "停用考生用户名",
    "end_sessions": "结束考生会话",
    "close_files": "关闭打开的文件",
    "prove_logon": "验证无法登录",
    "last_write": "查找最后一次保存",
}


@dataclass
class Action:
    """One kind of action, from its first start to its last end, in monotonic seconds; ``count`` things done."""

    name: str
    start: float
    end: float
    count: int = 0
    tries: int = 1
    error: str | None = None


@dataclass
class SeatState:
    """What was known of one seat at the cut. ``open_files`` are the server's paths."""

    seat: dict[str, Any]
    addresses: set[str] = field(default_factory=set)
    open_files: set[str] = field(default_factory=set)

    def as_dict(self) -> dict[str, Any]:
        """The seat as evidence; the candidate's data stays in the session's plan."""
        return {
            "number": self.seat.get("number"),
            "host": self.seat.get("host"),
            "address": self.seat.get("address"),
            "account": self.seat.get("account"),
            "connected": bool(self.addresses),
            "connected_from": sorted(self.addresses),
            "open_files": sorted(self.open_files),
        }


@dataclass
class Record:
    """Everything that happened. ``deadline`` in seconds since 1970 by the server's clock."""

    server: str
    share: str
    mode: str
    triggered_by: str
    deadline: float
    clock: ServerClock
    clock_evidence: dict[str, Any]
    seats: list[SeatState]
    connected_at: float
    actions: list[Action] = field(default_factory=list)
    sessions_gone: float | None = None
    logon: dict[str, Any] = field(default_factory=lambda: {"unknown": "not tried"})
    last_write: dict[str, Any] = field(default_factory=lambda: {"unknown": "not looked for"})
    retries: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    found_again: list[str] = field(default_factory=list)
    looked_again_s: float = 0.0

    def remaining(self, monotonic: float) -> float:
        """Seconds until the server's clock is past the deadline even in the worst case; negative afterwards."""
        return self.clock.surely_past(self.deadline) - monotonic

    def problem(self, text: str) -> None:
        """Something that a person has to know, once."""
        if text not in self.problems:
            self.problems.append(text)

    def retry(self, text: str) -> None:
        """Something that was tried again, or that changed meanwhile; the same thing in a row is said once."""
        if self.retries[-1:] != [text]:
            self.retries.append(text)

    @property
    def changed(self) -> bool:
        """Whether the server was changed at all: False for a second cut and in check mode."""
        touching = ("remove_share", "disable_accounts", "end_sessions", "close_files")
        return bool(self.found_again) or any(one.count for one in self.actions if one.name in touching)

    def ms(self, monotonic: float) -> float:
        """Milliseconds from the deadline, by the server's clock."""
        return round((self.clock.server_time(monotonic) - self.deadline) * 1000, 1)

    def utc(self, monotonic: float) -> str:
        """Server time."""
        return iso(self.clock.server_time(monotonic))

    @property
    def complete(self) -> bool:
        """Nothing of the seats is left on the server, and nothing went wrong."""
        return self.sessions_gone is not None and not self.problems

    def action(self, name: str) -> Action | None:
        """The action of that name, if it took place."""
        return next((one for one in self.actions if one.name == name), None)

    def _end_ms(self, name: str) -> float | None:
        action = self.action(name)
        return None if action is None or action.error else self.ms(action.end)

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON data; see exam_cutoff's RETURN."""
        return {
            "server": self.server,
            "share": self.share,
            "mode": self.mode,
            "triggered_by": self.triggered_by,
            "deadline": iso(self.deadline),
            "clock": self.clock_evidence,
            "connected_at": self.utc(self.connected_at),
            "complete": self.complete,
            "share_removed_ms": self._end_ms("remove_share"),
            "accounts_disabled_ms": self._end_ms("disable_accounts"),
            "sessions_gone_ms": None if self.sessions_gone is None else self.ms(self.sessions_gone),
            "actions": [
                {
                    "name": one.name,
                    "start": self.utc(one.start),
                    "end": self.utc(one.end),
                    "start_ms": self.ms(one.start),
                    "end_ms": self.ms(one.end),
                    "count": one.count,
                    "tries": one.tries,
                    "error": one.error,
                }
                for one in self.actions
            ],
            "seats": [one.as_dict() for one in self.seats],
            "logon": self.logon,
            "last_write": self.last_write,
            "look_again": {"seconds": round(self.looked_again_s, 1), "found": self.found_again},
            "retries": self.retries,
            "problems": self.problems,
        }


def _duration(value: float | None) -> str:
    return "—" if value is None else f"{value:+.0f} ms"


def _outcome(record: dict[str, Any]) -> tuple[str, str]:
    if record["mode"] == OVER:
        return "本场已由他处收卷或已取消，此处未作改动", "already cut or cancelled, nothing was done here"
    if record["mode"] == "check":
        return "演练：只查看，未作任何改动", "check: looked only, touched nothing"
    if record["complete"]:
        return "全部断开", "everything is cut off"
    return "未完成，请立即人工处理", "NOT complete, act by hand at once"


def text(record: dict[str, Any]) -> str:
    """The record for people, Chinese first, then English. ``record`` is ``Record.as_dict()``."""
    clock = record["clock"]
    outcome_zh, outcome_en = _outcome(record)
    held = [seat for seat in record["seats"] if seat["connected"]]
    last = record["last_write"]
    last_line = last.get("path", last.get("unknown", "—"))
    if "ms_from_deadline" in last:
        last_line += f"  {last['changed']}  {_duration(last['ms_from_deadline'])}"
    logon = record["logon"]
    lines = [
        "截止断连记录",
        f"服务器 {record['server']}  共享 {record['share']}  触发人 {record['triggered_by'] or '—'}",
        f"截止时间（服务器时钟） {record['deadline']}",
        f"服务器与控制机时钟差 {clock['offset_ms']} ms ± {clock['uncertainty_ms']} ms",
        f"结果：{outcome_zh}",
        *(
            f"  {ACTIONS_ZH.get(one['name'], one['name'])}：{_duration(one['start_ms'])} 至 "
            f"{_duration(one['end_ms'])}，{one['count']} 项，尝试 {one['tries']} 次"
            + (f"，错误：{one['error']}" if one["error"] else "")
            for one in record["actions"]
        ),
        f"  最后会话结束：{_duration(record['sessions_gone_ms'])}",
        f"  登录验证：{logon.get('account', '—')} {logon.get('status', logon.get('unknown', ''))}",
        f"  最后一次被接受的保存：{last_line}",
        f"截止时仍连接的机位 {len(held)} / {len(record['seats'])}",
        *(
            f"  {seat['number']} 号机 {seat['account']} {', '.join(seat['connected_from'])} "
            f"打开文件 {len(seat['open_files'])}"
            for seat in held
        ),
        f"复查 {record['look_again']['seconds']} 秒，再次发现 {len(record['look_again']['found'])} 项",
        *(f"  {found}" for found in record["look_again"]["found"]),
        *(f"  重试：{retry}" for retry in record["retries"]),
        *(f"  问题：{problem}" for problem in record["problems"]),
        "",
        "Record of the cutoff",
        f"server {record['server']}  share {record['share']}  triggered by {record['triggered_by'] or '-'}",
        f"deadline (server's clock) {record['deadline']}",
        f"server's clock minus controller's {clock['offset_ms']} ms ± {clock['uncertainty_ms']} ms",
        f"outcome: {outcome_en}",
        *(
            f"  {one['name']}: {_duration(one['start_ms'])} to {_duration(one['end_ms'])}, {one['count']} done, "
            f"{one['tries']} tries" + (f", error: {one['error']}" if one["error"] else "")
            for one in record["actions"]
        ),
        f"  last session gone: {_duration(record['sessions_gone_ms'])}",
        f"  log-on tried: {logon.get('account', '-')} {logon.get('status', logon.get('unknown', ''))}",
        f"  last write accepted: {last_line}",
        f"seats connected at the cut: {len(held)} of {len(record['seats'])}",
        f"looked again for {record['look_again']['seconds']} s, found {len(record['look_again']['found'])}",
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"
