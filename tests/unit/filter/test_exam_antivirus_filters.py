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
        "update": False,
        "scan": scan,
        "told": "",
    }
    assert set(filters.FilterModule().filters()) == {"exam_antivirus_needs"}
