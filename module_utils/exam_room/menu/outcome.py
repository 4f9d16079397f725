"""How a step ended, in one sentence for the person who ran it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What Ansible puts before a message.
_PREFIX = re.compile(r"^(?:(?:Task|Module|Action) failed: )+")
_ERROR = re.compile(r"^\[ERROR\]: (.*(?:\n(?!Origin:|\[|fatal:|failed:|$).*)*)", re.MULTILINE)
_FATAL = re.compile(r"^(?:fatal|failed): \[([^\] ]+)", re.MULTILINE)
_LONGEST_REASON = 8
_CONTROLLER = "localhost"

INTERRUPTED = -2

_AGAIN = ("处理后再执行一次；重复执行不会造成损害", "Mend it and run the step again: running it twice does no harm")
_ADVICE: Mapping[str, tuple[str, str]] = {
    "inspect": ("请机房管理员按原因处理，然后再做考前检查", "Have the technician mend it, then inspect again"),
    "start": (
        "先看本菜单上方是否已写“开考”：已开考的不要重复；未开考的，处理后再执行",
        "See above whether the session has started: if so do not start again; if not, mend it and start again",
    ),
    "cutoff": (
        "请立即再执行“8 立即收卷”；仍不行，按应急页（docs/emergency.zh-CN.md）在服务器上操作。服务器到时也会自行断开",
        "Run entry 8 again at once; if it fails again, follow the emergency page (docs/emergency.en.md) at the server. "
        "The server also cuts by itself at the deadline",
    ),
    "burn": (
        "考试结果还在服务器上，没有丢失。请检查刻录机和光盘，然后再执行“9 刻盘”；刻成之前不要清场",
        "The results are still on the server. Check burner and disc, then run entry 9 again; reset nothing before",
    ),
}


@dataclass(frozen=True)
class Failure:
    """The hosts that failed and the last error, a line each."""

    hosts: tuple[str, ...]
    reason: tuple[str, ...]


def failure(output: str) -> Failure:
    """Read from a playbook's output where it failed and why."""
    hosts = sorted(set(_FATAL.findall(output)))
    rooms = tuple(host for host in hosts if host != _CONTROLLER)
    errors = _ERROR.findall(output)
    last = errors[-1] if errors else "\n".join(output.strip().splitlines()[-3:])
    lines = [line.strip() for line in _PREFIX.sub("", last).splitlines() if line.strip()]
    return Failure(rooms or tuple(hosts), tuple(lines[:_LONGEST_REASON]))


def done(title: tuple[str, str]) -> tuple[str, str]:
    """The sentence for a step that is done; ``title`` in both languages."""
    zh, en = title
    return f"完成：{zh}。", f"Done: {en}."


def not_done(step: str, title: tuple[str, str], status: int, output: str, log: str) -> list[str]:
    """What to say of a step that is not done: what, why, where, what to do and where all of it can be read."""
    zh, en = title
    advice_zh, advice_en = _ADVICE.get(step, _AGAIN)
    if status < 0:
        why = [f"未完成：{zh} 被中断，可能只做了一半。", f"Not done: {en} was interrupted, perhaps half-way."]
    else:
        found = failure(output)
        hosts = "、".join("主控机" if host == _CONTROLLER else host for host in found.hosts)
        why = [f"未完成：{zh}。" + (f"出错的机器：{hosts}" if hosts else ""), f"Not done: {en}.", "原因 Reason:"]
        why += [f"  {line}" for line in found.reason or (f"ansible-playbook: {status}",)]
    return [*why, f"怎么办：{advice_zh}。", f"What to do: {advice_en}.", f"全部输出 Full output: {log}"]
