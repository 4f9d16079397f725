"""What a look at the burner returned, or did not, as evidence."""

from __future__ import annotations

import dataclasses
from typing import Any

import exam_burner_filters as filters
import pytest

from unit.discs.test_discreport import GOOD

REPORT = dataclasses.asdict(GOOD)


def seen(report: Any, error: str = "") -> list[dict[str, Any]]:
    return [{"disc": {"report": report, "error": error}}]


def test_what_the_look_returned_is_evidence() -> None:
    found = filters.burner({"output": seen(REPORT)})
    assert (found["value"]["medium"], found["value"]["wrong"]) == ("DVD+R", "")


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"failed": True, "msg": "the process ended"}, "the process ended"),
        ({"failed": True, "msg": "half-way", "output": seen(REPORT)}, "half-way"),
        ({"unreachable": True, "msg": "timed out"}, "timed out"),
        ({"output": []}, "no answer"),
        ({}, "no answer"),
        ({"output": [{"disc": None}]}, "no answer"),
        ({"output": seen(None, "Add-Type failed")}, "Add-Type failed"),
        ({"output": seen("noise")}, "cannot be understood"),
    ],
)
def test_what_did_not_answer_is_unknown(result: dict[str, Any], why: str) -> None:
    found = filters.burner(result)
    assert set(found) == {"unknown"}
    assert why in found["unknown"]


def test_only_the_server_has_a_burner() -> None:
    documents: dict[str, Any] = {"server": {"host": "server"}, "pc01": {"host": "pc01"}}
    given = filters.exam_with_burner(
        documents, {"server": {"clean_seen": {"output": seen(REPORT)}}, "pc01": {}}, "server"
    )
    assert given["server"]["burner"]["value"]["medium"] == "DVD+R"
    assert given["pc01"] == {"host": "pc01"}
    assert filters.exam_with_burner({"pc01": {}}, {"server": {}, "pc01": {}}, "server") == {"pc01": {}}
    assert "unknown" in filters.exam_with_burner(documents, {"server": {}}, "server")["server"]["burner"]
