"""One whole exam in the stand-in room: production playbooks, candidates at work, and the proof of the result."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from standin import room as standin_room
from standin.errors import StandInError

from . import leftover, traces
from . import session as session_files
from .candidates import Candidates, compare
from .report import Outcome, Step, say_failed, say_passed

PROJECT = Path(__file__).resolve().parents[2]
ROOM = "rehearsal"
STEPS = ("prepare", "inspect", "open", "start", "cutoff", "burn", "reset")
MATERIAL = "素材"
MATERIAL_DIR = PROJECT / "inventories/rehearsal/material"
# Beyond the exam itself: preparing and collecting a full room on two cores.
PATIENCE_S = 2400
_POLL_S = 0.5
_LOCAL_TIME = "Asia/Shanghai"


@dataclass(frozen=True)
class Paths:
    """Where one rehearsal keeps its things."""

    session_file: Path
    directory: Path
    log: Path

    @property
    def journal(self) -> Path:
        return self.directory / "journal.jsonl"


def signing_key(state: Path) -> Path:
    """The key that seals rehearsals, made the first time."""
    key = state / "signing_key"
    if not key.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f", str(key)], check=True, timeout=30
        )
    return key


def journal_entries(path: Path) -> list[dict[str, Any]]:
    """The complete lines of a journal that is being written."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.split("\n")[:-1] if line]


def begun(entries: list[dict[str, Any]], step: str) -> bool:
    """Whether ``step`` has begun."""
    return any(entry["step"] == step and entry["event"] == "begin" for entry in entries)


def ended(entries: list[dict[str, Any]], step: str) -> bool:
    """Whether ``step`` is done."""
    return any(
        entry["step"] == step and entry["event"] == "end" and entry["data"].get("result") == "done" for entry in entries
    )


def playbook_command(name: str, *extra: str) -> list[str]:
    """The command line of one playbook of the exam day, to be run in the project's folder."""
    program = str(PROJECT / ".venv/bin/ansible-playbook")
    return [program, "-i", "inventories/rehearsal", f"playbooks/{name}.yml", *extra]


def playbook(name: str, environment: dict[str, str], log: Path, *extra: str, patience: float = PATIENCE_S) -> int:
    """Run one playbook of the exam day; its output goes to the screen and to ``log``. Returns its exit status.

    It is killed after ``patience`` seconds.
    """
    with (
        log.open("ab") as stream,
        subprocess.Popen(
            playbook_command(name, *extra),
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        timer = threading.Timer(patience, process.kill)
        timer.start()
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            stream.write(line)
        timer.cancel()
        return process.wait()


def what_failed(log: str) -> str:
    """Where a run failed and what was said, from Ansible's output: the hosts, and the lines of the last error."""
    hosts = sorted(set(re.findall(r"^(?:fatal|failed): \[([^\] ]+)", log, re.MULTILINE)))
    errors = re.findall(r"^\[ERROR\]: (.*(?:\n(?!Origin:|\[|$).*)*)", log, re.MULTILINE)
    reason = errors[-1] if errors else "ansible-playbook ended without saying why"
    return f"{', '.join(hosts)}: {reason}" if hosts else reason


def watch(journal: Path, candidates: Candidates, stop: threading.Event, before: Callable[[], None]) -> None:
    """Let the candidates sit down as soon as the journal says that the room opens; their clients retry until it is.

    ``before`` looks at the room in that moment, prepared and without candidates.
    """
    while not stop.is_set():
        if begun(journal_entries(journal), "open"):
            before()
            candidates.start()
            return
        stop.wait(_POLL_S)


def step_times(entries: list[dict[str, Any]]) -> list[Step]:
    """Each step with its time, from the journal."""
    began: dict[str, datetime] = {}
    steps = []
    for entry in entries:
        at = datetime.fromisoformat(entry["at"])
        if entry["event"] == "begin":
            began[entry["step"]] = at
        elif entry["event"] == "end" and entry["step"] in began:
            seconds = (at - began.pop(entry["step"])).total_seconds()
            steps.append(Step(entry["step"], seconds, str(entry["data"].get("result"))))
    steps += [Step(step, 0.0, "unfinished") for step in began]
    return steps


def check_results(outcome: Outcome, reports: list[dict[str, Any]], paths: Paths) -> None:
    """Prove that the bag holds what the candidates saved, byte for byte, and nothing that came too late."""
    plan = json.loads((paths.directory / "plan.json").read_text(encoding="utf-8"))
    seats = [seat for seat in plan["seats"] if seat["candidate"]]
    for report in reports:
        outcome.problems += compare(report, paths.directory / "bag")
        if report["saved_after_the_cut"]:
            outcome.problems.append(f"{report['account']}: {report['saved_after_the_cut']} files got in after the cut")
    if len(reports) != len(seats):
        outcome.problems.append(f"{len(reports)} of {len(seats)} candidates reported")


def verify(outcome: Outcome, paths: Paths, environment: dict[str, str]) -> None:
    """Let verify.yml judge the discs of the last copy, as anyone can who has the site's public key and the roster."""
    last = max(one["copy"] for one in outcome.copies)
    discs = [one["device"] for one in outcome.copies if one["copy"] == last]
    given = {
        "verify_disc": [str(paths.directory / "discs" / disc) for disc in discs],
        "verify_key": f"{signing_key(standin_room.state_folder())}.pub",
        "verify_roster": str(paths.session_file),
    }
    if playbook("verify", environment, paths.log, "-e", json.dumps(given), patience=600):
        said = what_failed(paths.log.read_text(encoding="utf-8", errors="replace"))
        outcome.problems.append(f"verify.yml: {said}")
    else:
        outcome.verified = discs


@dataclass(frozen=True)
class Made:
    """A stand-in room and the session that is to be held in it."""

    containers: list[str]
    hosts: list[dict[str, Any]]
    paths: Paths
    environment: dict[str, str]
    session_id: str
    label: str
    """What the session files call the room: a room that is made anew is another one."""


def make_room(
    name: str, seats: int, minutes: float, spares: int = 0, units: Sequence[int] = (), latency_ms: int = 0
) -> Made:
    """Make a room of that name anew, with a session of its own; raises StandInError.

    ``latency_ms``: what each answer of WS-Management waits.
    """
    state = standin_room.state_folder()
    leftover.end(state / name)
    made = standin_room.create(name, seats=seats, spares=spares, latency_ms=latency_ms)
    signing_key(state)
    label = f"{name} {datetime.now(ZoneInfo(_LOCAL_TIME)):%H%M%S}"
    paths, session_id = _session(name, label, seats, minutes, units)
    clients = [host["container"] for host in made["hosts"] if host["role"] == "client" and not host["spare"]]
    environment = dict(os.environ, EXAM_STANDIN_ROOM=name, EXAM_SESSION_FILE=str(paths.session_file))
    environment[leftover.MARK] = str(state / name)
    # Ansible does not flush what it prints into a pipe: a step would be silent for minutes.
    environment["PYTHONUNBUFFERED"] = "1"
    return Made(clients, made["hosts"], paths, environment, session_id, label)


def next_session(made: Made, name: str, seats: int, minutes: float, units: Sequence[int]) -> Made:
    """The same room with another session."""
    paths, session_id = _session(name, made.label, seats, minutes, units)
    environment = made.environment | {"EXAM_SESSION_FILE": str(paths.session_file)}
    return replace(made, paths=paths, session_id=session_id, environment=environment)


def _session(name: str, label: str, seats: int, minutes: float, units: Sequence[int]) -> tuple[Paths, str]:
    now = datetime.now(ZoneInfo(_LOCAL_TIME))
    session_id = f"{name}-{now:%Y%m%d-%H%M%S}"
    room = standin_room.state_folder() / name
    paths = Paths(
        session_file=session_files.write(room / "session", label, session_id, seats, minutes, now, units),
        directory=PROJECT / "sessions" / session_id,
        log=room / "ansible.log",
    )
    paths.log.write_bytes(b"")
    return paths, session_id


def material(units: Sequence[int]) -> list[Path]:
    """The folders of the raw material of those units."""
    exam = yaml.safe_load((PROJECT / "exams/rehearsal.yml").read_text(encoding="utf-8"))
    return [MATERIAL_DIR / unit["folder"] for unit in exam["units"] if unit["number"] in units]


def hold(made: Made, seats: int, minutes: float, before: Callable[[], list[str]] = list) -> Outcome:
    """One session from prepare to reset; ``before`` looks at the prepared room and returns what is wrong with it."""
    started = time.monotonic()
    paths = made.paths
    candidates = Candidates(made.containers, MATERIAL, limit=minutes * 60 + PATIENCE_S)
    stop = threading.Event()
    seen: list[str] = []
    watcher = threading.Thread(target=watch, args=(paths.journal, candidates, stop, lambda: seen.extend(before())))
    watcher.start()
    status = 1
    try:
        status = playbook("rehearse", made.environment, paths.log, patience=minutes * 60 + PATIENCE_S)
    finally:
        stop.set()
        watcher.join()
        if status:
            candidates.stop()
    entries = journal_entries(paths.journal)
    outcome = Outcome(made.session_id, seats, paths.directory, step_times(entries), time.monotonic() - started)
    outcome.problems += seen
    if status == 0:
        reports, failures = candidates.reports(timeout=60)
        outcome.problems += failures
        outcome.take(entries, reports)
        check_results(outcome, reports, paths)
        verify(outcome, paths, made.environment)
    else:
        outcome.failed_step = next((step for step in STEPS if not ended(entries, step)), STEPS[-1])
        outcome.problems = [f"{what_failed(paths.log.read_text(encoding='utf-8', errors='replace'))} (log {paths.log})"]
    return outcome


def run(seats: int, minutes: float, sessions: int = 1, say: Callable[[str], None] = print) -> int:
    """Run the rehearsal and print its account; the last line is for programs. Returns the exit status.

    With two ``sessions`` the second examines another unit in the same room, which must hold nothing of the first but in
    quarantine, where the result has to be that is left behind at a seat.
    """
    units = [(1,), (2,)] if sessions == 2 else [()]
    try:
        made = make_room(ROOM, seats, minutes, units=units[0])
    except StandInError as error:
        say_failed(say, "room", str(error))
        return 1
    status = say_passed(say, hold(made, seats, minutes))
    for earlier, now in pairwise(units):
        if status:
            break
        wanted = traces.contents(made.paths.directory / "bag", material(earlier), material(now))
        hosts = [host["container"] for host in made.hosts]
        left = traces.leave_behind(made.containers[0], made.paths.directory / "bag")
        made = next_session(made, ROOM, seats, minutes, now)
        outcome = hold(made, seats, minutes, partial(_traces, wanted, hosts, made.containers[0], left))
        status = say_passed(say, outcome)
    return status


def _traces(wanted: dict[str, str], hosts: Sequence[str], client: str, left: str) -> list[str]:
    seen = traces.on_hosts(hosts)
    return traces.found(wanted, seen) + traces.not_quarantined(left, seen[client])
