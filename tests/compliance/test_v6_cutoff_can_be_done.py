"""V6 考试时间一到立刻中断服务器与所有客户端的连接：开考前须证明到时能断连。

The controller cuts at the deadline; the dead-man's switch on the server does when the controller cannot. It is armed at
the start; before the exam it has to be there and able to fire.
"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known

pytestmark = [pytest.mark.clause("V6"), pytest.mark.severity("deciding")]
TASK = "Cut off at the deadline"
SCRIPT = r"C:\Program Files\ExamRoom\Stop-ExamSession.ps1"
MEND = "prepare.yml --limit server,localhost --tags dead_man_switch"
NONE = "无 none"
# As Windows shows the account, in any letter case.
SYSTEM = {"system", r"nt authority\system", "s-1-5-18"}
IGNORE_NEW = 2
#: Our figure; Windows itself lets five minutes pass before it refuses a log-on.
CLOCK_SECONDS = 30


def _task(evidence: Evidence, finding: Finding, server: str) -> dict[str, Any] | None:
    """The task as the server describes it; None when there is no such task."""
    finding.mend = MEND
    found = evidence.inside(server, "task_settings")
    return next((task for task in found if task["name"].casefold() == TASK.casefold()), None)


def _judge(finding: Finding, task: dict[str, Any] | None, wrong: dict[str, bool | None]) -> None:
    """``wrong`` by what is said of it: True proven, False in order, None not read. One that is proven decides."""
    said = [text for text, is_wrong in wrong.items() if is_wrong]
    unread = [text for text, is_wrong in wrong.items() if is_wrong is None]
    finding.actual = (", ".join(said) or finding.expected) if task else NONE
    assert task is not None
    assert not said
    if unread:
        raise UnknownError(f"没有读到（not read）: {', '.join(unread)}")


def _is_not(value: Any, *wanted: Any) -> bool | None:
    return None if value is None else value not in wanted


def test_switch_is_there(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器上有到时自动断连的任务，以 SYSTEM 运行 a task of the server, run as SYSTEM, cuts off at the deadline"""
    finding.expected = f"{TASK}: 已启用 enabled, SYSTEM, {SCRIPT}"
    task = _task(evidence, finding, server)
    wrong: dict[str, bool | None] = {}
    if task is not None:
        user = task["user"]
        arguments = [action["arguments"] for action in task["actions"]]
        unread = None in arguments
        ours = any(SCRIPT.casefold() in text.casefold() for text in arguments if text is not None)
        wrong = {
            "未启用 not enabled": _is_not(task["enabled"], True),
            f"账户 account {user}": None if user is None else user.casefold() not in SYSTEM,
            "不以最高权限运行 not with highest privileges": _is_not(task["run_level"], 1),
            f"不运行 does not run {SCRIPT}": None if unread and not ours else not ours,
        }
    _judge(finding, task, wrong)


def test_switch_can_fire(evidence: Evidence, finding: Finding, server: str) -> None:
    """该任务每分钟运行，开机后也运行，用电池时也运行 the task runs each minute, after a boot, and on batteries"""
    finding.expected = "每分钟 each minute, 开机 boot, 电池 batteries"
    task = _task(evidence, finding, server)
    wrong: dict[str, bool | None] = {}
    if task is not None:
        limits = (task["not_on_batteries"], task["stop_on_batteries"])
        wrong = {
            "没有每分钟重复的时间触发器 no time trigger that repeats each minute": _no_trigger(task, "time"),
            "没有每分钟重复的开机触发器 no boot trigger that repeats each minute": _no_trigger(task, "boot"),
            "用电池时不运行 not on batteries": True if True in limits else None if None in limits else False,
            "只在空闲时运行 only when idle": _is_not(task["only_if_idle"], False),
            "有运行时间限制 has a time limit": _is_not(task["time_limit"], "PT0S", ""),
            "上次未结束时另有安排 another instance is handled differently": _is_not(
                task["multiple_instances"], IGNORE_NEW
            ),
        }
    _judge(finding, task, wrong)


def _no_trigger(task: dict[str, Any], kind: str) -> bool | None:
    """Whether no enabled trigger of that kind repeats each minute without end; None when one was not read."""
    triggers = [one for one in task["triggers"] if one["kind"] == kind and one["enabled"] is not False]
    endless = [one for one in triggers if (one["interval"], one["duration"], one["end"]) == ("PT1M", None, None)]
    if any(one["enabled"] for one in endless):
        return False
    return None if endless else True


def test_switch_runs_our_script(evidence: Evidence, finding: Finding, server: str) -> None:
    """任务运行的脚本就是本套件的脚本 what the task runs is our script, unchanged"""
    finding.mend = MEND
    finding.expected = evidence.plan["scripts"][SCRIPT]
    found = evidence.outside("scripts", SCRIPT)
    finding.actual = NONE if found is None else found
    assert found == finding.expected


def test_saved_means_saved_on_the_server(evidence: Evidence, finding: Finding, server: str) -> None:
    """共享不缓存：存了就是存在服务器上 the share is not cached: what is saved is saved on the server"""
    finding.expected = "不脱机、不缓存写入 no offline files, no cached writes"
    finding.mend = "prepare.yml --limit server,localhost --tags folders"
    name = evidence.plan["share"].casefold()
    share = next((one for one in evidence.inside(server, "smb_shares") if one["name"].casefold() == name), None)
    finding.actual = "无共享 no share"
    assert share is not None
    outside = next(one for one in evidence.outside("shares") if one["name"].casefold() == name)
    finding.actual = f"脱机 offline: {share['caching']}"
    assert share["caching"] in ("none", "unknown")
    forced = known(outside["flags"])["force_level_ii_oplocks"]
    finding.actual += f", 缓存写入 cached writes: {'no' if forced else 'yes'}"
    assert forced
    if share["caching"] == "unknown":
        raise UnknownError(f"没有读到脱机设置 the offline setting was not read: {finding.actual}")


def test_clock_of_the_server(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器的时钟与控制机相差不多 the server's clock agrees with the controller's"""
    _clock(evidence, finding, server)


@pytest.mark.severity("recommended")
def test_clock_of_the_client(evidence: Evidence, finding: Finding, client: str) -> None:
    """考生看到的时钟是准的（建议） the clock that the candidate sees is right (advice)"""
    _clock(evidence, finding, client)


def _clock(evidence: Evidence, finding: Finding, host: str) -> None:
    finding.expected = f"相差不超过 {CLOCK_SECONDS} 秒 within {CLOCK_SECONDS} s"
    finding.mend = f"prepare.yml --limit {host},localhost --tags network"
    offset = evidence.inside(host, "identity")["clock_offset_seconds"]
    if offset is None:
        raise UnknownError("没有读到时钟 the clock was not read")
    finding.actual = f"{offset:+.0f} s"
    assert abs(offset) <= CLOCK_SECONDS
