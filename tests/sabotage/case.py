"""What a case is, and whether an inspection said just what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sabotage.door import Door

Where = tuple[str, str]
Tampering = Callable[[Door], AbstractContextManager[None]]


@dataclass(frozen=True)
class Case:
    """A tampering, and the clause and host that an inspection must name; ``also`` is what it may name besides."""

    clause: str
    host: str
    what: str
    tamper: Tampering
    also: frozenset[Where] = frozenset()

    @property
    def wanted(self) -> Where | None:
        """None for what must raise nothing."""
        return (self.clause, self.host) if self.clause else None


def harmless(host: str, what: str, tamper: Tampering) -> Case:
    """A difference that must raise nothing."""
    return Case("", host, what, tamper)


def allowed(*where: str) -> frozenset[Where]:
    """What may be named besides, each as "V3 pc01"."""
    return frozenset((clause, host) for clause, _, host in (one.partition(" ") for one in where))


@dataclass(frozen=True)
class Judged:
    """What came of a case. ``missed``: the clause was not named; ``false_alarms``: others were, with what was said."""

    case: Case
    missed: bool
    false_alarms: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.missed and not self.false_alarms


def accused(findings: Iterable[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What an inspection holds against the room: failed rules, by clause, host and rule."""
    return {(one["clause"], one["host"], one["rule"]): one for one in findings if one["outcome"] == "failed"}


def doubted(findings: Iterable[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """What it could not tell."""
    return {(one["clause"], one["host"], one["rule"]) for one in findings if one["outcome"] == "unknown"}


def judge(case: Case, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Judged:
    """Compare an inspection ``after`` the tampering with one of the clean room.

    What can no longer be told because of the tampering is no accusation on the host that was tampered with, and one on
    any other.
    """
    named = {key: one for key, one in accused(after).items() if key not in accused(before)}
    expected = {case.wanted, *case.also}
    wrong = [
        f"{clause} {host}: {rule} | {one['actual']}"
        for (clause, host, rule), one in named.items()
        if (clause, host) not in expected
    ]
    hosts = {where[1] for where in expected if where}
    wrong += [
        f"{clause} {host}: {rule} | 无法判定 unknown"
        for clause, host, rule in sorted(doubted(after) - doubted(before) - accused(before).keys())
        if host not in hosts
    ]
    missed = case.wanted is not None and case.wanted not in {(clause, host) for clause, host, _ in named}
    return Judged(case, missed, tuple(wrong))
