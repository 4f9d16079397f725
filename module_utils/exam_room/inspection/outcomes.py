"""The outcomes of a rule and the verdicts that follow from them, each with the sign that says it on paper (V9).

The signs are in GB 2312: every Chinese font has them, and no colour is needed to tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PASSED, FAILED, NOT_APPLICABLE, WAIVED, UNKNOWN = "passed", "failed", "not_applicable", "waived", "unknown"
OUTCOMES = (FAILED, UNKNOWN, WAIVED, PASSED, NOT_APPLICABLE)
"""From the worst to the mildest."""
DECIDING, RECOMMENDED = "deciding", "recommended"
REFUSED, UNDECIDED = "refused", "undecided"


@dataclass(frozen=True)
class Words:
    """How something is said: a sign, Chinese, English."""

    sign: str
    zh: str
    en: str


WORDS: Mapping[str, Words] = {
    PASSED: Words("√", "合格", "holds"),
    FAILED: Words("×", "不合格", "does not hold"),
    UNKNOWN: Words("？", "无法判定", "cannot tell"),
    WAIVED: Words("△", "已豁免", "waived"),
    NOT_APPLICABLE: Words("—", "不适用", "not applicable"),
}
ADVICE = Words("○", "建议改进", "advice")
"""A recommended clause that does not hold: it warns, it does not forbid."""
VERDICTS: Mapping[str, Words] = {
    PASSED: Words("√", "允许开考", "The exam may open"),
    REFUSED: Words("×", "不允许开考", "The exam may not open"),
    UNDECIDED: Words("？", "无法判定", "Cannot tell whether the exam may open"),
}


def judge(findings: Iterable[Mapping[str, Any]]) -> str:
    """passed, refused or undecided: a proven failure decides, whatever else is unknown; of nothing nobody can tell.

    ``findings`` with ``outcome`` and ``severity``; what is recommended, waived or not applicable decides nothing.
    """
    deciding = {finding["outcome"] for finding in findings if finding["severity"] == DECIDING}
    if FAILED in deciding:
        return REFUSED
    return PASSED if deciding - {NOT_APPLICABLE} and UNKNOWN not in deciding else UNDECIDED


def worst(outcomes: Iterable[str]) -> str:
    """The worst of some outcomes; not applicable where there are none."""
    found = set(outcomes)
    return next((outcome for outcome in OUTCOMES if outcome in found), NOT_APPLICABLE)
