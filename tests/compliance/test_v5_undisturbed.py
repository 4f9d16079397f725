"""V5 系统干净：考试不被更新、重启、睡眠、消息打断，机位不能用移动存储带入文件。

The source names none of them. That removable storage is closed is our stricter reading of 只允许保留开考模块的原始素材
文件: a stick brings what V5 wants gone. The others are advice.
"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, NotApplicable, UnknownError
from people import sids_of

from exam_room.look.policies import USER_POLICIES, concerned

pytestmark = [pytest.mark.clause("V5")]
MEND = "ansible-playbook -i ROOM playbooks/prepare.yml --tags quiet"
WAITS = {"servicing": "Windows 组件 components", "updates": "Windows 更新 updates"}


def holds(evidence: Evidence, finding: Finding, host: str, purpose: str) -> None:
    """Every policy of that purpose is as wanted; a site that does not want it is not judged."""
    mine = concerned(client=host != evidence.plan["server"]["host"])
    wanted = dict.fromkeys(f"{one.zh} {one.en}" for one in mine if one.purpose == purpose)
    finding.expected, finding.mend = "；".join(wanted), MEND
    if purpose not in evidence.plan["quiet"]:
        finding.expected = finding.actual = f"本站不要求 not wanted by the site (quiet_purposes: {purpose})"
        return
    asked = [one for one in evidence.inside(host, "policies") if one["purpose"] == purpose]
    if not asked:
        raise UnknownError(f"没有读到这类策略（no such policy was read）: {purpose}")
    all_set(finding, asked)


def all_set(finding: Finding, asked: list[dict[str, Any]]) -> None:
    wrong = [one for one in asked if not one["found_is_wanted"]]
    finding.actual = (
        "；".join(
            f"{one['zh']} {one['en']}: {one['name']} {'未设 not set' if one['found'] is None else one['found']}"
            for one in wrong
        )
        or "均已设好 all set"
    )
    assert not wrong


@pytest.mark.severity("recommended")
def test_no_update_disturbs(evidence: Evidence, finding: Finding, host: str) -> None:
    """更新不自动安装，考试时段不自动重启（建议） no update installs itself or restarts during the day (advice)"""
    holds(evidence, finding, host, "updates")


@pytest.mark.severity("recommended")
def test_no_restart_is_pending(evidence: Evidence, finding: Finding, host: str) -> None:
    """没有等待重启的更新、安装或改名（建议） no update, installation or new name waits for a restart (advice)"""
    finding.expected = "无待重启 nothing waits"
    finding.mend = f"重启 {host} 后再检查 restart {host}, then inspect again"
    found = evidence.inside(host, "restart_pending")
    waits = [text for name, text in WAITS.items() if found[name]]
    names = (found["name"], found["next_name"])
    renamed = None in names or names[0].casefold() != names[1].casefold()
    if renamed and None not in names:
        waits.append(f"改名 new name: {names[0]} → {names[1]}")
    # Left by browsers, antivirus and uninstallers; they ask for no restart.
    files = "（有文件待改名，无妨 files to be renamed, harmless）" if found["file_renames"] else ""
    finding.actual = ("；".join(waits) or finding.expected) + files
    assert not waits
    if renamed:
        raise UnknownError("没有读到计算机名 the computer's name was not read")


@pytest.mark.severity("recommended")
def test_stays_awake(evidence: Evidence, finding: Finding, host: str) -> None:
    """接电源和用电池时都不睡眠（建议） it stays awake on mains and on battery (advice)"""
    holds(evidence, finding, host, "sleep")


@pytest.mark.severity("recommended")
def test_no_message_disturbs(evidence: Evidence, finding: Finding, client: str) -> None:
    """系统消息不打扰考生（建议） no message of the system disturbs the candidate (advice)"""
    holds(evidence, finding, client, "notifications")


@pytest.mark.severity("recommended")
def test_no_program_disturbs(evidence: Evidence, finding: Finding, client: str) -> None:
    """机位账户没有屏幕保护和程序通知（建议） neither screen saver nor messages of programs disturb (advice)"""
    wanted = [one for one in USER_POLICIES if one.purpose in evidence.plan["quiet"]]
    finding.expected = "；".join(f"{one.zh} {one.en}" for one in wanted)
    finding.mend = f"{MEND}（机位登录后 when the seat is signed in）"
    if not wanted:
        finding.expected = finding.actual = "本站不要求 not wanted by the site (quiet_purposes)"
        return
    account = evidence.seat(client)["account"]
    sids = sids_of(evidence, client, account)
    mine = [one["policies"] for one in evidence.inside(client, "user_policies") if one["sid"] in sids]
    if not mine and evidence.plan["sign_in"] == "slips":
        raise NotApplicable("考生凭条登录，检查时无人登录 candidates sign in by slip, nobody is yet")
    if not mine:
        raise UnknownError(f"{account} 未登录，读不到 is not signed in, so nothing can be read")
    names = {one.name for one in wanted}
    asked = [one for one in mine[0] if one["name"] in names]
    if len(asked) < len(wanted):
        raise UnknownError("没有读到机位账户的策略 the policies of the seat's account were not read")
    all_set(finding, asked)


@pytest.mark.severity("deciding")
def test_removable_storage_is_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """机位禁用移动存储（比规范更严） removable storage is closed at the seats (stricter than the source)"""
    holds(evidence, finding, client, "removable_storage")
