"""A stand-in room in the hands of these tests: the production playbooks run over it, and what is seen in its hosts."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integration.standin import wire
from rehearsal import run as rehearsal
from rehearsal import session as session_files
from standin import podman
from standin import room as rooms

INSIDE = Path(__file__).with_name("inside")
_TASK = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(?P<task>.+)\] \**$")
_CHANGED = re.compile(r"^changed: \[(?P<host>[^\] ]+)")
_RECAP = re.compile(r"^(?P<host>\S+) +: (?P<counts>ok=\d.*)$")
_LOCAL_TIME = "Asia/Shanghai"
_START_S = 180


@dataclass(frozen=True)
class Run:
    """One run of a playbook: its exit status and everything it printed."""

    status: int
    output: str

    def recap(self) -> dict[str, dict[str, int]]:
        """PLAY RECAP: the counts of each host."""
        found = {}
        for line in self.output.splitlines():
            if match := _RECAP.match(line):
                counts = (pair.split("=") for pair in match["counts"].split())
                found[match["host"]] = {name: int(count) for name, count in counts}
        return found

    def changes(self) -> set[tuple[str, str]]:
        """(host, task) of everything that changed, or would in check mode; the controller's bookkeeping left out."""
        task, found = "", set()
        for line in self.output.splitlines():
            if match := _TASK.match(line):
                task = match["task"]
            elif (match := _CHANGED.match(line)) and match["host"] != "localhost":
                found.add((match["host"], task))
        return found

    def account_of_hosts(self) -> dict[str, str]:
        """The closing account: host to what is said of it."""
        _, _, after = self.output.partition("各主机结果 / every host")
        lines = [line.split(maxsplit=1) for line in after.splitlines()[1:] if line.strip()]
        return {words[0]: words[1] for words in lines}


@dataclass
class Room:
    """A room, its session, and the session directories that its tests leave behind."""

    name: str
    made: rehearsal.Made
    described: dict[str, Any]
    directories: list[Path] = field(default_factory=list)

    # -- who is who

    @property
    def clients(self) -> list[str]:
        return [host["name"] for host in self.made.hosts if host["role"] == "client"]

    @property
    def hosts(self) -> list[str]:
        return [host["name"] for host in self.made.hosts]

    @property
    def accounts(self) -> dict[str, str]:
        """Account of each client, spares included."""
        return {host["name"]: f"KS{host['seat']:02}" for host in self.made.hosts if host["role"] == "client"}

    def address(self, host: str) -> str:
        return str(rooms.find_host(self.described, host)["address"])

    def container(self, host: str) -> str:
        return str(rooms.find_host(self.described, host)["container"])

    def administrator(self) -> wire.Administrator:
        """The server over SMB and RPC, by a client that is not the product's."""
        admin = self.described["admin"]
        return wire.Administrator(self.address("server"), admin["username"], admin["password"])

    def plant(self, path: str, content: bytes) -> None:
        """Put a file on the server's D: as its administrator."""
        administrator = self.administrator()
        administrator.smb.putFile("D$", path, io.BytesIO(content).read)
        administrator.smb.close()

    def remove(self, path: str) -> None:
        """Take one away."""
        administrator = self.administrator()
        administrator.smb.deleteFile("D$", path)
        administrator.smb.close()

    def shares(self) -> set[str]:
        """What the server shares."""
        administrator = self.administrator()
        try:
            return set(administrator.shares())
        finally:
            administrator.smb.close()

    # -- sessions

    def session(self, session_id: str, seats: int) -> Path:
        """Another session in this room; the path of its session file."""
        folder = rooms.state_folder() / self.name / session_id
        self.directories.append(rehearsal.PROJECT / "sessions" / session_id)
        return session_files.write(folder, self.made.label, session_id, seats, 1, datetime.now(ZoneInfo(_LOCAL_TIME)))

    def is_prepared(self) -> bool:
        """Whether prepare has once come to its end on every host."""
        return rehearsal.ended(self.entries(), "prepare")

    def kept(self) -> dict[str, bytes]:
        """Every file of the session's directory on the controller."""
        top = self.made.paths.directory
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def entries(self) -> list[dict[str, Any]]:
        """The session's journal."""
        return rehearsal.journal_entries(self.made.paths.journal)

    def journal(self, step: str) -> dict[str, Any]:
        """What the session's journal notes with the last end of a step."""
        ends = [one["data"] for one in self.entries() if (one["step"], one["event"]) == (step, "end")]
        last: dict[str, Any] = ends[-1]
        return last

    def enabled(self) -> dict[str, bool]:
        """Whether each seat's account on the server can log on."""
        accounts = self.inside("server", "snapshot.py")["accounts"]
        seats = set(self.accounts.values())
        return {one["name"]: not one["disabled"] for one in accounts if one["name"] in seats}

    # -- playbooks

    def step(self, name: str, *extra: str) -> Run:
        """Run one playbook to its end."""
        log = self.made.paths.log
        before = log.stat().st_size
        status = rehearsal.playbook(name, self.made.environment, log, *extra)
        return Run(status, log.read_bytes()[before:].decode(errors="replace"))

    def inspect(self) -> Run:
        """The command for whoever wants one answer, bin/exam-inspect."""
        done = subprocess.run(
            [str(rehearsal.PROJECT / "bin/exam-inspect"), "inventories/rehearsal"],
            cwd=rehearsal.PROJECT,
            env=self.made.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=rehearsal.PATIENCE_S,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def kill(self, name: str, at: str, *extra: str, later_s: float = 0) -> Run:
        """Run a playbook and kill its whole process group once it has printed a line that begins with ``at``.

        Ansible prints a task when its first result is there: the task after it is what dies, ``later_s`` seconds into
        it. What Ansible's workers had begun goes on to its end, for they lead groups of their own.
        """
        process = subprocess.Popen(
            rehearsal.playbook_command(name, *extra),
            cwd=rehearsal.PROJECT,
            env=self.made.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        said = []
        with process:
            try:
                for line in process.stdout:
                    said.append(line)
                    if line.startswith(at):
                        # Its first result stands in the line after.
                        said.append(process.stdout.readline())
                        time.sleep(later_s)
                        break
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                process.stdout.close()
        output = "".join(said)
        assert at in output, f"{name} ended before it came to {at!r}:\n{output}"
        return Run(process.returncode, output)

    # -- inside the hosts

    def inside(self, host: str, script: str, order: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run one of the scripts of inside/ in a host and return what it found."""
        code = (INSIDE / script).read_text(encoding="utf-8")
        said = podman.run(
            "exec", "-i", self.container(host), "python3", "-c", code, stdin=json.dumps(order or {}).encode()
        )
        found: dict[str, Any] = json.loads(said)
        return found

    def has_been_asked(self, host: str) -> bool:
        """Whether the host has received anything over WinRM, questions that start no process included."""
        log = rooms.state_folder() / self.name / "hosts" / host / "var" / "calls.jsonl"
        return log.exists() and log.stat().st_size > 0

    def snapshots(self) -> dict[str, dict[str, Any]]:
        """Everything a playbook could have changed, of every host."""
        return {host: self.inside(host, "snapshot.py") for host in self.hosts}

    def files(self, folder: str) -> list[str]:
        """Everything below a folder of the server's D:, as the disk has it (forward slashes)."""
        top = Path("/srv/d") / folder
        found = self.inside("server", "snapshot.py")["drives"]
        return sorted(str(Path(path).relative_to(top)) for path in found if Path(path).is_relative_to(top / ""))

    def save(self, host: str, name: str, content: bytes) -> None:
        """Save a file as the candidate of that client does, through the mapping that prepare set up."""
        self.inside(host, "save.py", {"name": name, "content": base64.b64encode(content).decode()})

    def turn_off(self, host: str) -> None:
        """Pull the plug."""
        podman.run("stop", "--time", "0", self.container(host))

    def turn_on(self, host: str) -> None:
        """And start it; returns once it answers."""
        podman.run("start", self.container(host))
        deadline = time.monotonic() + _START_S
        while not rooms.answers(self.address(host), rooms.WINRM_PORT, self.described["gateway"]):
            assert time.monotonic() < deadline, f"{host} does not answer {_START_S} s after its start"
            time.sleep(0.2)


def made_room(name: str, seats: int, spares: int, minutes: float) -> Iterator[Room]:
    """A new room for the length of a fixture; gone afterwards with all it left."""
    try:
        made = rehearsal.make_room(name, seats, minutes, spares)
        room = Room(name, made, rooms.load(name), [made.paths.directory])
        try:
            yield room
        finally:
            for directory in room.directories:
                shutil.rmtree(directory, ignore_errors=True)
    finally:
        rooms.destroy(name)
