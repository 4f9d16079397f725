"""A stand-in host without Samba, which is asked over WS-Management."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exam_room.wire.wsman import Login, Wmi
from standin.endpoint.__main__ import without_samba
from standin.endpoint.host import Host
from unit.served_host import serving


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A client that nobody has set up."""
    made = without_samba(tmp_path)
    made.server = False
    return made


@pytest.fixture
def login(host: Host, tmp_path: Path) -> Iterator[Login]:
    """The administrator's way in."""
    with serving(host, tmp_path) as served:
        yield served.login


@pytest.fixture
def wmi(login: Login) -> Iterator[Wmi]:
    """A connection to it."""
    with Wmi(login) as connection:
        yield connection
