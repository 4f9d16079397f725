"""V3 服务器上有所有客户端的用户名和各自的文件夹：删除 everyone，仅该用户名可访问该文件夹。

Our reading: SYSTEM and Administrators keep access, for collecting the results.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known
from people import administrators, guest_is_on

pytestmark = [pytest.mark.clause("V3"), pytest.mark.severity("deciding")]
MEND_ACCOUNTS = "prepare.yml --limit server,localhost --tags accounts"
MEND_FOLDERS = "prepare.yml --limit server,localhost --tags folders"
CHANGE = 0x1301BF
# What Full has over Change: WRITE_DAC, WRITE_OWNER and GENERIC_ALL (MS-DTYP 2.4.3).
MORE_THAN_CHANGE = 0x100C0000
ADMINISTRATORS = "S-1-5-32-544"
EVERYONE = "S-1-1-0"
# The shares that Windows makes by itself; a hidden share that somebody made is none of them.
ADMINISTRATIVE = re.compile(r"(?:[A-Z]|ADMIN|IPC|PRINT|FAX)\$", re.IGNORECASE)


def _tried(evidence: Evidence, finding: Finding, account: str) -> dict[str, Any]:
    """What the account met; who could not log on has tried no door, which proves nothing about the doors."""
    tried: dict[str, Any] = evidence.outside("tries", account)
    finding.actual = tried["state"]
    if tried["state"] != "in":
        raise UnknownError(f"{account} 未能登录，无从尝试（could not log on, so nothing was tried）: {tried['state']}")
    return tried


def _shut(finding: Finding, doors: dict[str, dict[str, Any]]) -> None:
    """No door is open. An open one decides, whatever the others say; one without an answer is unknown."""
    opened = [name for name, door in doors.items() if door.get("answer") == "open"]
    finding.actual = ", ".join(opened) or finding.expected
    assert not opened
    for name, door in doors.items():
        if "answer" not in door:
            raise UnknownError(f"{name}: {door.get('unknown')}")


def _lets_others_in(evidence: Evidence, account: str) -> bool:
    """Whether the access list of the account's folder is known not to be as it has to be."""
    try:
        folder = evidence.outside("folders", "seats", account)
    except UnknownError:
        return False
    return folder is not None and folder["exact"] is False


def test_server_has_the_account(evidence: Evidence, finding: Finding, client: str) -> None:
    """服务器上有该机位的用户名 the server has the seat's account"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = account, MEND_ACCOUNTS
    found = evidence.outside("accounts", "seats", account)
    finding.actual = "无 none" if found is None else f"{account} {found['sid']}"
    assert found is not None
    if found["locked"]:
        finding.actual += "，已锁定 locked out"
    assert not found["locked"]


def test_folder_is_for_its_account_only(evidence: Evidence, finding: Finding, client: str) -> None:
    """文件夹的权限只有该用户名、SYSTEM 和 Administrators the folder's access list is exactly these"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = f"{account}, SYSTEM, Administrators", MEND_FOLDERS
    folder = evidence.outside("folders", "seats", account)
    finding.actual = "无文件夹 no folder" if folder is None else folder["sddl"]
    assert folder is not None
    if folder["exact"] is None:
        raise UnknownError("服务器上没有该用户名 no such account on the server")
    assert folder["exact"]


def test_own_folder_opens(evidence: Evidence, finding: Finding, client: str) -> None:
    """用该用户名登录能读写自己的文件夹 the account can read and write its own folder"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "可读写 open", MEND_FOLDERS
    tried = evidence.outside("tries", account)
    finding.actual = tried["state"]
    # Off until the room opens, or refused, which V2 judges: no proof of anything here.
    if tried["state"] in ("disabled", "refused"):
        raise UnknownError(f"{account} 未能登录，无从尝试（could not log on, so nothing was tried）: {tried['state']}")
    assert tried["state"] == "in"
    if "answer" not in tried["own"]:
        raise UnknownError(str(tried["own"].get("unknown")))
    finding.actual = tried["own"]["answer"]
    assert finding.actual == "open"


def test_other_folders_stay_shut(evidence: Evidence, finding: Finding, client: str) -> None:
    """用该用户名登录进不了别人的文件夹 the account cannot enter another's folder"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "拒绝 refused", MEND_FOLDERS
    tried = _tried(evidence, finding, account)
    # A folder whose access list lets others in is that seat's finding, above.
    neighbours = {name: both for name, both in tried["neighbours"].items() if not _lets_others_in(evidence, name)}
    doors = {f"{name} {kind}": door for name, both in neighbours.items() for kind, door in both.items()}
    _shut(finding, {**doors, "share root write": tried["root"]["write"]})


def test_material_is_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """开考前读不到原始素材 the raw material cannot be read before the start"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "读不到 closed", MEND_FOLDERS
    tried = _tried(evidence, finding, account)
    _shut(finding, {f"material {kind}": tried["material"][kind] for kind in ("list", "write")})


def test_share_gives_change_and_never_full(evidence: Evidence, finding: Finding, server: str) -> None:
    """共享权限：考生只有“更改”，没有 Everyone the share gives seats Change, and Everyone nothing"""
    finding.expected = "每个用户名：更改 Change; Administrators: 完全控制 Full"
    finding.mend = MEND_FOLDERS
    name = evidence.plan["share"].casefold()
    share = next((one for one in evidence.outside("shares") if one["name"].casefold() == name), None)
    finding.actual = "无共享 no share" if share is None else str(share["permissions"])
    assert share is not None
    entries = known(share["permissions"])
    if entries is None:
        raise UnknownError("没有读到共享权限 the share's permissions were not read")
    allowed: dict[str, int] = {}
    for entry in entries:
        if entry["kind"] == "allow":
            allowed[entry["sid"]] = allowed.get(entry["sid"], 0) | int(entry["mask"], 16)
    assert EVERYONE not in allowed
    seats = {account["sid"] for account in evidence.outside("accounts", "seats").values() if account}
    assert set(allowed) == seats | {ADMINISTRATORS}
    assert all(allowed[sid] & CHANGE == CHANGE for sid in seats)
    assert not any(allowed[sid] & MORE_THAN_CHANGE for sid in seats)


def test_server_shares_nothing_else(evidence: Evidence, finding: Finding, server: str) -> None:
    """除考试文件夹和管理共享外，服务器没有其他共享 the server shares nothing but the exam folder"""
    finding.expected, finding.mend = evidence.plan["share"], MEND_FOLDERS
    found = [one["name"] for one in evidence.outside("shares") if not ADMINISTRATIVE.fullmatch(one["name"])]
    finding.actual = ", ".join(found) or "无 none"
    assert [name.casefold() for name in found] == [evidence.plan["share"].casefold()]


def test_folder_above_gives_nothing(evidence: Evidence, finding: Finding, server: str) -> None:
    """上级文件夹只让考生列出和通过，不往下传权限 the folder above lets seats list and pass, and hands nothing down"""
    finding.expected, finding.mend = "每个用户名只读、不继承 each account, itself only", MEND_FOLDERS
    _exact(finding, evidence.outside("folders", "root"))


def test_material_waits_closed(evidence: Evidence, finding: Finding, server: str) -> None:
    """原始素材放在考生进不去的地方，权限只有考生读 the raw material waits closed, for seats to read only"""
    finding.expected, finding.mend = "未开放 closed", "prepare.yml --limit server,localhost --tags material"
    material = evidence.outside("folders", "material")
    finding.actual = material["state"]
    # A session may have none; that its units have what they need is V5.
    assert material["state"] in ("closed", "absent")
    if material["state"] == "closed":
        _exact(finding, material["closed"])


def _exact(finding: Finding, folder: dict[str, Any] | None) -> None:
    finding.actual = "无文件夹 no folder" if folder is None else folder["sddl"]
    assert folder is not None
    if folder["exact"] is None:
        raise UnknownError("服务器上缺用户名，无从比较 accounts are missing on the server, nothing to compare with")
    assert folder["exact"]


def test_account_is_no_administrator_of_the_server(evidence: Evidence, finding: Finding, client: str) -> None:
    """考生用户名在服务器上不是管理员 the candidate's account is no administrator of the server"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = f"没有 {account}（without {account}）", MEND_ACCOUNTS
    found = administrators(evidence, finding, evidence.server)
    assert account.casefold() not in {member["name"].casefold() for member in found}


def test_no_group_is_administrator_of_the_server(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器的管理员中没有 Everyone 之类的组 no group such as Everyone is an administrator of the server"""
    finding.expected = "只有用户 users only"
    finding.mend = "从管理员组中移除该组 remove that group from Administrators"
    assert all(member["user"] for member in administrators(evidence, finding, server))


def test_guest_is_off_on_the_server(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器的来宾账户已停用 the server's guest account is switched off"""
    finding.mend = "停用来宾账户 switch the guest account off"
    assert not guest_is_on(evidence, finding, server)


def test_nobody_comes_in_without_proof(evidence: Evidence, finding: Finding, server: str) -> None:
    """文件服务要求签名和加密，不用 SMB 1 the file service wants signing and encryption, and no SMB 1"""
    finding.expected, finding.mend = "签名 signing, 加密 encryption, SMB 1 关 off", MEND_FOLDERS
    seen = evidence.inside(server, "smb_server")
    wanted = {"signing_required": True, "encrypt": True, "reject_unencrypted": True, "smb1": False}
    wrong = [f"{name} = {seen[name]}" for name, value in wanted.items() if seen[name] is (not value)]
    finding.actual = ", ".join(wrong) or finding.expected
    assert not wrong
    unread = [name for name in wanted if seen[name] is None]
    if unread:
        raise UnknownError(f"没有读到（not read）: {', '.join(unread)}")
