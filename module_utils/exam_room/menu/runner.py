"""Runs the playbooks: each in a process of its own, which a closed window does not stop, writing into a log."""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import locks
from ..errors import ExamError
from . import plan as planning

FOLDER = "menu"
_POLL_S = 0.2
_END_PATIENCE_S = 20.0
_PLAN_PATIENCE_S = 120.0


@dataclass
class Job:
    """A playbook that was started."""

    step: str
    process: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def extra_vars(values: Mapping[str, Any]) -> list[str]:
    """Variables for ansible-playbook. Texts are marked unsafe: what a person typed is never a template."""
    if not values:
        return []
    parts = [
        f"{json.dumps(name)}: {'!unsafe ' if isinstance(value, str) else ''}{json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    ]
    return ["-e", "{" + ", ".join(parts) + "}"]


class Runner:
    """Starts playbooks for one room. The vault's password stays in this process; each run reads it from a pipe."""

    def __init__(self, project: Path, room: Path, password: str | None, now: Callable[[], datetime]) -> None:
        self._project = project
        self._room = room
        self._password = password
        self._now = now

    def plan(self) -> planning.Plan:
        """The session's plan. Raises ExamError with what is wrong with the session, the roster or the room."""
        with self._vault() as vault:
            try:
                done = subprocess.run(
                    self._command(planning.PLAYBOOK, {}, vault),
                    cwd=self._project,
                    env=self._environment(planning.ENVIRONMENT),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_PLAN_PATIENCE_S,
                    check=False,
                    pass_fds=vault.descriptors,
                )
            except FileNotFoundError as exc:
                raise _not_installed() from exc
            except subprocess.TimeoutExpired as exc:
                raise ExamError("读取场次超时，请再试一次。", "Reading the session took too long; try again.") from exc
        return planning.parse(done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def launch(self, step: str, values: Mapping[str, Any], directory: Path, lock: int | None = None) -> Job:
        """Start the playbook of ``step`` with its output in ``directory``. It goes on when this process ends.

        ``lock``: a lock (locks.take) that it holds for as long as it runs; this process lets go of it.
        """
        log = _new_log(directory, f"{self._now():%Y%m%d-%H%M%S}-{step}")
        held = () if lock is None else (lock,)
        try:
            with log.open("ab") as stream, self._vault() as vault:
                process = subprocess.Popen(
                    self._command(step, values, vault),
                    cwd=self._project,
                    env=self._environment({}),
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=vault.descriptors + held,
                )
            if lock is not None:
                locks.sign(lock, process.pid, self._now())
        except FileNotFoundError as exc:
            raise _not_installed() from exc
        finally:
            if lock is not None:
                os.close(lock)
        return Job(step, process, log)

    def _command(self, step: str, values: Mapping[str, Any], vault: _Vault) -> list[str]:
        return [
            "ansible-playbook",
            "-i",
            str(self._room),
            *vault.arguments,
            f"playbooks/{step}.yml",
            *extra_vars(values),
        ]

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {
            "ANSIBLE_CONFIG": str(self._project / "ansible.cfg"),
            "ANSIBLE_FORCE_COLOR": "false",
            # Ansible does not flush what it prints into a file: a step would be silent for minutes.
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **own, **more}

    def _vault(self) -> _Vault:
        return _Vault(self._password)


class _Vault:
    """The password in a pipe: on no command line, in no environment, on no disk; who has read it has emptied it."""

    def __init__(self, password: str | None) -> None:
        self.descriptors: tuple[int, ...] = ()
        self.arguments: list[str] = []
        if password is not None:
            reading, writing = os.pipe()
            os.write(writing, password.encode() + b"\n")
            os.close(writing)
            self.descriptors = (reading,)
            self.arguments = ["--vault-password-file", f"/dev/fd/{reading}"]

    def __enter__(self) -> _Vault:
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self.descriptors:
            os.close(fd)


def _new_log(directory: Path, name: str) -> Path:
    """An empty file of its own for one run."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = (f"{name}.log", *(f"{name}-{number}.log" for number in range(2, 100)))
    for path in (directory / each for each in names):
        with suppress(FileExistsError):
            path.touch(0o600, exist_ok=False)
            return path
    raise ExamError(f"写不了 {directory}。", f"Cannot write into {directory}.")


def _not_installed() -> ExamError:
    return ExamError(
        "找不到 ansible-playbook。请机房管理员运行 make venv，再用 bin/exam-menu 打开本菜单。",
        "There is no ansible-playbook. Run make venv and open this menu with bin/exam-menu.",
    )


def follow(job: Job, show: Callable[[str], None], may_stop: Callable[[], bool]) -> int:
    """Show what the job prints until it ends, and give its exit status; negative: it was interrupted.

    On Ctrl-C ``may_stop`` decides; the job itself never sees the key. Raises what ``may_stop`` raises: the job then
    goes on.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    left = ""
    stopped = False
    with job.log.open("rb") as stream:
        while True:
            try:
                ended = job.process.poll() is not None
                *lines, left = (left + decoder.decode(stream.read())).split("\n")
                for line in lines:
                    show(line)
                if ended:
                    break
                time.sleep(_POLL_S)
            except KeyboardInterrupt:
                if may_stop():
                    stopped = True
                    with suppress(KeyboardInterrupt):
                        interrupt(job)
    if left:
        show(left)
    status = job.process.wait()
    return -signal.SIGINT if stopped and status else status


def interrupt(job: Job) -> None:
    """End the job as Ctrl-C in a terminal would, and by force when it does not heed that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(job.process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            job.process.wait(_END_PATIENCE_S)
            return
