"""What the role asks of a host's antivirus, by the day of the session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import exam_antivirus_filters as filters
import pytest


@pytest.mark.parametrize(("days", "scan"), [(2.5, False), (3.5, True)])
def test_age_counts_on_the_day_of_the_session(days: float, scan: bool) -> None:
    planned = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    defender = {"enabled": True, "signature_age_days": 3, "scan_age_days": 5}
    seen: dict[str, Any] = {"value": {"defender": defender, "products": None}}
    assert filters.exam_antivirus_needs(seen, "required", planned, 30, 7) == {
        "signatures": False,
        "scan": scan,
        "told": "",
    }
    assert set(filters.FilterModule().filters()) == {"exam_antivirus_needs"}


def test_templates_can_read_every_key_with_a_dot() -> None:
    """In Jinja ``found.update`` would be the method of the dict, and true."""
    found = filters.exam_antivirus_needs({"unknown": "x"}, "required", "2027-06-19T09:00:00+08:00", 30, 7)
    assert not set(found) & set(dir(dict))
