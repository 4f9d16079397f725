"""A room for one exam from its inspection to the day after; in a folder of its own, so that it runs beside ../room."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from integration.room.driver import Room, made_room

# Long enough to be killed while waiting for the deadline, and to wait for it once more.
MINUTES = 0.75


@pytest.fixture(scope="session")
def day() -> Iterator[Room]:
    """Two seats and a spare, prepared."""
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    for room in made_room("daytest", 2, 1, MINUTES):
        run = room.step("prepare")
        assert run.status == 0, run.output
        yield room
