"""What is a save, and when it happened: ChangeTime and our own eyes are evidence, the time of modification never is.

Unchanged raw material is not a candidate's work (same name, size and content), and what programs keep beside a
document while they work is activity, but no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..room.rawmaterial import Item
from ..wire import filetime
from ..wire.smbentry import Entry

ANSWER: Final = "answer"
MATERIAL: Final = "material"
TEMPORARY: Final = "temporary"

CHANGE_TIME: Final = "change_time"
SEEN: Final = "seen"

#: A server writes times a little before or after the moment at which it says it is.
_SLACK_S: Final = 2.0
_TEMPORARY: Final = re.compile(
    # Office and WPS beside an open document, Excel while saving, LibreOffice's lock, downloads, editors, the shell.
    r"(~\$.*|\.~.*|~wr[a-z]\d+\.tmp|.*\.tmp|[0-9a-f]{8}|\.~lock\..*#|.*\.(part|partial|crdownload|swp|laccdb|ldb)"
    r"|thumbs\.db|desktop\.ini|\.ds_store)",
    re.IGNORECASE,
)


class Material:
    """The raw material of the session, by name and size."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._hashes: dict[tuple[str, int], set[str]] = {}
        for item in items:
            key = (item.path.rpartition("\\")[2].casefold(), item.size)
            self._hashes.setdefault(key, set()).add(item.sha256)

    def may_hold(self, entry: Entry) -> bool:
        """Name and size are those of raw material: only then its content has to be looked at."""
        return (entry.name.casefold(), entry.size) in self._hashes

    def holds(self, entry: Entry, sha256: str) -> bool:
        """The content too."""
        return sha256 in self._hashes.get((entry.name.casefold(), entry.size), ())


def is_temporary(name: str) -> bool:
    """A file that a program keeps beside the work."""
    return bool(_TEMPORARY.fullmatch(name))


@dataclass(frozen=True)
class Seen:
    """A file as it was last seen: size, ChangeTime (FILETIME), and what it is."""

    size: int
    changed: int
    kind: str


@dataclass(frozen=True)
class Save:
    """The last save: server's seconds since 1970, path below the folder, size, and what tells the time."""

    at: float
    path: str
    size: int
    evidence: str


@dataclass
class Folder:
    """What is known of a candidate's folder. ``looked_at``: server's seconds of the last whole look, 0 for never."""

    files: dict[str, Seen] = field(default_factory=dict)
    last_save: Save | None = None
    last_activity: float = 0.0
    looked_at: float = 0.0
    missing: bool = False
    unreadable: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """Files of one kind."""
        return sum(one.kind == kind for one in self.files.values())

    @property
    def bytes(self) -> int:
        """Size of the answers."""
        return sum(one.size for one in self.files.values() if one.kind == ANSWER)


def update(
    folder: Folder,
    entries: Mapping[str, Entry],
    now: float,
    started: float | None,
    classify: Callable[[str, Entry], str],
    whole: bool = True,
) -> bool:
    """Compare a look at the folder with the last one. Returns whether anything differs.

    ``entries`` by path below the folder, files only. ``classify`` says what a changed file is; it may have to read it.
    What is missing from a look that is not ``whole`` counts as still there.
    """
    moved = False
    for path, entry in entries.items():
        before = folder.files.get(path)
        if before is not None and (before.size, before.changed) == (entry.size, entry.changed_100ns):
            continue
        moved = True
        kind = classify(path, entry)
        folder.files[path] = Seen(entry.size, entry.changed_100ns, kind)
        if started is not None:
            _note(folder, path, entry, kind, before, now, started)
    gone = folder.files.keys() - entries.keys() if whole else set()
    for path in gone:
        del folder.files[path]
    if gone and started is not None:
        folder.last_activity = now
    folder.looked_at = now
    return moved or bool(gone)


def _note(folder: Folder, path: str, entry: Entry, kind: str, before: Seen | None, now: float, started: float) -> None:
    at, evidence = _moment(entry, before, folder.looked_at, now)
    if at < started:
        return
    folder.last_activity = max(folder.last_activity, at)
    if kind == ANSWER and (folder.last_save is None or at >= folder.last_save.at):
        folder.last_save = Save(at, path, entry.size, evidence)


def _moment(entry: Entry, before: Seen | None, looked_at: float, now: float) -> tuple[float, str]:
    """When a change happened: its ChangeTime where that can be true, else when we saw it."""
    changed = filetime.to_seconds(entry.changed_100ns)
    if changed > now + _SLACK_S:
        # A program may set even this time. What we see the first time and cannot date is old until it changes.
        return (now, SEEN) if looked_at else (0.0, SEEN)
    if before is None and not looked_at:
        return changed, CHANGE_TIME
    possible = entry.changed_100ns > before.changed if before is not None else changed >= looked_at - _SLACK_S
    return (changed, CHANGE_TIME) if possible else (now, SEEN)
