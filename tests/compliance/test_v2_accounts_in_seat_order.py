"""V2 机房内每台电脑按次序分别添加单独的用户名。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError
from people import administrators, guest_is_on

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
    found = administrators(evidence, finding, client)
    assert wanted.casefold() not in {member["name"].casefold() for member in found}
    # Everyone, INTERACTIVE and the like: whoever signs in would be an administrator.
    assert all(member["user"] for member in found)


def test_guest_is_off(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端的来宾账户已停用 the client's guest account is switched off"""
    finding.mend = MEND.format(host=client)
    assert not guest_is_on(evidence, finding, client)


@pytest.mark.severity("recommended")
def test_nobody_else_can_sign_in(evidence: Evidence, finding: Finding, client: str) -> None:
    """除本机位的用户名和管理员外，客户端没有其他启用的用户名（建议） no other account is switched on (advice)"""
    finding.expected = "无 none"
    finding.mend = "停用或删除该用户名 switch that account off or remove it"
    accounts = evidence.inside(client, "accounts")
    expected = {evidence.seat(client)["account"].casefold()}
    expected |= {member["name"].casefold() for member in accounts["administrators"]}
    others = [user for user in accounts["users"] if user["name"].casefold() not in expected]
    found = [user["name"] for user in others if user["disabled"] is False]
    finding.actual = ", ".join(found) or "无 none"
    assert not found
    if any(user["disabled"] is None for user in others):
        raise UnknownError("没有读到用户名是否启用 not read whether an account is switched on")


def _no_account(account: str) -> UnknownError:
    """What the server lacks altogether is another clause's finding."""
    return UnknownError(f"服务器上没有 {account}，见 V3 the server lacks it")


def test_signs_in_on_the_server(evidence: Evidence, finding: Finding, client: str) -> None:
    """用户名能用自己的密码登录服务器 the account signs in to the server with its own password"""
    account = evidence.seat(client)["account"]
    finding.expected, finding.mend = "能登录 it does", "prepare.yml --tags accounts"
    tried = evidence.outside("tries", account)
    finding.actual = " ".join(filter(None, (tried["state"], tried.get("status"))))
    # Off until the room opens: that is no fault, and no proof either.
    if tried["state"] == "disabled":
        raise UnknownError(f"{account} 已停用，无从尝试（is switched off, so nothing was tried）")
    if tried["state"] == "refused" and evidence.outside("accounts", "seats", account) is None:
        raise _no_account(account)
    assert tried["state"] != "refused"


def test_password_is_its_own(evidence: Evidence, finding: Finding, client: str) -> None:
    """各用户名的密码互不相同 no two accounts have one password"""
    account = evidence.seat(client)["account"]
    finding.expected = "互不相同 all differ"
    finding.mend = "修改保密变量后 prepare.yml --tags accounts change the secret variables, then prepare"
    same = [other for group in evidence.plan["same_passwords"] if account in group for other in group]
    finding.actual = f"{', '.join(same)} 相同 the same" if same else finding.expected
    assert not same


@pytest.mark.severity("recommended")
def test_made_in_seat_order(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器上的用户名按机位次序添加（建议） the server's accounts were added in the order of the seats (advice)"""
    finding.expected = "与机位同序 in the order of the seats"
    finding.mend = "在服务器上删除考生用户名后 remove the seats' accounts on the server, then " + MEND.format(
        host=server
    )
    accounts = evidence.outside("accounts", "seats")
    ordered = [seat["account"] for seat in sorted(evidence.seats, key=lambda seat: seat["number"])]
    made = sorted(
        (name for name in ordered if accounts[name]), key=lambda name: int(accounts[name]["sid"].rpartition("-")[2])
    )
    finding.actual = ", ".join(made) or "无 none"
    assert made == [name for name in ordered if accounts[name]]


@pytest.mark.severity("recommended")
def test_password_lasts(evidence: Evidence, finding: Finding, client: str) -> None:
    """考生不能改密码，密码不过期（建议） the candidate cannot change the password, and it does not expire (advice)"""
    finding.expected = "不能更改、不过期 neither"
    finding.mend = MEND.format(host="server")
    name = evidence.seat(client)["account"]
    account = evidence.outside("accounts", "seats", name)
    if account is None:
        raise _no_account(name)
    wrong = {
        "可以更改 may change": account["may_change_password"],
        "会过期 expires": not account["password_never_expires"],
    }
    finding.actual = ", ".join(text for text, is_so in wrong.items() if is_so) or finding.expected
    assert not any(wrong.values())
