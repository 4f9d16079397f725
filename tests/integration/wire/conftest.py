"""One stand-in room of three seats for all tests of the wire; its accounts, folders and share are made anew each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exam_room.server import accounts, folders, shares
from exam_room.wire import samr, smb, srvsvc
from exam_room.wire.smberrors import Unreachable
from standin import room

ROOM = "wiretest"
SEATS = 3
WRITER = Path(__file__).with_name("writer.py")
MODULE_UTILS = Path(__file__).resolve().parents[3] / "module_utils"


@dataclass
class Room:
    """The server of the room and what candidates need to get in."""

    login: smb.Login
    seats: list[dict[str, Any]]
    passwords: dict[str, str] = field(repr=False)

    @property
    def names(self) -> list[str]:
        return list(self.passwords)

    def candidate(self, account: str, password: str | None = None) -> smb.Login:
        return smb.Login(self.login.address, account, password or self.passwords[account])

    def set_up(self) -> None:
        """Accounts enabled, folders empty, share there; waits for a server that a test has left restarting."""
        self._wait()
        wanted = [accounts.Wanted(name, password) for name, password in self.passwords.items()]
        accounts.ensure(accounts.WindowsHost(self.login, 10), wanted, "present", enabled=True)
        folders.ensure(self.login, "D$", r"Exam\share", self.names, "present")
        folders.ensure(self.login, "D$", r"Exam\share", self.names, "emptied")
        with smb.connect(self.login) as server, srvsvc.server_service(server) as service:
            # Samba's RPC process may still believe in a share that the host itself removed; listing makes it look.
            service.shares()
        shares.ensure(self.login, "exam", "present", r"D:\Exam\share", self.names, "", True, False, 10)

    def _wait(self) -> None:
        limit = time.monotonic() + 60
        while True:
            try:
                with smb.connect(self.login):
                    return
            except Unreachable:
                assert time.monotonic() < limit, "the server does not answer"
                time.sleep(0.2)

    def enabled(self) -> dict[str, bool]:
        with smb.connect(self.login) as server, samr.sam(server) as sam:
            known = sam.names()
            return {name: sam.open(known[name]).read(name).enabled for name in self.names}


@pytest.fixture(scope="session")
def made() -> Iterator[Room]:
    if os.geteuid() != 0:
        pytest.skip("needs root and podman")
    described = room.create(ROOM, SEATS, need_endpoint=False)
    hosts = {host["name"]: host["address"] for host in described["hosts"]}
    admin = described["admin"]
    seats = [
        {"number": number, "host": f"pc{number:02d}", "address": hosts[f"pc{number:02d}"], "account": f"KS{number:02d}"}
        for number in range(1, SEATS + 1)
    ]
    try:
        yield Room(
            smb.Login(hosts["server"], admin["username"], admin["password"]),
            seats,
            {str(seat["account"]): f"Candidate-{seat['number']}x!" for seat in seats},
        )
    finally:
        room.destroy(ROOM)


@pytest.fixture
def exam(made: Room) -> Room:
    made.set_up()
    return made


class Writer:
    """A candidate who writes all the time, in a process of his own."""

    def __init__(self, login: smb.Login, share: str = "exam") -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WRITER), login.address, login.username, login.password, share],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(MODULE_UTILS)},
        )

    def ready(self) -> None:
        assert self._process.stdout
        said = self._process.stdout.readline()
        assert said == "ready\n", said

    def finish(self) -> dict[str, Any]:
        """What the writer saw; may be asked once."""
        try:
            said, _ = self._process.communicate("stop\n", timeout=90)
        finally:
            self.stop()
        result: dict[str, Any] = json.loads(said.splitlines()[-1])
        return result

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait(5)


@pytest.fixture
def writers(exam: Room) -> Iterator[dict[str, Writer]]:
    started = {name: Writer(exam.candidate(name)) for name in exam.names}
    for writer in started.values():
        writer.ready()
    yield started
    for writer in started.values():
        writer.stop()
