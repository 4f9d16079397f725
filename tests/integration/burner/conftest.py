"""A stand-in room whose server has a burner, an image to burn, and the role that burns it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from standin import faults
from standin import room as rooms

PROJECT = Path(__file__).resolve().parents[3]
ROOM = "burnertest"
VOLUME = "20251128AM_1"
PATIENCE_S = 300
TREE = {
    "校验说明.txt": "请核对".encode(),
    "data/KS01_440120270001/答案 一.docx": b"answer" * 70_000,
    "data/KS01_440120270001/空.txt": b"",
    "data/KS02_440120270002/单元1/表格.xlsx": bytes(range(256)) * 40,
}


@dataclass(frozen=True)
class Run:
    """What a run of the playbook came to: its exit status, what it printed, what the role said."""

    status: int
    output: str
    said: dict[str, Any]


@dataclass
class Burning:
    """The room, and what is to be burned in it."""

    folder: Path
    variables: dict[str, Any]
    runs: int = 0

    # -- the playbook

    def start(self, step: str = "burn", **extra: Any) -> subprocess.Popen[str]:
        """Begin a run; its output is a pipe."""
        self.runs += 1
        given = {**self.variables, "disc_step": step, "disc_said": str(self._said()), **extra}
        variables = self.folder / f"variables-{self.runs}.json"
        variables.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        playbook = Path(__file__).with_name("disc.yml")
        return subprocess.Popen(
            [str(program), "-i", "inventories/rehearsal", str(playbook), "-e", f"@{variables}"],
            cwd=PROJECT,
            env={
                **os.environ,
                "EXAM_STANDIN_ROOM": ROOM,
                "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> Run:
        """Wait for the end of the run that was started last."""
        output, _ = process.communicate(timeout=PATIENCE_S)
        said = self._said()
        return Run(process.returncode, output, json.loads(said.read_text(encoding="utf-8")) if said.exists() else {})

    def run(self, step: str = "burn", **extra: Any) -> Run:
        """One run from beginning to end."""
        return self.finish(self.start(step, **extra))

    def kill(self, process: subprocess.Popen[str]) -> None:
        """The controller dies."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def _said(self) -> Path:
        return self.folder / f"said-{self.runs}.json"

    # -- the server

    def fault(self, name: str, on: bool = True) -> None:
        """Switch one."""
        faults.switch(ROOM, "server", name, on)

    def blank(self, size: int = 4_700_372_992) -> None:
        """Put a blank disc in."""
        faults.blank(ROOM, "server", size)

    def medium(self) -> dict[str, Any]:
        """What is in the drive."""
        state = rooms.state_folder() / ROOM / "hosts/server/var/state.json"
        found: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))["optical"][0]["medium"] or {}
        return found

    def until(self, happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        """Wait for it; the run must be alive meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burning]:
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    folder = tmp_path_factory.mktemp("burner")
    for name, content in TREE.items():
        file = folder / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    image = folder / "disc.iso"
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-J", "-R", "-V", VOLUME, "-o", str(image)]
    subprocess.run([*command, str(folder / "tree")], check=True, timeout=60)
    expected = folder / "expected.json"
    expected.write_text(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in TREE.items()}))
    content = image.read_bytes()
    described = {
        "path": str(image),
        "volume": VOLUME,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    rooms.create(ROOM, 1)
    try:
        yield Burning(folder, {"burner_image": described, "burner_expected": str(expected)})
    finally:
        rooms.destroy(ROOM)


@pytest.fixture
def burning(made: Burning) -> Burning:
    """With an empty drive in which nothing is wrong."""
    for name in ("no-burner", "burner-locked", "burner-hangs", "write-fails", "bad-read"):
        made.fault(name, on=False)
    made.fault("no-disc")
    return made
