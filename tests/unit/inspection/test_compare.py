"""Two inspections side by side."""

from __future__ import annotations

from typing import Any

import pytest

from exam_room.inspection.compare import BETTER, GONE, NEW, WORSE, compare, summary


def verdict(**outcomes: str) -> dict[str, Any]:
    """A verdict with one rule on each host."""
    findings = [
        {"clause": "V1", "test": "t::one", "rule": "规则", "host": host, "outcome": outcome, "actual": "x"}
        for host, outcome in outcomes.items()
    ]
    return {"inspected_at": "2027-06-19T00:30:00.000Z", "verdict": "passed", "findings": findings}


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("passed", "failed", WORSE),
        ("passed", "unknown", WORSE),
        ("unknown", "failed", WORSE),
        ("waived", "failed", WORSE),
        ("failed", "passed", BETTER),
        ("failed", "unknown", BETTER),
        ("failed", "waived", BETTER),
        ("unknown", "not_applicable", BETTER),
    ],
)
def test_what_is_better_and_what_is_worse(was: str, now: str, kind: str) -> None:
    changes = compare(verdict(pc01=was, pc02="passed"), verdict(pc01=now, pc02="passed"))
    assert [(one["host"], one["was"], one["is"]) for one in changes[kind]] == [("pc01", was, now)]
    assert sum(len(changes[other]) for other in (WORSE, NEW, BETTER, GONE)) == 1


def test_a_computer_that_came_and_one_that_left() -> None:
    changes = compare(verdict(pc01="failed"), verdict(pc02="failed"))
    assert [(one["host"], one["was"]) for one in changes[NEW]] == [("pc02", None)]
    assert [(one["host"], one["is"]) for one in changes[GONE]] == [("pc01", None)]
    assert summary(changes)[0] == "变差 0 项，新增 1 项，变好 0 项，不再检查 1 项"


def test_what_stayed_as_it_was_is_not_told() -> None:
    changes = compare(verdict(pc01="failed"), verdict(pc01="failed"))
    assert not any(changes[kind] for kind in (WORSE, NEW, BETTER, GONE))
