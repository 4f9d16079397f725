"""What a look at the server's burner returned, as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ansible.module_utils

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.clean.searches import besides
from ansible.module_utils.exam_room.discs.discreport import evidence

DOCUMENTATION = """
name: exam_burner_filters
short_description: Read what a look at the burner returned
description:
  - C(exam_with_burner) puts what the search for left-overs returned of the burner, which it looked at besides, into the
    evidence.
"""


def exam_with_burner(
    documents: Mapping[str, Mapping[str, Any]], hostvars: Mapping[str, Mapping[str, Any]], server: str
) -> dict[str, dict[str, Any]]:
    """The evidence ``documents`` by host with the section ``burner``, which the server has in ``clean_seen``."""
    found = {host: {**document} for host, document in documents.items()}
    if server in found:
        found[server]["burner"] = burner(hostvars[server].get("clean_seen", {}))
    return found


def burner(result: Mapping[str, Any]) -> dict[str, Any]:
    """``value`` or ``unknown`` as :func:`exam_room.discs.discreport.evidence` says; ``result`` of win_powershell."""
    report, why = besides(result, "disc")
    if report is None:
        return {"unknown": why}
    found: dict[str, Any] = evidence(report)
    return found


class FilterModule:
    """Makes the filters known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by its name."""
        return {"exam_with_burner": exam_with_burner}
