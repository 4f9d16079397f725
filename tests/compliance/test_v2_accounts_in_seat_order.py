"""V2 机房内每台电脑按次序分别添加单独的用户名。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError

pytestmark = [pytest.mark.clause("V2"), pytest.mark.severity("deciding")]
MEND = "prepare.yml --limit {host},localhost --tags accounts"


def test_seat_order(evidence: Evidence, finding: Finding) -> None:
    """用户名按机位次序且互不相同 accounts follow the seats and differ"""
    finding.expected = "与机位同序 in the order of the seats"
    accounts = [seat["account"] for seat in sorted(evidence.seats, key=lambda seat: seat["number"])]
    finding.actual = ", ".join(accounts)
    assert len({account.casefold() for account in accounts}) == len(accounts)
    assert accounts == sorted(accounts)


def test_account_of_the_client(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端上有本机位的用户名且已启用 the client has the account of its seat, switched on"""
    wanted = evidence.seat(client)["account"]
    finding.expected, finding.mend = wanted, MEND.format(host=client)
    users = evidence.inside(client, "accounts")["users"]
    enabled = [user["name"] for user in users if user["disabled"] is False]
    finding.actual = ", ".join(enabled) or "无 none"
    if any(user["disabled"] is None and user["name"].casefold() == wanted.casefold() for user in users):
        raise UnknownError(f"没有读到 {wanted} 是否启用（not read whether {wanted} is switched on）")
    assert wanted.casefold() in {name.casefold() for name in enabled}


def test_no_other_seat_account(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端上没有其他机位的用户名 the client has no other seat's account"""
    others = {seat["account"].casefold() for seat in evidence.seats} - {evidence.seat(client)["account"].casefold()}
    finding.expected, finding.mend = "无 none", MEND.format(host=client)
    found = [user["name"] for user in evidence.inside(client, "accounts")["users"] if user["name"].casefold() in others]
    finding.actual = ", ".join(found) or "无 none"
    assert not found


def test_account_is_no_administrator(evidence: Evidence, finding: Finding, client: str) -> None:
    """考生用户名不是管理员 the candidate's account is no administrator"""
    wanted = evidence.seat(client)["account"]
    finding.expected, finding.mend = f"没有 {wanted}（without {wanted}）", MEND.format(host=client)
    found = [member["name"] for member in evidence.inside(client, "accounts")["administrators"]]
    # Windows keeps its built-in administrator in the group: an empty list was not read.
    if not found:
        raise UnknownError("没有读到管理员 the administrators were not read")
    finding.actual = ", ".join(found)
    assert wanted.casefold() not in {name.casefold() for name in found}
