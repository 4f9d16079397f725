"""community.windows.win_scheduled_task. Tasks are a model; what fires them reads the same state."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any

from ..host import Host
from ..task import ModuleFailure, Result, Task
from .principals import sid_of

_DURATION = re.compile(r"^P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$")
_COMMON = {"enabled", "end_boundary", "execution_time_limit", "repetition", "start_boundary"}
# What each kind of trigger takes, and what it must have (win_scheduled_task.ps1, Compare-Trigger).
_TRIGGERS: dict[str, tuple[set[str], set[str]]] = {
    "boot": (_COMMON | {"delay"}, set()),
    "daily": (_COMMON | {"days_interval", "random_delay"}, {"start_boundary"}),
    "event": (_COMMON | {"delay", "subscription"}, {"subscription"}),
    "idle": (_COMMON, set()),
    "logon": (_COMMON | {"delay", "user_id"}, set()),
    "monthlydow": (
        _COMMON | {"days_of_week", "months_of_year", "random_delay", "weeks_of_month", "run_on_last_week_of_month"},
        {"start_boundary"},
    ),
    "monthly": (
        _COMMON | {"days_of_month", "months_of_year", "random_delay", "run_on_last_day_of_month"},
        {"days_of_month", "start_boundary"},
    ),
    "registration": (_COMMON | {"delay"}, set()),
    "time": (_COMMON | {"random_delay"}, {"start_boundary"}),
    "weekly": (_COMMON | {"days_of_week", "random_delay", "weeks_interval"}, {"days_of_week", "start_boundary"}),
    "session_state_change": (_COMMON | {"delay", "state_change", "user_id"}, set()),
}
_SETTINGS = (
    "allow_demand_start",
    "allow_hard_terminate",
    "compatibility",
    "delete_expired_task_after",
    "disallow_start_if_on_batteries",
    "execution_time_limit",
    "enabled",
    "hidden",
    "multiple_instances",
    "priority",
    "restart_count",
    "run_only_if_idle",
    "run_only_if_network_available",
    "start_when_available",
    "stop_if_going_on_batteries",
    "wake_to_run",
)
_INFO = ("author", "date", "description", "source", "version")
_PRINCIPAL = ("display_name", "logon_type", "run_level")
# ITaskSettings of a task from NewTask (taskschd.h).
_NEW: dict[str, Any] = {
    "allow_demand_start": True,
    "allow_hard_terminate": True,
    "compatibility": 2,
    "delete_expired_task_after": None,
    "disallow_start_if_on_batteries": True,
    "execution_time_limit": "PT72H",
    "enabled": True,
    "hidden": False,
    "multiple_instances": 2,
    "priority": 7,
    "restart_count": 0,
    "run_only_if_idle": False,
    "run_only_if_network_available": False,
    "start_when_available": False,
    "stop_if_going_on_batteries": True,
    "wake_to_run": False,
    "author": None,
    "date": None,
    "description": None,
    "source": None,
    "version": None,
    "display_name": None,
    "logon_type": "interactive_token",
    "run_level": "limited",
    "user": None,
    "group": None,
    "actions": [],
    "triggers": [],
}


def win_scheduled_task(host: Host, task: Task) -> Result:
    args = task.args
    if re.search(r'[\\/:*?"<>|]', args["name"]):
        raise ModuleFailure(f"Invalid task name '{args['name']}'. The following characters are not valid: \\/:*?\"<>|")
    folder = "\\" + args["path"].strip("\\")
    full = folder.rstrip("\\") + "\\" + args["name"]
    wanted = _wanted(host, args)
    with host.store.change(keep=not task.check_mode) as state:
        tasks: dict[str, dict[str, Any]] = state["tasks"]
        old = tasks.get(full.casefold())
        if args["state"] == "absent":
            changed = tasks.pop(full.casefold(), None) is not None
            prepared = f"-[Task]\n-{full}\n" if changed else ""
        else:
            if old is None and not args["actions"]:
                raise ModuleFailure(
                    "cannot create a task with no actions, set at least one action with a path to an executable"
                )
            # A task that goes and comes again is another one, however like the first: its registration trigger fires.
            fresh = {**_NEW, "name": args["name"], "folder": folder, "made": secrets.token_hex(8)}
            new = {**(old or fresh), **wanted}
            # Passwords cannot be compared: with one the real module always registers the task again.
            changed = new != old or (args["password"] is not None and args["update_password"])
            prepared = _diff(old or {}, new)
            tasks[full.casefold()] = new
    result: Result = {"changed": changed}
    if task.diff_mode:
        result["diff"] = {"prepared": prepared} if prepared else {}
    return result


def _wanted(host: Host, args: dict[str, Any]) -> dict[str, Any]:
    """What the task names, checked, in the form that is kept."""
    wanted = {key: args[key] for key in (*_SETTINGS, *_INFO, *_PRINCIPAL) if args[key] is not None}
    user, group, logon = args["username"], args["group"], args["logon_type"]
    if user is not None and group is not None:
        raise ModuleFailure("username and group can not be set at the same time")
    if logon == "s4u" and args["password"] is None:
        raise ModuleFailure("password must be set when logon_type=s4u")
    if logon == "group" and group is None:
        raise ModuleFailure("group must be set when logon_type=group")
    for key, value in (("user", user), ("group", group)):
        if value is not None:
            sid = _account(host, value)
            wanted[key] = sid
            wanted["group" if key == "user" else "user"] = None
            if logon == "service_account" and sid not in {"S-1-5-18", "S-1-5-19", "S-1-5-20"}:
                raise ModuleFailure(
                    "username must be SYSTEM, LOCAL SERVICE or NETWORK SERVICE when logon_type=service_account"
                )
    for key in ("execution_time_limit", "delete_expired_task_after"):
        if wanted.get(key):
            _duration(key, wanted[key])
    if args["actions"] is not None:
        wanted["actions"] = [_given(action) for action in args["actions"]]
    if args["triggers"] is not None:
        wanted["triggers"] = [_trigger(trigger) for trigger in args["triggers"]]
    return wanted


def _trigger(trigger: dict[str, Any]) -> dict[str, Any]:
    given = _given(trigger)
    allowed, required = _TRIGGERS[given["type"]]
    missing = required - set(given)
    if missing:
        raise ModuleFailure(
            f"mandatory key '{sorted(missing)[0]}' for trigger is not set, mandatory keys are '{_listed(required)}'"
        )
    unknown = set(given) - allowed - {"type"}
    if unknown:
        # The real module ignores such keys with a warning; a stand-in that did would hide a mistake.
        raise ModuleFailure(
            f"key '{sorted(unknown)[0]}' for trigger entry is not valid, valid keys are '{_listed(allowed)}'"
        )
    for key in ("start_boundary", "end_boundary"):
        if key in given:
            try:
                moment = datetime.fromisoformat(given[key])
            except ValueError:
                raise ModuleFailure(
                    f"trigger option '{key}' must be in the format 'YYYY-MM-DDThh:mm:ss' format but was '{given[key]}'"
                ) from None
            given[key] = moment.isoformat(timespec="seconds")
    for key in ("execution_time_limit", "delay", "random_delay"):
        if key in given:
            _duration(key, given[key])
    if "repetition" in given:
        given["repetition"] = _given(given["repetition"])
        for key in ("interval", "duration"):
            if key in given["repetition"]:
                _duration(key, given["repetition"][key])
    return given


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}


def _duration(key: str, value: str) -> None:
    if not _DURATION.match(value):
        raise ModuleFailure(f"trigger option '{key}' must be in the XML duration format but was '{value}'")


def _account(host: Host, name: str) -> str:
    sid = sid_of(host, name)
    if sid is None:
        raise ModuleFailure(
            f"account_name {name} is not a valid account, cannot get SID: Some or all identity references "
            "could not be translated."
        )
    return sid


def _listed(names: set[str]) -> str:
    return "', '".join(sorted(names))


def _diff(old: dict[str, Any], new: dict[str, Any]) -> str:
    lines = []
    for key in sorted(new.keys() - {"made"}):
        if old.get(key) != new[key]:
            lines += [f"-{key}={old[key]}"] if key in old else []
            lines.append(f"+{key}={new[key]}")
    return "\n".join(lines)
