"""R1 至 R3：考核时间、考评员与监考员的配备。"""

from __future__ import annotations

import pytest
from evidence import Evidence, Finding, NotApplicable, UnknownError

from exam_room.room.staff import ratio_of

pytestmark = [pytest.mark.severity("deciding")]
MEND = "修改场次文件 change the session file"


@pytest.mark.clause("R1")
def test_duration(evidence: Evidence, finding: Finding) -> None:
    """考核时间符合规范 the exam takes the time that it has to"""
    finding.expected = "按该考试的规定 as the exam asks"
    session = evidence.plan["session"]
    rule, seconds = session["exam"]["duration"]["rule"], session["exam"]["duration"]["seconds"]
    wanted = {
        "exact": f"{seconds // 60} 分钟 min",
        "minimum": f"不少于 at least {seconds // 60} 分钟 min",
        "free": "不限 any",
    }
    finding.expected, finding.mend = wanted[rule], MEND
    planned = session["duration_seconds"]
    finding.actual = f"{planned / 60:g} 分钟 min"
    assert rule == "free" or planned == seconds or (rule == "minimum" and planned > seconds)


def enough(evidence: Evidence, finding: Finding, staff: str) -> bool:
    """Whether the session names as many people as its exam wants for its candidates; NotApplicable if it wants none."""
    finding.expected = "按该考试的规定 as the exam asks"
    session = evidence.plan["session"]
    named, candidates = session["staff"][staff], evidence.plan["candidates"]
    finding.mend = MEND
    finding.actual = f"{len(named)} 名，考生 {candidates} 名 for {candidates} candidates"
    ratio = ratio_of(session["exam"][staff])
    if ratio is None:
        raise NotApplicable("该考试不要求 this exam asks for none")
    finding.expected = " ".join(ratio.words(candidates))
    if candidates < 1:
        raise UnknownError("计划中没有考生 the plan has no candidates")
    return ratio.enough(len(named), candidates)


@pytest.mark.clause("R2")
def test_assessors(evidence: Evidence, finding: Finding) -> None:
    """考评员人数符合规范 there are enough assessors"""
    assert enough(evidence, finding, "assessors")


@pytest.mark.clause("R3")
def test_invigilators(evidence: Evidence, finding: Finding) -> None:
    """监考员人数符合规范 there are enough invigilators"""
    assert enough(evidence, finding, "invigilators")
