"""Filters that read what the look from the inside saw of a host's antivirus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.module_utils

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.server.antivirus import Limits, needs

DOCUMENTATION = """
name: exam_antivirus_filters
short_description: Read what was seen of a host's antivirus
description:
  - C(exam_antivirus_needs) says whether a host needs younger signatures and a scan, and what a person has to be told.
"""


def exam_antivirus_needs(
    seen: Mapping[str, Any], wanted: str, planned_start: str, signature_days: int, scan_days: int
) -> dict[str, Any]:
    """As :func:`exam_room.server.antivirus.needs`; ``planned_start`` of the session in ISO 8601."""
    ahead = (datetime.fromisoformat(planned_start) - datetime.now(UTC)).days
    found: dict[str, Any] = needs(seen, wanted, ahead, Limits(int(signature_days), int(scan_days)))
    return found


class FilterModule:
    """Makes the filters known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by its name."""
        return {"exam_antivirus_needs": exam_antivirus_needs}
