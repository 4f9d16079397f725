"""Whose files are answers of his own, and why somebody has none (V7): 缺考, 空白卷 or 原因不明.

One rule for the slips that candidates sign and for whoever verifies the disc years later: it needs nothing but the
table, the journal and the record of the cutoff that were sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..journal.gates import is_done, this_sitting
from ..journal.journal import Entry as Line
from ..journal.sitting import sitting
from .results import FILE, Entry

ABSENT, BLANK, UNKNOWN = "absent", "blank", "unknown"
NAMES = {ABSENT: ("缺考", "absent"), BLANK: ("空白卷", "a blank paper"), UNKNOWN: ("原因不明", "unknown why")}
MATERIAL = "material"
"""The step of the journal's note of the raw material that was laid ready: ``files``, each with its ``sha256``."""


@dataclass(frozen=True)
class Seen:
    """What journal and cutoff record tell; accounts in lower case."""

    absent: frozenset[str]
    """Who the journal says is absent."""
    present: frozenset[str]
    """Who was signed in when the room was opened or cut, ended early, or was moved."""
    material: frozenset[str] | None
    """SHA-256 of the files of the raw material; None where the journal has no note of it."""


def seen(entries: Sequence[Line], cutoff: Mapping[str, Any], accounts: Mapping[int, str]) -> Seen:
    """From the sealed journal and record of the cutoff; ``accounts``: seat number -> account."""
    now = sitting(entries)
    named = {number: account.casefold() for number, account in accounts.items()}
    seats = [one for one in cutoff.get("seats", []) if isinstance(one, dict)]
    present = {str(one.get("account")).casefold() for one in seats if one.get("connected")}
    present |= {named[number] for number in (*now.ended, *now.moved) if number in named}
    material: set[str] | None = None
    for entry in this_sitting(entries):
        if entry.step == "open" and is_done(entry):
            present |= {str(one).casefold() for one in entry.data.get("connected", [])}
        elif entry.step == MATERIAL:
            material = (material or set()) | {str(one["sha256"]) for one in entry.data.get("files", [])}
    absent = {named[number] for number in now.absent if number in named}
    return Seen(frozenset(absent), frozenset(present), None if material is None else frozenset(material))


def is_material(entry: Entry, known: Seen) -> bool:
    """Whether the file is an unchanged piece of the raw material."""
    return known.material is not None and entry.sha256 in known.material


def why_none(account: str, entries: Iterable[Entry], known: Seen) -> str | None:
    """Why the candidate has no file of his own among ``entries``, his part of the table; None when he has one.

    Blank is who was there, or left anything at all in his folder, a copy of the raw material for instance.
    """
    held = list(entries)
    if any(entry.kind == FILE and not is_material(entry, known) for entry in held):
        return None
    if account.casefold() in known.absent:
        return ABSENT
    return BLANK if held or account.casefold() in known.present else UNKNOWN
