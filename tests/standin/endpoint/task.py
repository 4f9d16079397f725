"""What a module model gets and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .host import Host

Result = dict[str, Any]


class ModuleFailure(Exception):
    """The task fails with this message; ``details`` go into the result."""

    def __init__(self, msg: str, **details: Any) -> None:
        super().__init__(msg)
        self.details = details


@dataclass(frozen=True)
class Task:
    """A checked module call. ``args`` has every documented option, None where nothing was given."""

    module: str
    args: dict[str, Any]
    check_mode: bool = False
    diff_mode: bool = False


Model = Callable[[Host, Task], Result]


def with_diff(result: Result, task: Task, before: Any, after: Any) -> Result:
    """The result with what changed, if the task asked to see it."""
    if task.diff_mode:
        result["diff"] = {"before": before, "after": after}
    return result
