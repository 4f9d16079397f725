"""The stage of the faults: a stand-in room, one sitting in it, who waits for its deadline, and candidates at work."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from exam_room.cutoff import arming, switch
from exam_room.cutoff.record import text
from exam_room.cutoff.switch import Armed
from exam_room.journal.journal import Journal
from exam_room.journal.sitting import Sitting, sitting
from exam_room.server import accounts, folders, shares
from exam_room.server.clock import iso
from exam_room.wire import samr, smb, srvsvc
from integration.room.driver import Room
from standin import faults, podman
from standin import room as rooms
from unit.journal.days import Day

HERE = Path(__file__).parent
PROJECT = Path(__file__).resolve().parents[3]
RECORD = 16
RESTART = "from standin.host import control; control.stop_server(); control.start_server()"


def _client(number: int) -> str:
    """The container that a candidate sits at: there are two, and more than two candidates share them."""
    return f"pc{2 - number % 2:02d}"


@dataclass
class Candidate:
    """A candidate in his client's container."""

    process: subprocess.Popen[bytes]
    account: str

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n", self.account

    def finish(self, patience: float = 60) -> dict[str, Any]:
        said, _ = self.process.communicate(timeout=patience)
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return found


@dataclass
class Stage:
    """A fresh sitting on the server of the room; moments are this machine's clock unless said otherwise."""

    room: Room
    directory: Path
    candidates: int = 2
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    deadline: float = 0.0
    """By the server's clock."""

    @property
    def name(self) -> str:
        return self.room.name

    @property
    def login(self) -> smb.Login:
        admin = self.room.described["admin"]
        return smb.Login(self.room.address("server"), admin["username"], admin["password"])

    @property
    def passwords(self) -> dict[str, str]:
        return {f"KS{number:02d}": f"Candidate-{number}x!" for number in range(1, self.candidates + 1)}

    @property
    def seats(self) -> list[dict[str, Any]]:
        numbers = range(1, self.candidates + 1)
        at = {n: _client(n) for n in numbers}
        return [
            {"number": n, "host": at[n], "address": self.room.address(at[n]), "account": f"KS{n:02d}"} for n in numbers
        ]

    @property
    def ahead(self) -> float:
        """The server's clock minus this machine's."""
        return faults.clock(self.name, "server")

    @property
    def deadline_here(self) -> float:
        """The deadline by this machine's clock."""
        return self.deadline - self.ahead

    # -- before

    def set_up(self) -> None:
        """Accounts, folders and share as prepare leaves them, nothing armed."""
        # Samba's RPC helpers remember a share that was removed on the server itself, as the switch does.
        rooms.execute(self.name, "server", ["python3", "-c", RESTART])
        names = list(self.passwords)
        arming.ensure(self.login, "disarmed", None, names, check=False)
        wanted = [accounts.Wanted(name, password) for name, password in self.passwords.items()]
        accounts.ensure(accounts.WindowsHost(self.login, 10), wanted, "present", enabled=True)
        folders.ensure(self.login, "D$", r"Exam\share", names, "present")
        folders.ensure(self.login, "D$", r"Exam\share", names, "emptied")
        shares.ensure(self.login, "exam", "present", r"D:\Exam\share", names, "", True, False, 10)

    def start(self, seconds: float) -> Day:
        """The exam runs, its deadline at least ``seconds`` ahead."""
        day = Day(self.directory)
        now = time.time() + self.ahead
        self.deadline = math.ceil(now + seconds)
        self.arm(self.deadline)
        day.start(now, self.deadline, clock_offset_ms=self.ahead * 1000)
        return day

    def arm(self, deadline: float) -> None:
        wanted = Armed("S-1", iso(deadline), "exam", r"D:\Exam\share", tuple(self.passwords), "")
        arming.ensure(self.login, "armed", wanted, list(self.passwords), check=False)

    def take_the_switch_away(self) -> None:
        """Its file is gone, so that its task does nothing; the accounts still expire."""
        with smb.connect(self.login) as server:
            switch.disarm(server)

    # -- who acts

    def wait(self, when: str = "deadline", look_again_s: float = 1.0, password: str = "") -> subprocess.Popen[bytes]:
        """A process that waits for the deadline and cuts."""
        told = {
            "address": self.login.address,
            "username": self.login.username,
            "password": password or self.login.password,
            "seats": self.seats,
            "passwords": self.passwords,
            "directory": str(self.directory),
            "when": when,
            "look_again_s": look_again_s,
        }
        environment = {**os.environ, "PYTHONPATH": str(PROJECT / "module_utils")}
        command = [sys.executable, str(HERE / "waiter.py"), json.dumps(told)]
        return self._started(command, environment, None)

    def fire(self) -> subprocess.Popen[bytes]:
        """The dead-man's switch runs on the server, as each minute; it waits for a deadline that is near."""
        return self._inside("server", faults.task_command(f"C:\\{switch.SCRIPT}"), b"")

    def writer(self, number: int, stays_s: float, **more: Any) -> Candidate:
        """The candidate of a seat, writing until ``stays_s`` after the deadline."""
        return self._candidate("writer.py", number, stays_s, **more)

    def visitor(self, number: int, stays_s: float, rate: float) -> Candidate:
        """The candidate of a seat, who reads, lists and begins ``rate`` log-ons a second."""
        with smb.connect(self.login) as server:
            server.share("D$").write(f"Exam\\share\\KS{number:02d}\\资料.txt", b"x" * RECORD)
        return self._candidate("visitor.py", number, stays_s, rate=rate, file="资料.txt")

    def _candidate(self, script: str, number: int, stays_s: float, **more: Any) -> Candidate:
        account = f"KS{number:02d}"
        order: dict[str, Any] = {"server": self.login.address, "account": account, "password": self.passwords[account]}
        order |= {"until": self.deadline_here + stays_s, **more}
        code = (HERE / "inside" / script).read_text(encoding="utf-8")
        said = json.dumps(order, ensure_ascii=True).encode() + b"\n"
        candidate = Candidate(self._inside(_client(number), ["python3", "-c", code], said), account)
        candidate.ready()
        return candidate

    def _inside(self, host: str, command: list[str], said: bytes) -> subprocess.Popen[bytes]:
        podman_exec = ["podman", "--runtime", podman.RUNTIME, "exec", "-i", self.room.container(host)]
        command = [*podman_exec, *command]
        process = self._started(command, dict(os.environ, PATH=podman.SEARCH_PATH), subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(said)
        process.stdin.flush()
        return process

    def _started(self, command: list[str], environment: dict[str, str], stdin: int | None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors(), env=environment
        )
        self.processes.append(process)
        return process

    def _errors(self) -> IO[bytes]:
        return (self.directory.parent / "errors.txt").open("ab")

    def until(self, seconds: float) -> None:
        """Wait for that many seconds before (negative) or after the deadline."""
        time.sleep(max(0.0, self.deadline_here + seconds - time.time()))

    def end(self) -> None:
        """End what still runs, and leave a directory that says nothing to the next."""
        for process in self.processes:
            process.kill()
            process.communicate()
        if self.directory.exists():
            shutil.rmtree(self.directory)

    # -- what is so

    @property
    def sitting(self) -> Sitting:
        return sitting(Journal(self.directory).read().entries)

    def locks(self) -> arming.Outcome:
        return arming.ensure(self.login, "read", None, list(self.passwords), check=False)

    def log_on(self, account: str) -> str:
        return accounts.try_logon(smb.Login(self.login.address, account, self.passwords[account]), 10)

    def enabled(self) -> dict[str, bool]:
        with smb.connect(self.login) as server, samr.sam(server) as sam:
            known = sam.names()
            return {name: sam.open(known[name]).read(name).enabled for name in self.passwords}

    def is_cut(self) -> None:
        """No share, no session and no open file of a seat, no account that is on."""
        assert not any(self.enabled().values())
        seats = {name.casefold() for name in self.passwords}
        with smb.connect(self.login) as server, srvsvc.server_service(server) as service:
            assert "exam" not in [one.name for one in service.shares()]
            assert not seats & {one.user.rpartition("\\")[2].casefold() for one in service.sessions()}
            assert not seats & {one.user.rpartition("\\")[2].casefold() for one in service.open_files()}

    def saved(self, account: str) -> bytes:
        """The candidate's file, as it is collected."""
        with smb.connect(self.login) as server:
            path = f"Exam\\share\\{account}\\工作.bin"
            with server.share("D$").open_read(path) as handle:
                return b"".join(handle.chunks())

    def proves(self, saw: dict[str, Any], late_s: float = 5.0) -> None:
        """Nothing acknowledged is lost or altered, nothing was refused too early, nothing got in after the cut.

        ``late_s`` is generous: other work on the machine must not fail the test; the bench measures.
        """
        content = self.saved(saw["account"])
        whole = b"".join(f"{number:0{RECORD}d}".encode() for number in range(saw["acked"] // RECORD))
        assert content[: saw["acked"]] == whole, "what was acknowledged is lost or altered"
        # The one write in flight may be there: the server had taken it, its answer was lost.
        assert len(content) <= saw["acked"] + RECORD, "more is there than was ever acknowledged"
        assert saw["refused_at"] >= self.deadline_here, "refused before the deadline"
        assert saw["last_ok"] < self.deadline_here + late_s
        assert saw["back"] == [], "a candidate came back after the cut"

    def shut_out(self, saw: dict[str, dict[str, Any]], late_s: float = 5.0) -> None:
        """A visitor was refused nothing before the deadline and was let in nowhere after the cut."""
        for kind, one in saw.items():
            assert one["last_ok"], f"{kind} never succeeded"
            assert one["last_ok"] < self.deadline_here + late_s, f"{kind} succeeded after the cut"
            assert one["refused"] >= self.deadline_here, f"{kind} was refused before the deadline, or never"

    def failed_log_ons(self, account: str) -> int:
        """How many wrong passwords the server has counted since the account's last log-on."""
        said = rooms.execute(self.name, "server", ["pdbedit", "--list", "--verbose", account])
        return int(said.split("Bad password count")[1].split("\n")[0].strip(" :\t"))

    def result(self, process: subprocess.Popen[bytes], patience: float = 90) -> dict[str, Any]:
        """What the process that waited says at its end."""
        said, _ = process.communicate(timeout=patience)
        errors = (self.directory.parent / "errors.txt").read_text(errors="replace")[-2000:]
        assert said.strip(), f"nobody said anything: {errors}"
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        if "record" in found:
            assert text(found["record"])
        return found
