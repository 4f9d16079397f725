"""Who is who on a host: what the rules on accounts ask of the evidence in more than one file."""

from __future__ import annotations

from typing import Any

from evidence import Evidence, Finding, UnknownError

_GUEST = "-501"


def administrators(evidence: Evidence, finding: Finding, host: str) -> list[dict[str, Any]]:
    """The members of Administrators; named to the inspector. Who is no user stands for many, and is marked."""
    found: list[dict[str, Any]] = evidence.inside(host, "accounts")["administrators"]
    # Windows keeps its built-in administrator in the group: an empty list was not read.
    if not found:
        raise UnknownError("没有读到管理员 the administrators were not read")
    finding.actual = ", ".join(one["name"] + ("" if one["user"] else "（组 a group）") for one in found)
    return found


def guest_is_on(evidence: Evidence, finding: Finding, host: str) -> bool:
    """Whether the built-in guest (RID 501, whatever it is called) is on; UnknownError where that was not read."""
    finding.expected = "已停用 off"
    users = evidence.inside(host, "accounts")["users"]
    if not users:
        raise UnknownError("没有读到用户名 the accounts were not read")
    guests = [user for user in users if (user["sid"] or "").endswith(_GUEST)]
    on = [user["name"] for user in guests if user["disabled"] is False]
    finding.actual = f"{', '.join(on)} 已启用 on" if on else finding.expected
    if not on and any(user["disabled"] is None for user in guests):
        raise UnknownError("没有读到来宾账户是否启用 not read whether the guest account is on")
    return bool(on)


def sids_of(evidence: Evidence, host: str, account: str) -> set[str]:
    """The SIDs of the local accounts of that name, as far as they were read; one or none."""
    users = evidence.inside(host, "accounts")["users"]
    return {user["sid"] for user in users if user["name"].casefold() == account.casefold() and user["sid"]}
