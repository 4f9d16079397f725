"""The clauses of the regulation as data: their own words, how we read them, whether they may be waived.

The data lies beside the rules (tests/compliance/clauses.yml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..room import yamlfile

FILE = "clauses.yml"
SCHEMA_VERSION = 1
VERDICT_CLAUSE = "V9"
"""The clause that is the verdict itself: what is below V1 to V8 may not open."""
_FOLLOWS, _NEVER = "follows", "never"


@dataclass(frozen=True)
class Clause:
    """One clause. ``data`` as in the file: id, title, words, readings, judged, waivable."""

    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def waivable(self) -> bool:
        return bool(self.data.get("waivable", False))

    @property
    def follows(self) -> bool:
        """Whether it holds when all others hold, and no rule has to judge it."""
        return bool(self.data.get("judged") == _FOLLOWS)

    @property
    def never(self) -> Mapping[str, str] | None:
        """Why it never judges a room, in both languages; None for one that does."""
        return self.data["reason"] if self.data.get("judged") == _NEVER else None


@dataclass(frozen=True)
class Clauses:
    """All clauses, in their order, and the documents that they stand in."""

    sources: Mapping[str, Any]
    all: tuple[Clause, ...]

    def __contains__(self, name: object) -> bool:
        return any(clause.id == name for clause in self.all)

    def __getitem__(self, name: str) -> Clause:
        return next(clause for clause in self.all if clause.id == name)

    @property
    def waivable(self) -> list[str]:
        return [clause.id for clause in self.all if clause.waivable]


@lru_cache(maxsize=1)
def load(rules: Path) -> Clauses:
    """The clauses beside the rules in the folder ``rules``. Raises ExamError when they cannot be read."""
    data = yamlfile.load(rules / FILE).data
    if not isinstance(data, dict) or data.get("schema_version") != SCHEMA_VERSION:
        raise ExamError(
            f"{rules / FILE} 的 schema_version 须为 {SCHEMA_VERSION}。",
            f"The schema_version of {rules / FILE} has to be {SCHEMA_VERSION}.",
        )
    return Clauses(data["sources"], tuple(Clause(one) for one in data["clauses"]))
