"""A stand-in endpoint without Samba, which is asked over WS-Management."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exam_room.wire.wsman import Login
from standin.certificates import make_authority, make_host
from standin.endpoint.__main__ import without_samba
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.payload import ModuleCall
from standin.endpoint.server import Endpoint
from standin.endpoint.service import Service

PASSWORD = "Standin-Adm1n!"
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
    authority = make_authority("test", datetime.now(UTC))
    certificate, key = make_host(authority, "server", "127.0.0.1", datetime.now(UTC))
    for name, content in (("ca", authority.pem()), ("cert", certificate), ("key", key)):
        (tmp_path / f"{name}.pem").write_bytes(content)
    endpoint = Endpoint(
        ("127.0.0.1", 0), tmp_path / "cert.pem", tmp_path / "key.pem", host.backend, Service(host).handle
    )
    endpoint.sleep = lambda seconds: None
    threading.Thread(target=endpoint.serve_forever, args=(0.02,), daemon=True).start()
    yield Login("127.0.0.1", "Administrator", PASSWORD, str(tmp_path / "ca.pem"), endpoint.server_address[1])
    endpoint.shutdown()
    endpoint.server_close()
