"""V3 服务器上有所有客户端的用户名和各自的文件夹：删除 everyone，仅该用户名可访问该文件夹。

Our reading: SYSTEM and Administrators keep access, for collecting the results.
"""

from __future__ import annotations

from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known

pytestmark = [pytest.mark.clause("V3"), pytest.mark.severity("deciding")]
MEND_ACCOUNTS = "prepare.yml --limit server,localhost --tags accounts"
MEND_FOLDERS = "prepare.yml --limit server,localhost --tags folders"
# What Full has over Change: WRITE_DAC, WRITE_OWNER and GENERIC_ALL (MS-DTYP 2.4.3).
MORE_THAN_CHANGE = 0x100C0000
ADMINISTRATORS = "S-1-5-32-544"


def _door(door: dict[str, Any]) -> str:
    if "unknown" in door:
        raise UnknownError(door["unknown"])
    return str(door["answer"])


def test_server_has_the_account(evidence: Evidence, finding: Finding, client: str) -> None:
    """服务器上有该机位的用户名 the server has the seat's account"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = account, MEND_ACCOUNTS
    found = evidence.outside("accounts")["seats"][account]
    finding.actual = "无 none" if found is None else f"{account} {found['sid']}"
    assert found is not None
    assert not found["locked"], "the account is locked out"


def test_folder_is_for_its_account_only(evidence: Evidence, finding: Finding, client: str) -> None:
    """文件夹的权限只有该用户名、SYSTEM 和 Administrators the folder's access list is exactly these"""
    account = evidence.seat(client)["account"]
    folder = evidence.outside("folders", "seats", account)
    finding.mend = MEND_FOLDERS
    finding.expected = f"{account}, SYSTEM, Administrators"
    finding.actual = "无文件夹 no folder" if folder is None else str(folder)
    assert folder is not None
    if folder["exact"] is None:
        raise UnknownError("服务器上没有该用户名 no such account on the server")
    assert folder["exact"]


def test_own_folder_opens(evidence: Evidence, finding: Finding, client: str) -> None:
    """用该用户名登录能读写自己的文件夹 the account can read and write its own folder"""
    account = evidence.seat(client)["account"]
    tried = evidence.outside("tries", account)
    finding.expected, finding.actual, finding.mend = "可读写 open", tried["state"], MEND_FOLDERS
    assert tried["state"] == "in"
    finding.actual = _door(tried["own"])
    assert finding.actual == "open"


def test_other_folders_stay_shut(evidence: Evidence, finding: Finding, client: str) -> None:
    """用该用户名登录进不了别人的文件夹 the account cannot enter another's folder"""
    account = evidence.seat(client)["account"]
    tried = evidence.outside("tries", account)
    finding.expected, finding.actual, finding.mend = "拒绝 refused", tried["state"], MEND_FOLDERS
    assert tried["state"] == "in"
    doors = {f"{name} {kind}": _door(door) for name, both in tried["neighbours"].items() for kind, door in both.items()}
    doors["share root write"] = _door(tried["root"]["write"])
    opened = [name for name, answer in doors.items() if answer == "open"]
    finding.actual = ", ".join(opened) or "拒绝 refused"
    assert not opened


def test_material_is_closed(evidence: Evidence, finding: Finding, client: str) -> None:
    """开考前读不到原始素材 the raw material cannot be read before the start"""
    account = evidence.seat(client)["account"]
    tried = evidence.outside("tries", account)
    finding.expected, finding.actual, finding.mend = "读不到 closed", tried["state"], MEND_FOLDERS
    assert tried["state"] == "in"
    finding.actual = _door(tried["material"]["list"])
    assert finding.actual != "open"


def test_share_gives_change_and_never_full(evidence: Evidence, finding: Finding) -> None:
    """共享权限：考生只有“更改”，没有 Everyone the share gives seats Change, and Everyone nothing"""
    share = next((one for one in evidence.outside("shares") if one["name"] == evidence.plan["share"]), None)
    accounts = evidence.outside("accounts")["seats"]
    finding.mend = MEND_FOLDERS
    finding.expected = "每个用户名：更改 Change; Administrators: 完全控制 Full"
    finding.actual = "无共享 no share" if share is None else str(share["permissions"])
    assert share is not None
    entries = known(share["permissions"])
    if entries is None:
        raise UnknownError("没有读到共享权限 the share's permissions were not read")
    allowed = {entry["sid"]: int(entry["mask"], 16) for entry in entries if entry["kind"] == "allow"}
    seats = {account["sid"] for account in accounts.values() if account}
    assert set(allowed) == seats | {ADMINISTRATORS}
    assert not any(allowed[sid] & MORE_THAN_CHANGE for sid in seats)


def test_server_shares_nothing_else(evidence: Evidence, finding: Finding) -> None:
    """除考试文件夹和管理共享外，服务器没有其他共享 the server shares nothing but the exam folder"""
    finding.expected, finding.mend = evidence.plan["share"], MEND_FOLDERS
    found = [one["name"] for one in evidence.outside("shares") if not one["special"]]
    finding.actual = ", ".join(found)
    assert found == [evidence.plan["share"]]
