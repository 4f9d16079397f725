"""What a row of the cases is: a rule, and what it must say of the good room with something changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = "passed", "failed", "unknown", "not_applicable"


@dataclass(frozen=True)
class Case:
    """``changes`` as good_room.write takes them."""

    rule: str
    outcome: str
    what: str
    changes: dict[str, Any] = field(default_factory=dict)
    host: str = "pc01"

    @property
    def id(self) -> str:
        return f"{self.rule}-{self.outcome}-{self.what}".replace(" ", "_")


def rule(name: str, host: str, *rows: tuple[str, str, dict[str, Any]]) -> list[Case]:
    return [Case(name, outcome, what, changes, host) for outcome, what, changes in rows]
