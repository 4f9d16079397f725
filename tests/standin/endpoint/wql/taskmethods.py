"""PS_ScheduledTask: starting a task by its name, and what became of its last run (the cmdlets of ScheduledTasks).

Only tasks that run with the token of who is signed in: those of SYSTEM are host/tasks.py's. Where the account is not
signed in, Windows takes the order and starts nothing (event 332).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...host import run_task
from ..host import Host
from ..soap import Fault
from .schema import classes
from .wire import Embedded

Out = list[tuple[str, str, Any]]
_NAMESPACE = "root/microsoft/windows/taskscheduler"
_SYSTEM = "S-1-5-18"
_FILE_NOT_FOUND = 0x80070002
# SCHED_E_TASK_DISABLED, SCHED_S_TASK_RUNNING and SCHED_S_TASK_HAS_NOT_RUN.
_DISABLED, _RUNNING, _NOT_RUN = 0x80041326, 0x41301, 0x41303


def call(host: Host, method: str, given: Mapping[str, str | None]) -> Out:
    """:raises Fault: for a task that is not there or switched off, or of SYSTEM."""
    path = "\\" + (given.get("TaskPath") or "").strip("\\")
    key = (path.rstrip("\\") + "\\" + (given.get("TaskName") or "")).casefold()
    task = host.store.read()["tasks"].get(key)
    if task is None:
        raise Fault("w:InternalError", _FILE_NOT_FOUND, "The system cannot find the file specified.", sender=False)
    if method == "StartByPath":
        _start(host, key, task)
        return [("ReturnValue", "uint32", 0)]
    last = host.store.read()["task_runs"].get(key, {"at": None, "result": _NOT_RUN})
    row = {
        "LastRunTime": None if last["at"] is None else datetime.fromtimestamp(last["at"], UTC),
        "LastTaskResult": last["result"],
        "NumberOfMissedRuns": 0,
        "TaskName": task["name"],
        "TaskPath": path.rstrip("\\") + "\\",
    }
    info = Embedded(classes()[_NAMESPACE, "msft_taskdynamicinfo"], row)
    return [("cmdletOutput", "object", info), ("ReturnValue", "uint32", 0)]


def _start(host: Host, key: str, task: Mapping[str, Any]) -> None:
    if not task["enabled"]:
        raise Fault("w:InternalError", _DISABLED, "The task is disabled.", sender=False)
    if task["user"] == _SYSTEM or task["logon_type"] != "interactive_token":
        reason = f"The stand-in starts tasks of who is signed in only, not {task['name']}"
        raise Fault("w:InternalError", 2150858752, reason, reason, sender=False)
    signed_in = host.store.read()["signed_in"]
    user = host.backend.user(signed_in) if signed_in else None
    if user is None or user.sid != task["user"]:
        return
    _note(host, key, {"at": host.clock().timestamp(), "result": _RUNNING})
    threading.Thread(target=_run, args=(host, key, list(task["actions"])), daemon=True).start()


def _run(host: Host, key: str, actions: list[dict[str, Any]]) -> None:
    begun = host.store.read()["task_runs"][key]["at"]
    results = [run_task.run(action, host.files) for action in actions]
    _note(host, key, {"at": begun, "result": results[-1] & 0xFFFFFFFF})


def _note(host: Host, key: str, run: Mapping[str, Any]) -> None:
    with host.lock, host.store.change() as state:
        state["task_runs"][key] = dict(run)
