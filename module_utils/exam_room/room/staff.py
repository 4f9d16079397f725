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

    def words(self, candidates: int) -> tuple[str, str]:
        """What is wanted for so many candidates, Chinese and English."""
        odd = ("，单数", ", an odd number") if self.odd else ("", "")
        return f"至少 {self.needed(candidates)} 名{odd[0]}", f"at least {self.needed(candidates)}{odd[1]}"

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {"candidates_each": self.candidates_each, "at_least": self.at_least, "odd": self.odd}


def ratio_of(data: Mapping[str, Any] | None) -> Ratio | None:
    """The ratio that an exam file or a plan sets; None where it sets none."""
    if data is None:
        return None
    return Ratio(data["candidates_each"], data.get("at_least", 1), data.get("odd", False))


_STAFF = {"assessors": ("R2", "考评员", "assessors"), "invigilators": ("R3", "监考员", "invigilators")}


def shortages(session: Mapping[str, Any], candidates: int) -> list[tuple[str, str]]:
    """Where a session, as it stands in plans, names fewer people than its exam wants: a line each, for people."""
    found = []
    for role, (rule, zh, en) in _STAFF.items():
        ratio, people = ratio_of(session["exam"].get(role)), len(session["staff"][role])
        if ratio and not ratio.enough(people, candidates):
            wanted = ratio.words(candidates)
            found.append(
                (
                    f"{rule}：{zh} {people} 名，考生 {candidates} 名，应{wanted[0]}",
                    f"{rule}: {people} {en} for {candidates} candidates, wanted are {wanted[1]}",
                )
            )
    return found
