"""From the outcome of each rule to the verdict: what conftest.py collects while pytest runs the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence import Evidence, NotApplicable, UnknownError

from exam_room.inspection import clauses, verdict, waivers
from exam_room.inspection.outcomes import FAILED, NOT_APPLICABLE, PASSED, UNKNOWN
from exam_room.journal.journal import stamp, utc_now

RULES = Path(__file__).parent


def one_line(text: str) -> str:
    """A text of several lines, such as an error in both languages, on one."""
    return " ".join(text.split("\n"))


@dataclass
class Judging:
    """One run of the rules over one folder of evidence; ``left_out``: why not every rule was judged."""

    evidence: Evidence
    findings: list[dict[str, Any]] = field(default_factory=list)
    left_out: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)

    def outcome(self, error: BaseException | None) -> tuple[str, str]:
        """The outcome of a rule that ended so, and the reason, on one line, where it could not or need not judge."""
        if error is None:
            return PASSED, ""
        if isinstance(error, AssertionError):
            return FAILED, ""
        if isinstance(error, NotApplicable | UnknownError):
            return (NOT_APPLICABLE if isinstance(error, NotApplicable) else UNKNOWN), one_line(str(error))
        asked = self.evidence.asked[-1] if self.evidence.asked else {"document": "plan.json", "section": ""}
        place = " ".join(part for part in (asked["document"], asked["section"]) if part)
        if isinstance(error, KeyError):
            return UNKNOWN, f"{place} 中缺少 {error}（{place} lacks {error}）"
        # A document of another shape than expected is no proof of anything.
        return UNKNOWN, f"{place} 的内容出乎意料（{place} is not as expected）: {error!r}"

    def end(self) -> None:
        """Make the verdict."""
        findings, plan, waived = list(self.findings), {}, []
        if self.left_out:
            findings.append(verdict.unjudged("V9", "全部规则都已判定 every rule was judged", self.left_out))
        try:
            plan = self.evidence.plan
            self.evidence.check_room()
            document = self.evidence.waivers
            waived = waivers.from_document(document) if document is not None else []
        except (UnknownError, LookupError, TypeError) as error:
            findings.append(verdict.unjudged("V9", "证据可以读懂 the evidence can be read", self.outcome(error)[1]))
        documents = verdict.digests(self.evidence.folder)
        self.verdict = verdict.build(findings, plan, clauses.load(RULES), waived, documents, stamp(utc_now()))
