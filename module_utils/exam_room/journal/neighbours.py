"""What earlier sessions left in the same room: the journals of all sessions lie side by side on the controller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import ExamError
from .gates import BEGIN, END, NEVER, StepState, after, is_occupied, progress
from .journal import EVENT_CREATED, FILE_NAME, Entry, Journal, JournalBroken

# An inspection puts back what it switches on; burning reads what the controller has sealed.
_LEAVES_AS_IT_IS = ("inspect", "burn")
# A file's time is that of the kernel's last tick, or the full second on some file systems: before that of its lines.
_COARSE_S = 2.0
_DAY_S = 86400.0


@dataclass(frozen=True)
class Run:
    """How a step went when it last ran in the room, and for which session; ``result`` never: it did not."""

    session_id: str
    state: StepState


def last_run(directory: Path, room: str, step: str) -> Run:
    """The newest run of a step in this room, by the journal in ``directory`` and by those of the sessions beside it.

    A neighbour's journal that is damaged or cannot be read says nothing here; its own session will say so.
    """
    newest = Run("", StepState())
    for journal in sorted(_journals(directory), key=_written, reverse=True):
        if newest.state.at is not None and _all_older(journal, newest.state.at):
            break
        found = _run(journal.parent, room, step)
        if found is not None and (newest.state.at is None or str(found.state.at) > newest.state.at):
            newest = found
    return newest


def touched_since(directory: Path, room: str, moment: str) -> tuple[str, str] | None:
    """Session and step that another session has done to this room since ``moment`` (UTC, ISO 8601), newest first.

    None for none; inspecting and burning leave the room as it was. A journal that cannot be read is told as its
    folder's name and no step: nobody knows what it did.
    """
    newest: tuple[str, str, str] | None = None
    for journal in _others(directory):
        if _all_older(journal, moment):
            continue
        try:
            whose = _read(journal.parent)
        except (ExamError, OSError):
            return journal.parent.name, "—"
        if whose.room != room:
            continue
        for entry in whose.entries:
            if entry.event in (BEGIN, END) and entry.step not in _LEAVES_AS_IT_IS and entry.at >= moment:
                newest = max(newest or ("", "", ""), (entry.at, whose.session_id, entry.step))
    return newest[1:] if newest else None


def sits_in(directory: Path, room: str, now: datetime) -> str:
    """The other session whose candidates are in this room: let in, and not cut off yet. Empty for none.

    One that nothing was noted of for a day is over, whoever forgot to end it. A journal that cannot be read says
    nothing here; whoever opens the room hears of it (:func:`touched_since`).
    """
    for journal in _others(directory):
        if _written(journal) < now.timestamp() - _DAY_S:
            continue
        try:
            whose = _read(journal.parent)
        except (ExamError, OSError):
            continue
        if whose.room == room and is_occupied(progress(whose.entries)):
            return whose.session_id
    return ""


def _journals(directory: Path) -> Iterator[Path]:
    yield from directory.parent.glob(f"*/{FILE_NAME}")


def _others(directory: Path) -> Iterator[Path]:
    """The journals beside that of ``directory``."""
    own = directory.resolve()
    return (journal for journal in _journals(directory) if journal.parent.resolve() != own)


@dataclass(frozen=True)
class _Held:
    """What a journal holds, and of which session in which room."""

    session_id: str
    room: Any
    entries: Sequence[Entry]


def _read(directory: Path) -> _Held:
    """Raises ExamError or OSError for a journal that is damaged or cannot be read."""
    entries = Journal(directory).read().entries
    created = next((entry.data for entry in entries if entry.event == EVENT_CREATED), {})
    return _Held(str(created.get("session_id")), created.get("room"), entries)


def _all_older(journal: Path, moment: str) -> bool:
    """Whether no line of the file can be as new as the moment (UTC, ISO 8601): a line is no younger than its file."""
    return _written(journal) + _COARSE_S < datetime.fromisoformat(moment).timestamp()


def _written(journal: Path) -> float:
    try:
        return journal.stat().st_mtime
    except OSError:
        return 0.0


def _run(directory: Path, room: str, step: str) -> Run | None:
    try:
        whose = _read(directory)
    except (JournalBroken, OSError):
        return None
    state = StepState()
    for entry in whose.entries:
        # Also before a reset: what a run left on the computers, a reset does not undo.
        if entry.step == step:
            state = after(state, entry)
    if whose.room != room or state.result == NEVER:
        return None
    return Run(whose.session_id, state)
