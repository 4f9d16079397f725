"""Two inspections of a room side by side: what is better, worse, new or gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .outcomes import FAILED, NOT_APPLICABLE, PASSED, UNKNOWN, WAIVED

BETTER, WORSE, NEW, GONE = "better", "worse", "new", "gone"
KINDS = (WORSE, NEW, BETTER, GONE)
WORDS: Mapping[str, tuple[str, str]] = {
    WORSE: ("变差", "worse"),
    NEW: ("新增", "new"),
    BETTER: ("变好", "better"),
    GONE: ("不再检查", "gone"),
}
_RANK = {PASSED: 0, NOT_APPLICABLE: 0, WAIVED: 1, UNKNOWN: 2, FAILED: 3}

Key = tuple[str, str, str]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What has changed from the verdict ``before`` to the verdict ``after``.

    ``{"before", "after"}`` have inspected_at and verdict of each; ``better`` and ``worse`` list what was judged both
    times, ``new`` what was not judged before, ``gone`` what is not judged any more (a computer that left the room).
    Each has clause, rule, host, was and is (outcomes, null where there is none) and actual, as found last.
    """
    old, new = _by_key(before), _by_key(after)
    changes: dict[str, Any] = {
        name: {"inspected_at": one.get("inspected_at"), "verdict": one.get("verdict")}
        for name, one in (("before", before), ("after", after))
    }
    listed: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for key, finding in new.items():
        if key not in old:
            listed[NEW].append(_change(None, finding))
        elif difference := _rank(finding) - _rank(old[key]):
            listed[WORSE if difference > 0 else BETTER].append(_change(old[key], finding))
    listed[GONE] = [_change(finding, None) for key, finding in old.items() if key not in new]
    return changes | listed


def _by_key(verdict: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    return {
        (str(one["clause"]), str(one.get("test") or one["rule"]), str(one["host"])): one for one in verdict["findings"]
    }


def _rank(finding: Mapping[str, Any]) -> int:
    return _RANK.get(str(finding["outcome"]), _RANK[UNKNOWN])


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    last = new or old or {}
    return {
        "clause": last["clause"],
        "rule": last["rule"],
        "host": last["host"],
        "was": old["outcome"] if old else None,
        "is": new["outcome"] if new else None,
        "actual": last["actual"],
    }


def summary(changes: Mapping[str, Any]) -> tuple[str, str]:
    """How many of each kind, Chinese and English."""
    return (
        "，".join(f"{WORDS[kind][0]} {len(changes[kind])} 项" for kind in KINDS),
        ", ".join(f"{len(changes[kind])} {WORDS[kind][1]}" for kind in KINDS),
    )
