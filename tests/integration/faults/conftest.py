"""One stand-in room of two clients for all faults; its accounts, folders, share and switch are made anew each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.faults.stage import Stage
from integration.room.driver import Room, made_room
from standin import faults


@pytest.fixture(scope="session")
def stood() -> Iterator[Room]:
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    for room in made_room("faultroom", 2, 0, 1):
        done = room.step("prepare", "--limit", "server,localhost", "--tags", "dead_man_switch")
        assert "Cut off" not in done.output or done.status == 0, done.output
        assert done.status == 0, done.output
        yield room


@pytest.fixture
def stage(stood: Room, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Everything in order before the fault, and mended after it; the parameter is the number of candidates."""
    stage = Stage(stood, tmp_path / "S-1", getattr(request, "param", 2))
    stage.set_up()
    yield stage
    stage.end()
    for name in ("network", "controller", "winrm", "rpc", "full"):
        faults.switch(stage.name, "server", name, on=False)
    if stage.ahead:
        faults.set_clock(stage.name, "server", 0)
