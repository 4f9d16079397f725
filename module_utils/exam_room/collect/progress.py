"""How far a long collection has come: the module writes it beside the bag, the screen shows it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..files import megabytes

FILE_NAME = "bag.progress.json"
_WRITE_EVERY_S = 1.0
_SHOW_EVERY_S = 5.0


class Writer:
    """Keeps the file up to date; whoever cannot write it goes on without. To be closed, which removes it."""

    def __init__(self, session: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = session / FILE_NAME
        self._clock = clock
        self._next = 0.0

    def say(self, done: int, whole: int) -> None:
        """``done`` of ``whole`` bytes are there."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + _WRITE_EVERY_S
        temporary = self._path.with_suffix(".partial")
        with contextlib.suppress(OSError):
            temporary.write_text(json.dumps([done, whole]), encoding="ascii")
            temporary.replace(self._path)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class Shown:
    """While it is entered, what the file says appears as a line every few seconds, as long as it moves."""

    def __init__(self, session: Path, show: Callable[[str], object], every_s: float = _SHOW_EVERY_S) -> None:
        self._path = session / FILE_NAME
        self._show = show
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        last = None
        while not self._over.wait(self._every_s):
            try:
                done, whole = json.loads(self._path.read_text(encoding="ascii"))
            except (OSError, ValueError):
                continue
            if done != last:
                last = done
                self._show(line(done, whole))


def line(done: int, whole: int) -> str:
    """``done`` of ``whole`` bytes, for people."""
    share = 100 if whole == 0 else 100 * done // whole
    return (
        f"  已收集 {megabytes(done)} / {megabytes(whole)}（{share}%）"
        f"  collected {megabytes(done)} of {megabytes(whole)} ({share}%)"
    )
