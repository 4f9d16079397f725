"""What the trial showed of one seat, for the rules on its mapping (V4) and on collecting (V7)."""

from __future__ import annotations

from typing import Any

from evidence import Evidence, Finding, NotApplicable, UnknownError, known

NOBODY = "无人 nobody"


def tried(evidence: Evidence, finding: Finding, client: str) -> dict[str, Any]:
    """The seat's part of the trial; UnknownError where it could not try, and what to do then.

    Where candidates sign in by slip nobody can be signed in before the exam: NotApplicable, and the report says that
    it was not tried.
    """
    seat: dict[str, Any] = known(evidence.trial("seats", "hosts")[client])
    if not seat["started"]:
        account = evidence.seat(client)["account"]
        user = seat["user"] or NOBODY
        if seat["user"] is None and evidence.plan.get("sign_in") == "slips":
            raise NotApplicable(
                f"考生凭密码条登录，现在无人登录，没有试；要试请先登录 {account} "
                f"(candidates sign in by slip, nobody has: not tried; to try, sign in as {account})"
            )
        finding.mend = (
            f"在该机登录 {account}（或重新启动）后再检查 sign in as {account} there, or restart it; inspect again"
        )
        raise UnknownError(
            f"没有试：{account} 没有登录，现在登录的是 not tried, {account} is not signed in but: {user}"
        )
    return seat


def file_of(seat: dict[str, Any]) -> dict[str, Any] | None:
    """The file that the seat saved in the folder of its own account; None where there is none."""
    return next((one for one in seat["files"] if one["folder"].casefold() == seat["account"].casefold()), None)
