"""What Find-ExamLeftover.ps1 returned through win_powershell, or why nothing came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

NO_ANSWER: Final = "没有回答\nno answer"


def answer(result: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """The object that the script put out, or None and why."""
    output = result.get("output")
    if result.get("failed") or result.get("unreachable") or not output:
        return None, str(result.get("msg") or NO_ANSWER)
    found: Mapping[str, Any] = output[0]
    return found, ""


def besides(result: Mapping[str, Any], what: str) -> tuple[Any, str]:
    """What another script has seen in the same process: ``disc`` or ``programs``; or None and why."""
    found, why = answer(result)
    if found is None:
        return None, why
    seen = found[what]
    if seen is None or seen["report"] is None:
        return None, str((seen or {}).get("error") or NO_ANSWER)
    return seen["report"], ""
