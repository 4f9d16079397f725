"""V4 客户端与服务器相连，客户端之间不得建立共享，各用各的用户名登录，并映射到服务器上对应的文件夹。"""

from __future__ import annotations

import contextlib
import re

import pytest
from evidence import Evidence, Finding, UnknownError, known
from people import sids_of
from seat_trial import tried

pytestmark = [pytest.mark.clause("V4"), pytest.mark.severity("deciding")]
OFF = "未设置 off"
MAPPING = "Map the exam folder"
# What the seat's script ends with.
NOT_SAVED = {
    0: "已保存，但不在任何考生文件夹 saved, but in no candidate's folder",
    11: "没有映射的盘 no mapped drive",
    12: "映射的盘写不进 the mapped drive cannot be written",
}
MEND = "prepare.yml --limit {host},localhost --tags {tag}"


def test_client_shares_nothing(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端没有共享任何文件夹 the client shares no folder"""
    finding.expected, finding.mend = "无 none", MEND.format(host=client, tag="isolation")
    # With its file service stopped a client lists no share at all; the service is judged on its own.
    found = [share["name"] for share in evidence.inside(client, "shares") if not share["special"]]
    finding.actual = ", ".join(found) or "无 none"
    assert not found


def test_file_service_is_off(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端的文件服务已停止并禁用 the client's file service is stopped and disabled"""
    finding.expected, finding.mend = "Stopped, Disabled", MEND.format(host=client, tag="isolation")
    service = evidence.inside(client, "services")["LanmanServer"]
    if service is not None and None in (service["state"], service["start_mode"]):
        raise UnknownError("没有读到文件服务的状态 the state of the file service was not read")
    finding.actual = f"{service['state']}, {service['start_mode']}" if service else "无 none"
    assert service is None or finding.actual.casefold() == finding.expected.casefold()


def test_ports_are_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """从网络上连不到客户端的文件共享端口 nobody reaches the client's file sharing over the network"""
    finding.expected, finding.mend = "445, 139: 关闭 closed", MEND.format(host=client, tag="isolation")
    ports = evidence.outside("clients", client)["ports"]
    states = [ports["445"], ports["139"]]
    finding.actual = f"445: {states[0]}, 139: {states[1]}"
    assert "open" not in states
    if "unreachable" in states:
        raise UnknownError(finding.actual)
    if "timeout" in states:
        # A computer that is off keeps silent too: only one that answers the controller otherwise drops what knocks.
        evidence.inside(client, "identity")
    assert set(states) <= {"refused", "timeout"}


def test_firewall_is_on(evidence: Evidence, finding: Finding, client: str) -> None:
    """防火墙在所有网络类型上开启 the firewall is on for every profile"""
    finding.expected, finding.mend = "Domain, Private, Public", MEND.format(host=client, tag="isolation")
    profiles = evidence.inside(client, "firewall")
    states = {name: profiles[name]["enabled"] for name in ("Domain", "Private", "Public")}
    finding.actual = ", ".join(name for name, enabled in states.items() if enabled) or "无 none"
    assert False not in states.values()
    if None in states.values():
        # Windows leaves a profile "not configured" where no policy speaks; it is on by default, but that is not proof.
        raise UnknownError(f"未配置 not configured: {', '.join(name for name, on in states.items() if on is None)}")


def test_own_account_signs_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端用本机位的用户名自动登录，或凭密码条登录 the client signs in with its own account, or by slip"""
    by_slip = evidence.plan.get("sign_in") == "slips"
    finding.expected = OFF if by_slip else evidence.seat(client)["account"]
    finding.mend = MEND.format(host=client, tag="accounts")
    logon = evidence.inside(client, "auto_logon")
    finding.actual = str(logon["user"] if logon["enabled"] else OFF)
    assert finding.actual.casefold() == finding.expected.casefold()
    if logon["plain_password"]:
        finding.actual += "，注册表中有可读的密码 a password lies readable in the registry"
    assert not logon["plain_password"]


def test_nobody_else_is_signed_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """坐在屏幕前登录的是本机位的用户名 who is signed in at the screen is the seat's account"""
    wanted = evidence.seat(client)["account"]
    finding.expected = f"{wanted}，或无人 or nobody"
    finding.mend = "注销后用本机位的用户名登录 sign out, and in with the seat's account"
    user = evidence.inside(client, "identity")["user"]
    finding.actual = user or "无人 nobody"
    assert user is None or user.rpartition("\\")[2].casefold() == wanted.casefold()


def test_drive_is_mapped_at_sign_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """登录时映射考试文件夹 a task maps the exam folder at sign-in"""
    finding.expected, finding.mend = MAPPING, MEND.format(host=client, tag="drive_mapping")
    found = {task["name"]: task["enabled"] for task in evidence.inside(client, "tasks")}
    if found.get(finding.expected, False) is None:
        raise UnknownError("不知道任务是否启用 whether the task is enabled is not known")
    tasks = [name for name, enabled in found.items() if enabled]
    finding.actual = ", ".join(tasks) or "无 none"
    assert finding.expected in tasks


def test_mapping_leads_to_its_own_folder(evidence: Evidence, finding: Finding, client: str) -> None:
    """映射的是服务器上本机位的文件夹 what is mapped is the seat's own folder on the server"""
    finding.mend = MEND.format(host=client, tag="drive_mapping")
    account = evidence.seat(client)["account"]
    plan = evidence.plan
    folder = rf"\\{plan['server']['address']}\{plan['share']}\{account}"
    finding.expected = f"{plan['drive_letter']}: = {folder}, {account}"
    task = next((one for one in evidence.inside(client, "task_settings") if one["name"] == MAPPING), None)
    finding.actual = "无任务 no task"
    assert task is not None
    finding.actual = "; ".join(f"{one['execute']} {one['arguments']}" for one in task["actions"]) + f", {task['user']}"
    assert len(task["actions"]) == 1
    (action,) = task["actions"]
    if None in (action["execute"], action["arguments"], task["user"]):
        raise UnknownError(f"没有读到任务的内容（what the task does was not read）: {finding.actual}")
    assert action["execute"].casefold().rpartition("\\")[2] == "powershell.exe"
    told = _options(action["arguments"])
    assert told.get("path", "").casefold() == folder.casefold()
    assert told.get("letter", "").casefold() == plan["drive_letter"].casefold()
    assert told.get("file", "").casefold() == plan["mapping_script"].casefold()
    names = {account.casefold()} | {sid.casefold() for sid in sids_of(evidence, client, account)}
    assert task["user"].casefold().rpartition("\\")[2] in names
    triggers = [one["enabled"] for one in task["triggers"] if one["kind"] == "logon"]
    finding.actual += f", {len(triggers)} 个登录触发器 log-on triggers"
    if True not in triggers and None in triggers:
        raise UnknownError("不知道触发器是否启用 whether the trigger is enabled is not known")
    assert True in triggers


def test_mapping_runs_our_script(evidence: Evidence, finding: Finding, client: str) -> None:
    """映射任务运行的脚本就是本套件的脚本 what maps the folder is our script, unchanged"""
    finding.mend = MEND.format(host=client, tag="drive_mapping")
    finding.expected = evidence.plan["mapping_script_sha256"]
    script = evidence.plan["mapping_script"].casefold()
    scripts = {path.casefold(): found for path, found in evidence.inside(client, "scripts").items()}
    found = known(scripts[script])
    finding.actual = "无此文件 no such file" if found is None else found
    assert found == finding.expected


def _options(arguments: str) -> dict[str, str]:
    """The options of a PowerShell command line, by name in lower case, without their quotes."""
    found = re.findall(r'-(\w+)\s+("[^"]*"|[^\s"-][^\s"]*)', arguments)
    return {name.casefold(): value.strip('"') for name, value in found}


def test_seat_saves_into_its_own_folder(evidence: Evidence, finding: Finding, client: str) -> None:
    """试写：经映射保存的文件到了自己的文件夹 in the trial a file saved through the mapping came to its own folder"""
    account, letter = evidence.seat(client)["account"], evidence.plan["drive_letter"]
    finding.expected = f"{letter}: → {account}"
    seat = tried(evidence, finding, client)
    finding.mend = MEND.format(host=client, tag="drive_mapping")
    folders = sorted({one["folder"] for one in seat["files"]})
    if folders:
        finding.actual = f"{letter}: → {', '.join(folders)}"
        assert [one.casefold() for one in folders] == [account.casefold()]
        return
    result = seat["result"]
    finding.actual = NOT_SAVED.get(result, "")
    assert result not in NOT_SAVED
    said = "没有运行 did not run" if result is None else f"任务结果 result 0x{result & 0xFFFFFFFF:08X}"
    raise UnknownError(f"没有收到文件，原因不明 no file came, and why is not known: {seat['problem'] or said}")


def test_server_is_another_machine(evidence: Evidence, finding: Finding, client: str) -> None:
    """机器 SID 与服务器不同，否则新版 Windows 拒绝登录 the machine SID is not the server's: Windows would refuse"""
    finding.expected = "与服务器不同 not the server's"
    finding.mend = "用 Sysprep 重新生成 SID make a new SID with Sysprep"
    own, of_server = machine_sid(evidence, client), machine_sid(evidence, evidence.server)
    finding.actual = f"{own}，服务器 the server {of_server}"
    assert own != of_server


@pytest.mark.severity("recommended")
def test_machine_sid_is_its_own(evidence: Evidence, finding: Finding, client: str) -> None:
    """机器 SID 与其他客户端不同（建议） the machine SID is no other client's (advice)"""
    finding.expected = "各不相同 its own"
    finding.mend = "用 Sysprep 重新生成 SID make a new SID with Sysprep"
    own, same = machine_sid(evidence, client), []
    for other in evidence.clients:
        with contextlib.suppress(UnknownError):
            if other != client and machine_sid(evidence, other) == own:
                same.append(other)
    finding.actual = f"{own}，与 same as {', '.join(same)} 相同" if same else own
    assert not same


def machine_sid(evidence: Evidence, host: str) -> str:
    """What the SIDs of all local accounts begin with."""
    found = {user["sid"].rpartition("-")[0] for user in evidence.inside(host, "accounts")["users"] if user["sid"]}
    if len(found) != 1:
        raise UnknownError(f"{host}: 没有读到机器 SID（the machine SID was not read）")
    return str(found.pop())
