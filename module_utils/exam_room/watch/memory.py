"""What the watch must not forget when the controller's process dies: state.json beside the board.

Without it a watch that is started again would know no connection that was lost before, and could date no change that
happened while it was dead by more than the file's own ChangeTime.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..files import told, write_atomic
from .board import FOLDER, json_bytes
from .presence import Presence
from .saves import Folder, Save, Seen

FILE: Final = "state.json"
VERSION: Final = 1


@dataclass
class Memory:
    """By account. ``clock``: server time minus this machine's monotonic clock when the watch began, and the boot."""

    presences: dict[str, Presence] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    started_at: str | None = None
    clock: float | None = None
    boot_id: str = ""

    def of(self, accounts: Iterable[str], started_at: str | None) -> Memory:
        """The memory for these accounts in the sitting that started then; of another sitting nothing is kept."""
        if self.started_at not in (None, started_at):
            return Memory(started_at=started_at).of(accounts, started_at)
        names = list(accounts)
        return Memory(
            {name: self.presences.get(name, Presence()) for name in names},
            {name: self.folders.get(name, Folder()) for name in names},
            started_at,
            self.clock,
            self.boot_id,
        )

    def shift(self, seconds: float, started_at: str | None) -> None:
        """The same moments by a clock that was set by so much."""
        self.started_at = started_at
        for known in self.presences.values():
            known.since, known.first, known.lost_at = (
                None if moment is None else moment + seconds for moment in (known.since, known.first, known.lost_at)
            )
        for folder in self.folders.values():
            if folder.last_save is not None:
                folder.last_save = replace(folder.last_save, at=folder.last_save.at + seconds)
            folder.last_activity += seconds if folder.last_activity else 0.0
            folder.looked_at += seconds if folder.looked_at else 0.0


def load(session_directory: Path) -> Memory:
    """What was kept; an empty memory when there is nothing, or nothing that can be read."""
    try:
        data = json.loads((session_directory / FOLDER / FILE).read_bytes())
        if data["version"] != VERSION:
            return Memory()
        return Memory(
            {name: _presence(one) for name, one in data["presences"].items()},
            {name: _folder(one) for name, one in data["folders"].items()},
            data["started_at"],
            data["clock"],
            data["boot_id"],
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Memory()


def save(session_directory: Path, memory: Memory) -> None:
    """Keep it, in one step."""
    path = session_directory / FOLDER / FILE
    data = {
        "version": VERSION,
        "started_at": memory.started_at,
        "clock": memory.clock,
        "boot_id": memory.boot_id,
        "presences": {name: asdict(one) for name, one in memory.presences.items()},
        "folders": {name: _of_folder(one) for name, one in memory.folders.items()},
    }
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json_bytes(data), 0o640)


def _presence(data: Mapping[str, Any]) -> Presence:
    return Presence(**{**data, "addresses": tuple(data["addresses"])})


def _of_folder(folder: Folder) -> dict[str, Any]:
    return {
        "files": {path: [one.size, one.changed, one.kind] for path, one in folder.files.items()},
        "last_save": None if folder.last_save is None else asdict(folder.last_save),
        "last_activity": folder.last_activity,
        "looked_at": folder.looked_at,
    }


def _folder(data: Mapping[str, Any]) -> Folder:
    return Folder(
        files={path: Seen(*one) for path, one in data["files"].items()},
        last_save=None if data["last_save"] is None else Save(**data["last_save"]),
        last_activity=data["last_activity"],
        looked_at=data["looked_at"],
    )
