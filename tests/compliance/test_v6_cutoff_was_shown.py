"""V6 考试时间一到立刻中断服务器与所有客户端的连接：考前试断连一次，看得到的证明。

The trial: the cutoff of the deadline ran against a share of its own, while every seat's account wrote to it.
"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, UnknownError, known

pytestmark = [pytest.mark.clause("V6"), pytest.mark.severity("deciding")]
AGAIN = "inspect.yml"
SERVER = "prepare.yml --limit server,localhost --tags accounts,folders"
#: A writer pauses 0.2 s between two writes; the rest is for a controller that is busy.
WRITING_MS = 3000.0


def test_trial_cut_the_account_off(evidence: Evidence, finding: Finding, client: str) -> None:
    """试断连：本机位的用户名写到截止，之后再也写不进 in the trial the account wrote until the cut, and no more"""
    finding.expected = "写到截止，断连后被拒 writes until the deadline, refused after the cut"
    finding.mend = SERVER
    account = evidence.seat(client)["account"]
    wrote = known(evidence.trial("cutoff", "writers")[account])
    gone = evidence.trial("cutoff", "record")["sessions_gone_ms"]
    finding.actual = f"最后写入 last write {_ms(wrote['last_ms'])}, {wrote['refused'] or '未被拒 not refused'}"
    assert wrote["refused"] is not None
    if gone is None:
        raise UnknownError(f"不知道断连何时完成 when the cut was done is not known: {finding.actual}")
    finding.actual += f"，断连完成 cut done {_ms(gone)}"
    assert wrote["last_ms"] <= gone
    if wrote["last_ms"] < -WRITING_MS:
        raise UnknownError(f"截止前已不在写 it had stopped before the deadline: {finding.actual}")


def _ms(moment: float | None) -> str:
    return "—" if moment is None else f"{moment:+.0f} ms"


def test_trial_cut_was_complete(evidence: Evidence, finding: Finding, server: str) -> None:
    """试断连：共享、会话、用户名都已断开，不早于截止 in the trial nothing was left on the server, and not early"""
    finding.expected = "全部断开，不早于截止 everything is cut off, not before the deadline"
    finding.mend = SERVER
    record, after = evidence.trial("cutoff", "record"), evidence.trial("cutoff", "after")
    logon = record["logon"]
    early = [name for name in ("share_removed_ms", "accounts_disabled_ms") if (record[name] or 0.0) < 0.0]
    wrong = [
        *record["problems"],
        *(["共享还在 the share is there"] if after["share"] else []),
        *(["考试共享没了 the exam share is gone"] if not after["exam_share"] else []),
        *(f"会话 session {one}" for one in after["sessions"]),
        *(f"仍启用 enabled {one}" for one in after["enabled"]),
        *([f"{logon['account']} 仍能登录 can log on"] if logon.get("refused") is False else []),
        *(f"早于截止 early: {name} {_ms(record[name])}" for name in early),
    ]
    finding.actual = "; ".join(wrong) or finding.expected
    assert not wrong
    assert record["complete"]
    if "refused" not in logon:
        raise UnknownError(f"没有试登录 no log-on was tried: {logon.get('unknown')}")


def test_trial_left_no_trace(evidence: Evidence, finding: Finding, server: str) -> None:
    """试断连后服务器上没有留下任何东西 nothing of the trial is left on the server"""
    finding.expected, finding.mend = "无 none", AGAIN
    left = evidence.trial("left")
    finding.actual = ", ".join(left) or "无 none"
    assert not left
