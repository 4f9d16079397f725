"""Collects what is wrong with one input, so that a person mends everything in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import InputRefused, Problem

Rule = tuple[str, str]
"""What is wrong and what would be right, Chinese and English."""

SHOWN = 100
"""More problems than this are counted, not listed: the input is of the wrong kind as a whole."""


class ProblemList:
    """The problems of one file, in the order they were found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, rule: Rule, *, row: int | None = None, field: str | None = None) -> None:
        self.problems.append(Problem(self.file, row, field, rule[0], rule[1]))

    def refuse(self) -> None:
        """Raise InputRefused if anything was found."""
        if self.problems:
            raise InputRefused(shortened(self.problems))


def shortened(problems: Sequence[Problem]) -> Iterable[Problem]:
    """The first SHOWN problems, and one more that counts the rest."""
    rest = len(problems) - SHOWN
    if rest <= 0:
        return problems
    more = Problem(problems[-1].file, None, None, f"另有 {rest} 处问题未列出", f"{rest} more problems not listed")
    return [*problems[:SHOWN], more]


def refusal(file: str, zh: str, en: str, *, row: int | None = None, field: str | None = None) -> InputRefused:
    """One problem that stops all further reading of the file."""
    return InputRefused([Problem(file, row, field, zh, en)])
