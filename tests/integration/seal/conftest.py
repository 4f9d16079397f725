"""One stand-in server for all tests of collecting and sealing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from exam_room.wire.smb import Login
from standin import room

ROOM = "sealtest"


@pytest.fixture(scope="session")
def server() -> Iterator[Login]:
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    described = room.create(ROOM, 1, need_endpoint=False)
    address = next(host["address"] for host in described["hosts"] if host["role"] == "server")
    try:
        yield Login(address, described["admin"]["username"], described["admin"]["password"])
    finally:
        room.destroy(ROOM)
