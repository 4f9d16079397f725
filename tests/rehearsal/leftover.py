"""What an earlier run left when it was killed: its playbooks would go on acting on the room that comes after it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

# In the environment of every process that a rehearsal starts; Ansible's workers leave its process group, not this.
MARK = "EXAM_REHEARSAL_OF"
_PATIENCE_S = 10.0


def marked(room: Path, processes: Path = Path("/proc")) -> list[int]:
    """The ids of running processes that were started for this room."""
    wanted = f"{MARK}={room}".encode()
    found = []
    for folder in processes.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            # It ended meanwhile.
            continue
        if wanted in environment:
            found.append(int(folder.name))
    return found


def end(room: Path) -> int:
    """End them and wait until they are gone; returns how many there were."""
    ended: set[int] = set()
    until = time.monotonic() + _PATIENCE_S
    while (left := [process for process in marked(room) if process != os.getpid()]) and time.monotonic() < until:
        for process in left:
            ended.add(process)
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)
    return len(ended)
