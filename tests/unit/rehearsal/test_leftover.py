"""A killed rehearsal leaves nothing that acts on the next room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rehearsal import leftover

# Its child leaves the process group and is not the child of whoever ends it, like a worker of Ansible.
PARENT = (
    "import subprocess, sys;"
    "command = [sys.executable, '-c', 'import time; time.sleep(60)'];"
    "child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL);"
    "print(child.pid, flush=True)"
)


def test_orphans_of_the_same_room_are_ended_and_others_live(tmp_path: Path) -> None:
    orphans = {}
    for room in ("mine", "other"):
        environment = dict(os.environ, **{leftover.MARK: str(tmp_path / room)})
        done = subprocess.run(
            [sys.executable, "-c", PARENT], env=environment, stdout=subprocess.PIPE, check=True, timeout=30
        )
        orphans[room] = int(done.stdout)
    try:
        assert leftover.marked(tmp_path / "mine") == [orphans["mine"]]
        assert leftover.end(tmp_path / "mine") == 1
        assert leftover.marked(tmp_path / "mine") == []
        assert leftover.marked(tmp_path / "other") == [orphans["other"]]
    finally:
        leftover.end(tmp_path / "other")


def test_nothing_left_is_nothing_to_do(tmp_path: Path) -> None:
    assert leftover.end(tmp_path / "nobody") == 0
