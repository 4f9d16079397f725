"""What a look at the server's burner returned, as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ansible.module_utils

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.discs.discreport import evidence

DOCUMENTATION = """
name: exam_burner_filters
short_description: Read what a look at the burner returned
description:
  - C(exam_burner) makes evidence of what the search for left-overs returned of the burner that it looked at besides.
"""

_NO_ANSWER = "没有回答\nno answer"


def exam_burner(result: Mapping[str, Any]) -> dict[str, Any]:
    """``value`` or ``unknown`` as :func:`exam_room.discs.discreport.evidence` says; ``result`` of win_powershell."""
    output = result.get("output")
    if result.get("failed") or result.get("unreachable") or not output:
        return {"unknown": str(result.get("msg") or _NO_ANSWER)}
    seen = output[0]["disc"]
    if seen is None or seen["report"] is None:
        return {"unknown": str((seen or {}).get("error") or _NO_ANSWER)}
    found: dict[str, Any] = evidence(seen["report"])
    return found


class FilterModule:
    """Makes the filters known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by its name."""
        return {"exam_burner": exam_burner}
