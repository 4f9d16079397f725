"""A room for days that do not go as the one of ../room; in a folder of its own, so that both run side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from integration.room.driver import Room, made_room


@pytest.fixture(scope="session")
def room() -> Iterator[Room]:
    """Two seats and a spare, bare at first; each day prepares the room for itself."""
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    yield from made_room("actstest", 2, 1, 1)
