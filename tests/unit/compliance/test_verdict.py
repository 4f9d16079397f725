"""The verdict: a proven failure decides, unknown is never a pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evidence import Evidence, UnknownError, known

from exam_room.inspection.outcomes import judge


def _results(*outcomes: str, severity: str = "deciding") -> list[dict[str, str]]:
    return [{"outcome": outcome, "severity": severity} for outcome in outcomes]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (("passed", "passed"), "passed"),
        (("passed", "unknown"), "undecided"),
        (("passed", "failed"), "refused"),
        (("unknown", "failed"), "refused"),
        ((), "undecided"),
    ],
)
def test_verdict(outcomes: tuple[str, ...], verdict: str) -> None:
    assert judge(_results(*outcomes)) == verdict


def test_a_recommended_clause_does_not_decide() -> None:
    assert judge(_results("passed") + _results("failed", "unknown", severity="recommended")) == "passed"


def test_a_host_without_evidence_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownError, match="pc01"):
        Evidence(tmp_path).inside("pc01", "identity")


def test_what_could_not_be_read_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text(
        json.dumps({"schema_version": 1, "server": {"unknown": "timeout"}}), encoding="utf-8"
    )
    with pytest.raises(UnknownError, match="timeout"):
        Evidence(tmp_path).outside("server", "name")


def test_known_unwraps_a_value_that_is_empty() -> None:
    assert known({"value": []}) == []
