"""What counts as found, and what as a false alarm."""

from __future__ import annotations

from typing import Any

import pytest

from sabotage.case import Case, allowed, harmless, judge
from sabotage.cases import CASES
from sabotage.door import Door


def finding(where: str, outcome: str = "failed", rule: str = "a rule") -> dict[str, Any]:
    clause, host = where.split()
    return {"clause": clause, "host": host, "rule": rule, "outcome": outcome, "actual": "something"}


BEFORE = [finding("V8 pc01"), finding("V1 pc02", "passed"), finding("V3 pc02", "passed")]


def case(*also: str) -> Case:
    return Case("V1", "pc02", "another workgroup", Door.nothing, allowed(*also))


def test_the_right_clause_on_the_right_host_is_found() -> None:
    judged = judge(case(), BEFORE, [*BEFORE, finding("V1 pc02")])
    assert (judged.missed, judged.false_alarms, judged.right) == (False, (), True)


@pytest.mark.parametrize("where", ["V1 pc01", "V3 pc02", "V1 server"])
def test_another_host_or_clause_is_missed_and_a_false_alarm(where: str) -> None:
    judged = judge(case(), BEFORE, [*BEFORE, finding(where)])
    assert judged.missed
    assert [alarm.split(":")[0] for alarm in judged.false_alarms] == [where]


def test_what_was_said_of_the_clean_room_is_not_counted_again() -> None:
    assert judge(case(), BEFORE, BEFORE).missed
    assert judge(harmless("pc02", "nothing", Door.nothing), BEFORE, BEFORE).right


def test_what_follows_from_a_tampering_may_be_named_but_does_not_count_as_found() -> None:
    assert judge(case("V3 pc02"), BEFORE, [finding("V1 pc02"), finding("V3 pc02")]).right
    assert judge(case("V3 pc02"), BEFORE, [finding("V3 pc02")]).missed


def test_what_can_no_longer_be_told_is_an_alarm_on_a_host_that_nobody_touched() -> None:
    after = [finding("V1 pc02"), finding("V3 pc02", "unknown"), finding("V3 pc03", "unknown")]
    assert [alarm.split(":")[0] for alarm in judge(case(), BEFORE, after).false_alarms] == ["V3 pc03"]


def test_a_harmless_difference_must_raise_nothing() -> None:
    assert not judge(harmless("pc02", "a letter", Door.nothing), BEFORE, [*BEFORE, finding("V1 pc02")]).right


def test_there_are_cases_enough_of_every_clause() -> None:
    """At least 60 over all clauses, and 10 harmless differences; each can be told from the others."""
    tampered = [one for one in CASES if one.clause]
    assert len(tampered) >= 60
    assert len(CASES) - len(tampered) >= 10
    assert {one.clause for one in tampered} == {f"V{number}" for number in range(1, 9)}
    assert len({(one.clause, one.host, one.what) for one in CASES}) == len(CASES)
