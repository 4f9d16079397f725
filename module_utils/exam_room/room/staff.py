"""How many people an exam needs in its room (R2, R3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """One person takes ``candidates_each`` candidates; never fewer than ``at_least``; ``odd`` raises an even number."""

    candidates_each: int
    at_least: int = 1
    odd: bool = False

    def needed(self, candidates: int) -> int:
        """The least number of people for so many candidates."""
        number = max(self.at_least, -(-candidates // self.candidates_each))
        return number + 1 if self.odd and number % 2 == 0 else number

    def enough(self, people: int, candidates: int) -> bool:
        """Whether so many will do."""
        return people >= self.needed(candidates) and not (self.odd and people % 2 == 0)

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {"candidates_each": self.candidates_each, "at_least": self.at_least, "odd": self.odd}


def ratio_of(data: Mapping[str, Any] | None) -> Ratio | None:
    """The ratio that an exam file or a plan sets; None where it sets none."""
    if data is None:
        return None
    return Ratio(data["candidates_each"], data.get("at_least", 1), data.get("odd", False))
