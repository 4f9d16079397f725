"""One stand-in host: its real part, its model state, its files, its clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .backend import Backend
from .files import WindowsFiles
from .store import Store


@dataclass
class Host:
    """What module models and WQL classes work on."""

    backend: Backend
    store: Store
    files: WindowsFiles
    calls: Path
    server: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def count(self, kind: str, module: str = "", check_mode: bool = False) -> None:
        """Write down one call: a process start, or a query of kind ``wql``."""
        entry: dict[str, Any] = {"at": stamp(self.clock()), "kind": kind, "module": module, "check_mode": check_mode}
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self.lock, self.calls.open("a", encoding="utf-8") as log:
            log.write(line)


def stamp(moment: datetime) -> str:
    """UTC in ISO 8601 with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
