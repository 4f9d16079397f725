"""What a list of installed programs returned, as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ansible.module_utils

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.clean.searches import besides
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look.programs import of_list

DOCUMENTATION = """
name: exam_software_filters
short_description: Read what a list of installed programs returned
description:
  - C(exam_with_software) puts what the search for left-overs returned of the installed programs, which it listed
    besides, into the evidence.
"""


def exam_with_software(
    documents: Mapping[str, Mapping[str, Any]], hostvars: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The evidence ``documents`` by host with the section ``software``, which each host has in ``clean_seen``."""
    return {
        host: {**document, "software": software(hostvars[host].get("clean_seen", {}))}
        for host, document in documents.items()
    }


def software(result: Mapping[str, Any]) -> dict[str, Any]:
    """``value`` as exam_room.look.facts says, or ``unknown`` and why; ``result`` of win_powershell."""
    report, why = besides(result, "programs")
    if report is None:
        return {"unknown": why}
    try:
        return {"value": of_list(report)}
    except ExamError as error:
        return {"unknown": str(error)}
    except (LookupError, TypeError, AttributeError) as error:
        return {"unknown": f"回答的内容出乎意料：{error!r}\nan answer that was not expected: {error!r}"}


class FilterModule:
    """Makes the filters known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by its name."""
        return {"exam_with_software": exam_with_software}
