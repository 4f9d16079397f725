"""The model state of a host: one JSON file, changed under a lock and replaced whole."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

State = dict[str, Any]


class Store:
    """``state.json``; what a fresh host has comes from ``initial``."""

    def __init__(self, path: Path, initial: State) -> None:
        self.path = path
        self._initial = initial
        self._lock_path = path.with_suffix(".lock")
        self._cached: tuple[int, int, State] | None = None

    def read(self) -> State:
        """The state now. Callers must not change it."""
        try:
            about = self.path.stat()
        except FileNotFoundError:
            return self._initial
        cached = self._cached
        if cached is not None and cached[:2] == (about.st_mtime_ns, about.st_ino):
            return cached[2]
        state: State = json.loads(self.path.read_text(encoding="utf-8"))
        self._cached = (about.st_mtime_ns, about.st_ino, state)
        return state

    @contextmanager
    def change(self, *, keep: bool = True) -> Iterator[State]:
        """The state to change; written when the block ends without an exception and something is different.

        With ``keep`` false the changes are thrown away: what a check mode needs.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            old = self.read()
            # Through JSON and back: several times as fast as deepcopy, and it shows at once what JSON cannot hold.
            state: State = json.loads(json.dumps(old))
            yield state
            if keep and state != old:
                self._write(state)

    def _write(self, state: State) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".state-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                # Not json.dump, which does without the encoder written in C.
                out.write(json.dumps(state, ensure_ascii=False))
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
