"""The room of the cutoff's bench: one server, and one container that holds every candidate, each at an own address."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from exam_room.server import accounts, folders, shares
from exam_room.wire import smb
from standin import podman, room
from standin.errors import StandInError

ROOM: Final = "bench-cutoff"
SHARE: Final = "exam"
VOLUME: Final = "D$"
FOLDER: Final = r"Exam\share"
ROOT: Final = r"D:\Exam\share"
FILE_ON_SERVER: Final = "/srv/d/Exam/share/{account}/工作.bin"
INSIDE: Final = Path(__file__).with_name("inside")
#: Where that folder is in the containers, and its name as a package there.
THERE_PATH: Final = "/opt/standin/bench"
THERE: Final = "bench.inside"
#: The first candidate's address ends in 101, as in every stand-in room.
FIRST_ADDRESS: Final = 101
TIMEOUT_S: Final = 30.0


class Failed(Exception):
    """Something that the bench needs did not work: nothing was measured."""


@dataclass
class Place:
    """The server's log-in, the two containers, and the seats with their passwords."""

    login: smb.Login
    server: str
    generators: str
    network: str
    seats: list[dict[str, Any]]
    passwords: dict[str, str] = field(repr=False)

    def first(self, count: int) -> list[dict[str, Any]]:
        """The first ``count`` seats."""
        return self.seats[:count]

    def set_up(self, count: int) -> None:
        """By the product's own code: accounts enabled, folders there, the share made anew."""
        names = [str(seat["account"]) for seat in self.first(count)]
        wanted = [accounts.Wanted(name, self.passwords[name]) for name in names]
        self._restart_samba()
        accounts.ensure(accounts.WindowsHost(self.login, TIMEOUT_S), wanted, "present", enabled=True)
        folders.ensure(self.login, VOLUME, FOLDER, names, "present")
        for state in ("absent", "present"):
            shares.ensure(self.login, SHARE, state, ROOT, names, "", True, False, TIMEOUT_S)

    def _restart_samba(self) -> None:
        """Every run meets a fresh server: Samba's helpers still know a share that was deleted on the server itself."""
        code = "from standin.host import control; control.stop_server(); control.start_server()"
        podman.run("exec", self.server, "python3", "-c", code)

    def written(self, account: str) -> int:
        """The number that the file of a candidate begins with on the server: that of the last write that got in."""
        path = FILE_ON_SERVER.format(account=account)
        return int(podman.run("exec", self.server, "head", "--bytes=20", path))


def make(seats: int) -> Place:
    """Make the room anew. StandInError where that is not possible."""
    described = room.create(ROOM, seats=1)
    hosts = {host["role"]: host for host in described["hosts"]}
    network = described["subnet"].rpartition(".")[0]
    listed = [
        {
            "number": number,
            "host": f"pc{number:02d}",
            "address": f"{network}.{FIRST_ADDRESS + number - 1}",
            "account": f"KS{number:02d}",
        }
        for number in range(1, seats + 1)
    ]
    server, generators = hosts["server"]["container"], hosts["client"]["container"]
    for container in (server, generators):
        podman.run("exec", container, "mkdir", THERE_PATH)
        podman.run("cp", str(INSIDE), f"{container}:{THERE_PATH}")
    for seat in listed[1:]:
        podman.run("exec", generators, "ip", "address", "add", f"{seat['address']}/24", "dev", "eth0")
    admin = described["admin"]
    return Place(
        login=smb.Login(hosts["server"]["address"], admin["username"], admin["password"]),
        server=server,
        generators=generators,
        network=network,
        seats=listed,
        passwords={str(seat["account"]): f"Candidate-{seat['number']}x!" for seat in listed},
    )


def destroy() -> None:
    """Remove the room."""
    room.destroy(ROOM)


class Program:
    """A process that says ``ready``, is told what to do in one line, and says one line at its end.

    ``first`` is written at once, before it is ready.
    """

    def __init__(
        self, command: Sequence[str], first: object = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._name = " ".join(command)[:200]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PATH": podman.SEARCH_PATH, **(environment or {})},
        )
        if first is not None:
            self.tell(json.dumps(first))

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        try:
            self._stdin.write(line + "\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None

    def ready(self) -> None:
        """Wait until it says so."""
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise self._failure()

    def feed(self, text: str) -> None:
        """Give it all its input and wait until it ends."""
        self._stdin.write(text)
        self.result(TIMEOUT_S)

    def result(self, timeout: float) -> str:
        """What it printed since; it must end well within ``timeout`` seconds."""
        try:
            said, errors = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Failed(f"{self._name} did not end within {timeout:.0f} s") from None
        if self._process.returncode:
            raise Failed(f"{self._name}: {errors.strip()[-2000:] or said.strip()[-2000:]}")
        return said

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait(10)

    def _failure(self) -> Failed:
        self._process.kill()
        _, errors = self._process.communicate()
        return Failed(f"{self._name}: {errors.strip()[-2000:]}")


def inside(container: str, *command: str) -> list[str]:
    """The command line that runs ``command`` in a container, with its standard input."""
    return ["podman", "--runtime", podman.RUNTIME, "exec", "--interactive", container, *command]


__all__ = ["Failed", "Place", "Program", "StandInError", "destroy", "inside", "make"]
