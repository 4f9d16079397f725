"""Scheduled tasks fire: the supervisor looks each second whether one is due by the host's clock.

Tasks are those that win_scheduled_task keeps in the model state; what ran is kept in ``tasks.json``, by the task's path
in lower case: ``last_run`` and ``registered`` (seconds since 1970, host's clock), ``last_result`` (as Windows' Last Run
Result), ``runs`` and ``refused`` (started; not started because one was still running). Only tasks of SYSTEM run here.
Log-on triggers are host/sign_in.py's.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import system, triggers

STATE_FILE = "state.json"
FILE = "tasks.json"
SYSTEM_SID = "S-1-5-18"
# SCHED_S_TASK_RUNNING, SCHED_S_TASK_HAS_NOT_RUN and SCHED_S_TASK_TERMINATED of the Task Scheduler's codes.
RUNNING, NOT_RUN, TERMINATED = 0x41301, 0x41303, 0x41306
PARALLEL, IGNORE_NEW, STOP_EXISTING = 0, 2, 3
# Missed starts are made up for so long after the service has started (TaskSettings.StartWhenAvailable).
CATCH_UP_DELAY = 600.0
LOOK_EACH = 1.0

Task = dict[str, Any]
Start = Callable[[list[dict[str, Any]]], "subprocess.Popen[bytes]"]


def start(actions: list[dict[str, Any]]) -> subprocess.Popen[bytes]:
    """Run a task's actions in a process of its own; its last line of output is the result."""
    command = (sys.executable, "-m", "standin.host.run_task", json.dumps(actions))
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)


@dataclass
class Run:
    """One running instance of a task; ``ends`` is when it is stopped, by the monotonic clock."""

    key: str
    process: subprocess.Popen[bytes]
    ends: float | None


@dataclass
class Scheduler:
    """The Task Scheduler service of one host, driven by ``tick``."""

    start: Start = start
    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    running: list[Run] = field(default_factory=list)
    _tasks: dict[str, Task] = field(default_factory=dict)
    _records: dict[str, dict[str, Any]] = field(default_factory=dict)
    _read: tuple[int, int] | None = None
    _booted: float = 0.0
    _seen: float = 0.0
    _made_up: dict[str, float] = field(default_factory=dict)
    _new: set[str] = field(default_factory=set)

    def boot(self) -> None:
        """The service starts with the host: boot triggers fire, missed starts are made up for."""
        self._booted = self.now()
        self._seen = self._booted - 0.001
        self._read = None
        self._records = system.load(FILE, {})
        self._look()
        self._made_up, self._new = {}, set()
        for key, task in self._tasks.items():
            record = self._records[key]
            for trigger in task["triggers"]:
                missed = self._schedule(key, trigger)
                last = missed.last(self._seen) if missed and triggers.catches_up(task, trigger) else None
                if last is not None and last > max(record["last_run"] or 0.0, record["registered"]):
                    self._made_up[key] = self.monotonic() + CATCH_UP_DELAY

    def stop(self) -> None:
        """The host goes down: what runs is gone, and how it would have ended nobody knows."""
        for run in self.running:
            _kill(run.process)
            self._records[run.key]["last_result"] = TERMINATED
        if self.running:
            self.running = []
            self._save()

    def tick(self) -> None:
        """Start what has become due, and write down what has ended."""
        self._collect()
        self._look()
        now = self.now()
        # Set back, the clock comes to the same moments again.
        since = min(self._seen, now)
        self._seen = now
        for key, task in self._tasks.items():
            due = self._made_up.get(key, float("inf")) <= self.monotonic()
            for trigger in task["triggers"]:
                schedule = self._schedule(key, trigger)
                coming = schedule.next(since) if schedule else None
                due = due or (coming is not None and coming <= now)
            if due:
                self._made_up.pop(key, None)
                self._fire(key, task)

    def pause(self) -> float:
        """Seconds until it is worth to look again, at most LOOK_EACH."""
        waits = [LOOK_EACH]
        for key, task in self._tasks.items():
            for trigger in task["triggers"]:
                schedule = self._schedule(key, trigger)
                coming = schedule.next(self._seen) if schedule else None
                if coming is not None:
                    waits.append(max(0.01, coming - self.now()))
        return min(waits)

    def _schedule(self, key: str, trigger: Mapping[str, Any]) -> triggers.Schedule | None:
        booted = None if key in self._new else self._booted
        return triggers.schedule(trigger, booted=booted, registered=self._records[key]["registered"])

    def _look(self) -> None:
        """Read the tasks again if something in the model state changed; a new or changed one is registered now."""
        try:
            about = (system.STATE / STATE_FILE).stat()
        except FileNotFoundError:
            return
        mark = (about.st_mtime_ns, about.st_ino)
        if mark == self._read:
            return
        self._read = mark
        kept = system.load(STATE_FILE, {})["tasks"]
        old = self._records
        self._records = {key: self._record(key, task) for key, task in kept.items()}
        self._tasks = {key: task for key, task in kept.items() if task["enabled"] and task["user"] == SYSTEM_SID}
        for run in [run for run in self.running if run.key not in kept]:
            _kill(run.process)
            self.running.remove(run)
        if self._records != old:
            self._save()

    def _record(self, key: str, task: Task) -> dict[str, Any]:
        none = {"last_run": None, "last_result": NOT_RUN, "runs": 0, "refused": 0, "task": None, "registered": 0.0}
        record = self._records.get(key, none)
        if record["task"] == task:
            return record
        self._new.add(key)
        return {**record, "task": task, "registered": self.now()}

    def _fire(self, key: str, task: Task) -> None:
        record = self._records[key]
        own = [run for run in self.running if run.key == key]
        if own and task["multiple_instances"] == STOP_EXISTING:
            for run in own:
                _kill(run.process)
                self.running.remove(run)
        elif own and task["multiple_instances"] != PARALLEL:
            if task["multiple_instances"] != IGNORE_NEW:
                print(f"{key}: queued instances are not modelled", file=sys.stderr, flush=True)
            record["refused"] += 1
            self._save()
            return
        limit = triggers.seconds(task["execution_time_limit"])
        self.running.append(Run(key, self.start(task["actions"]), self.monotonic() + limit if limit else None))
        record.update(last_run=self.now(), last_result=RUNNING, runs=record["runs"] + 1)
        self._save()

    def _collect(self) -> None:
        changed = False
        for run in list(self.running):
            if run.process.poll() is None and (run.ends is None or self.monotonic() < run.ends):
                continue
            result = TERMINATED
            if run.process.poll() is None:
                _kill(run.process)
            elif run.process.stdout is not None:
                with contextlib.suppress(ValueError, IndexError), run.process.stdout as output:
                    result = int(output.read().split()[-1])
            self.running.remove(run)
            self._records[run.key]["last_result"] = result
            changed = True
        if changed:
            self._save()

    def _save(self) -> None:
        system.save(FILE, self._records)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
