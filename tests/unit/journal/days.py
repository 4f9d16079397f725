"""An exam day in one directory, as the playbooks call the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exam_room.journal.journal import utc_now
from exam_room.journal.steps import Outcome, Request, perform
from exam_room.server.clock import iso

DONE = {"server": "done", "pc01": "done"}
DATA: Mapping[str, Mapping[str, Any]] = {
    "inspect": {"verdict": "passed", "valid_until": "2999-01-01T00:00:00.000Z"},
    "start": {"started_at": "2025-06-01T01:00:00.000Z", "deadline": "2025-06-01T03:00:00.000Z"},
    "burn": {"read_back": True},
}


class _Ticking:
    """The machine's clock, but each moment later than the one before, whoever sets that clock meanwhile."""

    def __init__(self) -> None:
        self._last = datetime.fromtimestamp(0, UTC)

    def __call__(self) -> datetime:
        # Lines of one millisecond are of the same age to the journal.
        self._last = max(utc_now(), self._last + timedelta(milliseconds=1))
        return self._last


_ticking = _Ticking()


class Day:
    """An exam day in one directory; each call is what a playbook does."""

    def __init__(self, directory: Path, session_id: str = "S-1") -> None:
        self.directory = directory
        self.session_id = session_id

    def call(self, phase: str, step: str | None = None, dry: bool = False, **options: Any) -> Outcome:
        given = {"session_id": self.session_id, "room": "301", "who": "root@c"} | options
        return perform(Request(directory=self.directory, phase=phase, step=step, **given), dry, _ticking)

    def begin(self, step: str, **options: Any) -> Outcome:
        return self.call("begin", step, **options)

    def end(self, step: str, **options: Any) -> Outcome:
        return self.call("end", step, **({"hosts": DONE, "data": DATA.get(step, {})} | options))

    def run(self, *steps: str) -> None:
        for step in steps:
            self.begin(step)
            assert self.end(step).failure is None

    def start(self, started_at: float, deadline: float, **data: Any) -> None:
        """Everything up to the wait for the deadline; moments in seconds since 1970."""
        self.run("inspect", "open")
        self.begin("start")
        self.end("start", data={"started_at": iso(started_at), "deadline": iso(deadline), **data})
        self.begin("cutoff")
