"""A stand-in endpoint without Samba, which is asked over WS-Management."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exam_room.wire.wsman import Login
from standin.endpoint.__main__ import without_samba
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.payload import ModuleCall
from unit.served_host import serving

TASK = {
    "path": "\\Exam",
    "name": "Cut off",
    "username": "SYSTEM",
    "logon_type": "service_account",
    "run_level": "highest",
    "disallow_start_if_on_batteries": False,
    "start_when_available": True,
    "execution_time_limit": "PT0S",
    "triggers": [
        {"type": "time", "start_boundary": "2020-01-01T00:00:00", "repetition": {"interval": "PT1M"}},
        {"type": "boot"},
    ],
    "actions": [{"path": "powershell.exe", "arguments": '-File "C:\\a b.ps1"'}],
}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A bare server."""
    return without_samba(tmp_path)


@pytest.fixture
def login(host: Host, tmp_path: Path) -> Iterator[Login]:
    """A prepared server that answers."""
    commands = Commands(host)
    for module, arguments in (
        ("win_user", {"name": "KS01", "password": "Pw-12345678", "groups": ["S-1-5-32-544"]}),
        ("win_auto_logon", {"username": "KS01", "password": "Pw-12345678"}),
        ("win_share", {"name": "exam", "path": "D:\\", "full": "S-1-5-32-544", "encrypt": True}),
    ):
        assert commands.module(ModuleCall(f"ansible.windows.{module}", arguments, False, False))["changed"]
    assert commands.module(ModuleCall("community.windows.win_scheduled_task", TASK, False, False))["changed"]
    with serving(host, tmp_path) as served:
        served.endpoint.sleep = lambda seconds: None
        yield served.login
