"""V3 服务器上有所有客户端的用户名和各自的文件夹：删除 everyone，仅该用户名可访问该文件夹。

Our reading: SYSTEM and Administrators keep access, for collecting the results.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known

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
    # Off until the room opens: that is no fault, and no proof either.
    if tried["state"] == "disabled":
        raise UnknownError(f"{account} 已停用，无从尝试（is switched off, so nothing was tried）")
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
    doors = {f"{name} {kind}": door for name, both in tried["neighbours"].items() for kind, door in both.items()}
    _shut(finding, {**doors, "share root write": tried["root"]["write"]})


def test_material_is_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """开考前读不到原始素材 the raw material cannot be read before the start"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "读不到 closed", MEND_FOLDERS
    tried = _tried(evidence, finding, account)
    _shut(finding, {f"material {kind}": tried["material"][kind] for kind in ("list", "write")})


def test_share_gives_change_and_never_full(evidence: Evidence, finding: Finding) -> None:
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


def test_server_shares_nothing_else(evidence: Evidence, finding: Finding) -> None:
    """除考试文件夹和管理共享外，服务器没有其他共享 the server shares nothing but the exam folder"""
    finding.expected, finding.mend = evidence.plan["share"], MEND_FOLDERS
    found = [one["name"] for one in evidence.outside("shares") if not ADMINISTRATIVE.fullmatch(one["name"])]
    finding.actual = ", ".join(found) or "无 none"
    assert [name.casefold() for name in found] == [evidence.plan["share"].casefold()]
