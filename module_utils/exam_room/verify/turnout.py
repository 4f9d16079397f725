"""Who is on the discs, who of them has no file of his own, and whether that agrees with a roster (V7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..collect.answers import Seen, seen, why_none
from ..errors import ExamError
from ..room.roster import Candidate, Group, read_groups
from ..room.session import load_session
from ..seal.bag import Fault
from .verify import Report


@dataclass(frozen=True)
class NoFile:
    """A candidate without any file beyond unchanged raw material; ``why`` is absent, blank or unknown."""

    account: str
    exam_number: str
    why: str


def without_files(report: Report) -> list[NoFile]:
    """Everybody on this disc who has no file beyond unchanged raw material, in the order of the seats.

    A candidate who is spread over several discs has files.
    """
    if report.table is None:
        return []
    known = _seen(report)
    spread = _spread(report.index)
    found = []
    for owner in report.table.owners:
        if owner.exam_number is None or owner.account in spread:
            continue
        mine = [entry for entry in report.table.entries if entry.account == owner.account]
        why = why_none(owner.account, mine, known)
        if why is not None:
            found.append(NoFile(owner.account, owner.exam_number, why))
    return found


def absent_with_files(report: Report) -> list[str]:
    """Exam numbers of those whom the journal calls absent and who have files all the same."""
    if report.table is None:
        return []
    absent = _seen(report).absent
    left = {entry.account for entry in report.table.files}
    owners = [one for one in report.table.owners if one.account in left and one.account.casefold() in absent]
    return [owner.exam_number for owner in owners if owner.exam_number]


def _spread(index: Mapping[str, Any] | None) -> set[str]:
    discs = index["discs"] if index else []
    return {one["account"] for disc in discs for one in disc["candidates"] if one.get("parts", 1) > 1}


def _accounts(report: Report) -> dict[int, str]:
    """Seat number -> account: the folders are in the order of the seats, which count from 1 (V2)."""
    if report.index is not None:
        named = [str(one["account"]) for disc in report.index["discs"] for one in disc["candidates"]]
    else:
        named = [owner.account for owner in report.table.owners] if report.table else []
    return dict(enumerate(dict.fromkeys(named), start=1))


def _seen(report: Report) -> Seen:
    return seen(report.entries, report.cutoff, _accounts(report))


def on_discs(reports: Sequence[Report]) -> set[str]:
    """The exam numbers of the session: of everybody in the index, which speaks for discs that are not here too."""
    found: set[str] = set()
    for report in reports:
        if report.index is not None:
            listed = [one["exam_number"] for disc in report.index["discs"] for one in disc["candidates"]]
        else:
            listed = [owner.exam_number for owner in report.table.owners] if report.table else []
        found |= {number for number in listed if number}
    return found


def compare_with_roster(roster: Path, exams_dir: Path, reports: Sequence[Report]) -> list[Fault]:
    """What roster and discs do not agree on. ``roster`` is a roster, or a session file that names one.

    Raises InputRefused for a file that is neither.
    """
    numbers = on_discs(reports)
    name = roster.name
    if roster.suffix.lower() in (".yml", ".yaml"):
        session = load_session(roster, exams_dir, None)
        sealed = sorted({report.session_id for report in reports} - {session.id})
        if sealed:
            said = (
                f"是场次 {session.id} 的，光盘是场次 {sealed[0]} 的",
                f"is of session {session.id}, not {sealed[0]}",
            )
            return [Fault(name, *said)]
        groups = [one for one in read_groups(session.roster.file, session.roster.sheet) if one.is_of(session.roster)]
        candidates = [candidate for group in groups for candidate in group.candidates]
    else:
        candidates = list(_likeliest(read_groups(roster), numbers, name).candidates)
    expected = {candidate.exam_number: candidate for candidate in candidates}
    if not numbers & expected.keys():
        return [
            Fault(name, "名册不是这一场的：没有一个准考证号在光盘上", "the wrong roster: nobody in it is on the discs")
        ]
    missing = [expected[number] for number in sorted(expected.keys() - numbers)]
    return [
        *(Fault(name, f"{_called(one)} 不在光盘上", f"{_called(one)} is not on the discs") for one in missing),
        *(
            Fault(name, f"光盘上的 {number} 不在名册上", f"{number} is on the discs and not in the roster")
            for number in sorted(numbers - expected.keys())
        ),
    ]


def _called(candidate: Candidate) -> str:
    return f"{candidate.exam_number} {candidate.name}"


def _likeliest(groups: Sequence[Group], numbers: set[str], name: str) -> Group:
    """The rows of the session whose candidates are on the discs."""
    if not groups:
        raise ExamError(f"{name}：名册是空的", f"{name}: the roster is empty")
    shared = [len(numbers & {one.exam_number for one in group.candidates}) for group in groups]
    best = max(shared)
    if best and shared.count(best) > 1:
        raise ExamError(
            f"{name}：同一批考生在名册里有几个场次，分不清是哪一场。请改给场次文件（session.yml）。",
            f"{name}: the same candidates are in it for several sessions. Give the session file (session.yml) instead.",
        )
    return groups[shared.index(best)]
