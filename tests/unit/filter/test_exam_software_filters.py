"""What a list of programs returned, or did not, as evidence."""

from __future__ import annotations

from typing import Any

import exam_software_filters as filters
import pytest


def listed(name: str | None, view: str = "64", **changes: Any) -> dict[str, Any]:
    given = {"key": "{1}", "version": None, "publisher": " ", "component": None, "update": False}
    return {**given, "name": name, "view": view, **changes}


def seen(programs: Any, error: str = "") -> dict[str, Any]:
    return {
        "output": [{"programs": {"report": programs if programs is None else {"programs": programs}, "error": error}}]
    }


def test_what_windows_shows_is_evidence() -> None:
    programs = [
        listed("b", version="2"),
        listed("A", view="32", publisher="p"),
        listed(None),
        listed("part", component="1"),
        listed("no part", component="0"),
        listed("patch", update=True),
    ]
    documents: dict[str, Any] = {"pc01": {"host": "pc01"}}
    given = filters.exam_with_software(documents, {"pc01": {"clean_seen": seen(programs)}})
    assert given["pc01"]["host"] == "pc01"
    assert given["pc01"]["software"]["value"] == [
        {"name": "A", "version": None, "publisher": "p", "view": "32", "key": "{1}"},
        {"name": "b", "version": "2", "publisher": None, "view": "64", "key": "{1}"},
        {"name": "no part", "version": None, "publisher": None, "view": "64", "key": "{1}"},
    ]


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"failed": True, "msg": "the process ended"}, "the process ended"),
        ({"unreachable": True, "msg": "timed out"}, "timed out"),
        ({"output": []}, "no answer"),
        ({}, "no answer"),
        ({"output": [{"programs": None}]}, "no answer"),
        (seen(None, "Requested registry access is not allowed."), "not allowed"),
        (seen([]), "no list of installed programs"),
        # Without any for all users, the list is not whole.
        (seen([listed("own", view="user")]), "no list of installed programs"),
        (seen("noise"), "not expected"),
        (seen([{"view": "64"}]), "not expected"),
    ],
)
def test_what_did_not_answer_is_unknown(result: dict[str, Any], why: str) -> None:
    found = filters.exam_with_software({"pc01": {}}, {"pc01": {"clean_seen": result}})["pc01"]["software"]
    assert set(found) == {"unknown"}
    assert why in found["unknown"]


def test_a_computer_that_was_not_searched_is_unknown() -> None:
    assert "unknown" in filters.exam_with_software({"pc01": {}}, {"pc01": {}})["pc01"]["software"]
