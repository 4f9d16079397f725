"""The one family of exceptions that helpers raise and a module's main() turns into fail_json."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ExamError(Exception):
    """Something a technician or invigilator has to be told, in both languages, Chinese first."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, where it stands, and what would be right.

    ``row`` counts as the person sees it in the file, from 1 and including the header; ``field`` is the column
    or key as written in the file.
    """

    file: str
    row: int | None
    field: str | None
    zh: str
    en: str

    def lines(self) -> tuple[str, str]:
        """The problem as one Chinese and one English line, each starting with the place."""
        zh_place = self.file + (f" 第{self.row}行" if self.row else "") + (f" [{self.field}]" if self.field else "")
        en_place = self.file + (f" row {self.row}" if self.row else "") + (f" [{self.field}]" if self.field else "")
        return f"{zh_place}: {self.zh}", f"{en_place}: {self.en}"


class InputRefused(ExamError):
    """Input that is refused before any host is touched; carries every problem found, not the first only."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [problem.lines() for problem in self.problems]
        super().__init__("\n".join(zh for zh, _ in lines), "\n".join(en for _, en in lines))
