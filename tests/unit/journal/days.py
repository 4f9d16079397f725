"""An exam day in one directory, as the playbooks call the journal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exam_room.journal.steps import Outcome, Request, perform

DONE = {"server": "done", "pc01": "done"}
DATA: Mapping[str, Mapping[str, Any]] = {
    "inspect": {"verdict": "passed"},
    "start": {"started_at": "2025-06-01T01:00:00.000Z", "deadline": "2025-06-01T03:00:00.000Z"},
    "burn": {"read_back": True},
}


class Day:
    """An exam day in one directory; each call is what a playbook does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def call(self, phase: str, step: str | None = None, dry: bool = False, **options: Any) -> Outcome:
        given = {"session_id": "S-1", "room": "301", "who": "root@c"} | options
        return perform(Request(directory=self.directory, phase=phase, step=step, **given), dry=dry)

    def begin(self, step: str, **options: Any) -> Outcome:
        return self.call("begin", step, **options)

    def end(self, step: str, **options: Any) -> Outcome:
        return self.call("end", step, **({"hosts": DONE, "data": DATA.get(step, {})} | options))

    def run(self, *steps: str) -> None:
        for step in steps:
            self.begin(step)
            assert self.end(step).failure is None
