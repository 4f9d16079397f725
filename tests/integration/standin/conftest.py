"""The server of a module's own ``room`` (rooms.create), and its administrator by a client that is not the product's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integration.standin import wire


@pytest.fixture(scope="module")
def server(room: dict[str, Any]) -> str:
    return str(room["hosts"][0]["address"])


@pytest.fixture
def login(room: dict[str, Any], server: str) -> Callable[[], wire.Administrator]:
    return lambda: wire.Administrator(server, room["admin"]["username"], room["admin"]["password"])


@pytest.fixture
def admin(login: Callable[[], wire.Administrator]) -> Iterator[wire.Administrator]:
    administrator = login()
    yield administrator
    administrator.smb.close()
