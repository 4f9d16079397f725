"""What a look at the burner returned, or did not, as evidence."""

from __future__ import annotations

import dataclasses
from typing import Any

import exam_burner_filters as filters
import pytest

from unit.discs.test_discreport import GOOD


def test_what_the_script_returned_is_evidence() -> None:
    """Whatever else PowerShell has put out before it."""
    found = filters.exam_burner({"output": ["noise", dataclasses.asdict(GOOD)]})
    assert (found["value"]["medium"], found["value"]["wrong"]) == ("DVD+R", "")


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"failed": True, "msg": "the process ended"}, "the process ended"),
        ({"failed": True, "msg": "half-way", "output": [dataclasses.asdict(GOOD)]}, "half-way"),
        ({"unreachable": True, "msg": "timed out"}, "timed out"),
        ({"output": []}, "no answer"),
        ({}, "no answer"),
        ({"output": ["noise"]}, "cannot be understood"),
    ],
)
def test_what_did_not_answer_is_unknown(result: dict[str, Any], why: str) -> None:
    found = filters.exam_burner(result)
    assert set(found) == {"unknown"}
    assert why in found["unknown"]
