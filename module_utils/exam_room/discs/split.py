"""Spreading candidates over discs (V7): in seat order, nobody split who fits on a disc, as few discs as that allows.

Sizes are estimated before anything is sealed, never too small; what xorriso says is checked when the image is made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..collect.results import FILE, FOLDER, Entry, Owner, Table, printable
from ..errors import ExamError
from ..files import megabytes
from .image import CAPACITY, DISC_BYTES, FOLDER_BYTES, RECORD_BYTES, file_bytes

# A line of each manifest and of each table, beside the names in them.
_LINES = 1100
# A candidate: his folder and his lines.
_OWNER = FOLDER_BYTES + RECORD_BYTES + _LINES
_NAMED_AT_MOST = 10


@dataclass(frozen=True)
class Share:
    """What one disc holds: a table of its own, and for each account which part of how many it has here."""

    table: Table
    parts: dict[str, tuple[int, int]]


@dataclass
class _Filling:
    """A disc that is being filled; ``used`` in bytes, ``folders`` those it has to hold."""

    used: int
    owners: list[Owner] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def split(table: Table, medium: str, enclosed: int) -> list[Share]:
    """The discs of a table; ``enclosed`` is what lies on every disc beside the results (bytes).

    Raises ExamError naming the files that are larger than one medium, and the medium that would do.
    """
    fixed = DISC_BYTES + file_bytes(enclosed)
    _check_files(table, medium, fixed)
    capacity = CAPACITY[medium]
    discs = [_Filling(fixed)]
    of: dict[str, list[Entry]] = {owner.account: [] for owner in table.owners}
    for entry in table.entries:
        of[entry.account].append(entry)
    for owner in table.owners:
        mine = of[owner.account]
        whole = _cost(owner, mine, table)
        if discs[-1].used + whole > capacity >= fixed + whole:
            discs.append(_Filling(fixed))
        _fill(discs, owner, mine, table, capacity, fixed)
    return _shares(table, discs)


def _fill(discs: list[_Filling], owner: Owner, mine: Sequence[Entry], table: Table, capacity: int, fixed: int) -> None:
    """Put the candidate on the last disc, and on further ones what that has no room for."""
    top = table.tops[owner]
    if discs[-1].used + _cost(owner, mine[:1], table) > capacity:
        discs.append(_Filling(fixed))
    _begin(discs[-1], owner)
    for entry in mine:
        if discs[-1].used + _entry_cost(entry, top, discs[-1].folders) > capacity:
            discs.append(_Filling(fixed))
            _begin(discs[-1], owner)
        disc = discs[-1]
        disc.used += _entry_cost(entry, top, disc.folders)
        disc.entries.append(entry)
        disc.folders |= _folders(entry, top)


def _begin(disc: _Filling, owner: Owner) -> None:
    disc.used += _OWNER
    disc.owners.append(owner)


def _shares(table: Table, discs: Sequence[_Filling]) -> list[Share]:
    total = {o.account: sum(o in disc.owners for disc in discs) for o in table.owners}
    seen = dict.fromkeys(total, 0)
    shares = []
    for disc in discs:
        for owner in disc.owners:
            seen[owner.account] += 1
        tops = {owner: table.tops[owner] for owner in disc.owners}
        part = replace(table, owners=tuple(disc.owners), tops=tops, entries=tuple(disc.entries))
        shares.append(Share(part, {o.account: (seen[o.account], total[o.account]) for o in disc.owners}))
    return shares


def _folders(entry: Entry, top: str) -> set[str]:
    """Folders below the candidate's own that the entry needs, itself included."""
    inside = entry.disc.removeprefix(top + "/").split("/")
    depth = len(inside) if entry.kind == FOLDER else len(inside) - 1
    return (
        {"/".join((top, *inside[:level])) for level in range(1, depth + 1)} if entry.kind in (FILE, FOLDER) else set()
    )


def _entry_cost(entry: Entry, top: str, present: set[str]) -> int:
    """Bytes on the disc: data, records of both trees, folders not yet ``present``, lines of manifests and tables."""
    true_names = json.dumps(list(entry.parts), ensure_ascii=False).encode("utf-8", "backslashreplace")
    lines = _LINES + 2 * len(true_names) + 8 * len(entry.parts) + 4 * len(entry.disc.encode())
    cost = lines + len(_folders(entry, top) - present) * (FOLDER_BYTES + RECORD_BYTES)
    if entry.kind == FILE:
        cost += file_bytes(entry.size)
    return cost


def _cost(owner: Owner, entries: Sequence[Entry], table: Table) -> int:
    """Bytes that the candidate with these entries takes on a disc of his own."""
    top = table.tops[owner]
    cost = _OWNER
    known: set[str] = set()
    for entry in entries:
        cost += _entry_cost(entry, top, known)
        known |= _folders(entry, top)
    return cost


def _check_files(table: Table, medium: str, fixed: int) -> None:
    """Refuse files that no disc of this kind can hold."""
    tops = {owner.account: (owner, table.tops[owner]) for owner in table.owners}

    def alone(entry: Entry) -> int:
        return fixed + _cost(tops[entry.account][0], [entry], table)

    large = [entry for entry in table.files if alone(entry) > CAPACITY[medium]]
    if not large:
        return
    needed = max(alone(entry) for entry in large)
    would_do = [kind for kind, capacity in CAPACITY.items() if capacity >= needed]
    named = [printable(f"{entry.account}\\{entry.path}") for entry in large[:_NAMED_AT_MOST]]
    listed = ", ".join(named) + (f" (+{len(large) - _NAMED_AT_MOST})" if len(large) > _NAMED_AT_MOST else "")
    holds = megabytes(CAPACITY[medium])
    zh = f"一个文件不能拆开，这些文件一张 {medium.upper()}（{holds}）放不下：{listed}。"
    en = f"A file cannot be split, and one {medium.upper()} ({holds}) cannot hold: {listed}. "
    if would_do:
        raise ExamError(
            f"{zh}请改用 {would_do[0].upper()}：-e exam_medium={would_do[0]}",
            f"{en}Use a {would_do[0].upper()}: -e exam_medium={would_do[0]}",
        )
    raise ExamError(
        f"{zh}没有任何一种光盘放得下（需要 {megabytes(needed)}）。", f"{en}No medium does ({megabytes(needed)} needed)."
    )
