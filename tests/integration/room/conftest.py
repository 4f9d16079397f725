"""The room that all tests of this folder share, from bare to the day after its exam; the tests stand in that order."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from integration.room.driver import Room, made_room

SEATS, SPARES = 2, 1
# Long enough to be killed while waiting for the deadline, and to wait for it once more.
MINUTES = 0.75


@pytest.fixture(scope="session")
def room() -> Iterator[Room]:
    """Two seats and a spare, bare at first."""
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    yield from made_room("roomtest", SEATS, SPARES, MINUTES)


@pytest.fixture(scope="session")
def prepared(room: Room) -> Room:
    """The room once prepare has brought it to the regulation; by the tests before, or here."""
    if not room.is_prepared():
        run = room.step("prepare")
        assert run.status == 0, run.output
    return room
