"""Scheduled tasks, and what is embedded in them (taskschd.h)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host import Host
from .schema import classes
from .wire import Embedded

Rows = list[dict[str, Any]]
_NAMESPACE = "root/microsoft/windows/taskscheduler"
# A name as Windows shows it for these SIDs.
_SERVICES = {"S-1-5-18": "SYSTEM", "S-1-5-19": "LOCAL SERVICE", "S-1-5-20": "NETWORK SERVICE"}
_TRIGGERS = {"boot": "MSFT_TaskBootTrigger", "time": "MSFT_TaskTimeTrigger", "logon": "MSFT_TaskLogonTrigger"}
# Classes whose instances stand inside a task, or what a method gives, only.
EMBEDDED = frozenset(
    {
        "MSFT_TaskDynamicInfo",
        "MSFT_TaskExecAction",
        "MSFT_TaskPrincipal2",
        "MSFT_TaskRepetitionPattern",
        "MSFT_TaskSettings3",
        "MSFT_TaskTrigger",
        *_TRIGGERS.values(),
    }
)
_LOGON_TYPES = {
    "none": 0,
    "password": 1,
    "s4u": 2,
    "interactive_token": 3,
    "group": 4,
    "service_account": 5,
    "token_or_password": 6,
}


def scheduled_tasks(host: Host) -> Rows:
    """State 1 is disabled, 3 ready."""
    names = {user.sid: user.name for user in host.backend.users()} | _SERVICES
    return [_row(task, names) for task in host.store.read()["tasks"].values()]


def _row(task: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    folder = task["folder"].rstrip("\\") + "\\"
    return {
        "Actions": [_action(one) for one in task["actions"]],
        "Author": task["author"],
        "Date": task["date"],
        "Description": task["description"],
        "Principal": _principal(task, names),
        "Settings": _settings(task),
        "Source": task["source"],
        "State": 3 if task["enabled"] else 1,
        "TaskName": task["name"],
        "TaskPath": folder,
        "Triggers": [_trigger(one) for one in task["triggers"]],
        "URI": folder + task["name"],
        "Version": task["version"],
    }


def _instance(name: str, row: Mapping[str, Any]) -> Embedded:
    return Embedded(classes()[_NAMESPACE, name.casefold()], row)


def _principal(task: Mapping[str, Any], names: Mapping[str, str]) -> Embedded:
    return _instance(
        "MSFT_TaskPrincipal2",
        {
            "Id": "Author",
            "UserId": names.get(task["user"], task["user"]),
            "GroupId": task["group"],
            "DisplayName": task["display_name"],
            "LogonType": _LOGON_TYPES[task["logon_type"]],
            "RunLevel": 1 if task["run_level"] == "highest" else 0,
        },
    )


def _settings(task: Mapping[str, Any]) -> Embedded:
    return _instance(
        "MSFT_TaskSettings3",
        {
            "AllowDemandStart": task["allow_demand_start"],
            "AllowHardTerminate": task["allow_hard_terminate"],
            "Compatibility": task["compatibility"],
            "DeleteExpiredTaskAfter": task["delete_expired_task_after"],
            "DisallowStartIfOnBatteries": task["disallow_start_if_on_batteries"],
            "Enabled": task["enabled"],
            "ExecutionTimeLimit": task["execution_time_limit"],
            "Hidden": task["hidden"],
            "MultipleInstances": task["multiple_instances"],
            "Priority": task["priority"],
            "RestartCount": task["restart_count"],
            "RunOnlyIfIdle": task["run_only_if_idle"],
            "RunOnlyIfNetworkAvailable": task["run_only_if_network_available"],
            "StartWhenAvailable": task["start_when_available"],
            "StopIfGoingOnBatteries": task["stop_if_going_on_batteries"],
            "WakeToRun": task["wake_to_run"],
        },
    )


def _trigger(trigger: Mapping[str, Any]) -> Embedded:
    repetition = trigger.get("repetition") or {}
    return _instance(
        _TRIGGERS.get(trigger["type"], "MSFT_TaskTrigger"),
        {
            "Enabled": trigger.get("enabled", True),
            "StartBoundary": trigger.get("start_boundary"),
            "EndBoundary": trigger.get("end_boundary"),
            "ExecutionTimeLimit": trigger.get("execution_time_limit"),
            "Repetition": _instance(
                "MSFT_TaskRepetitionPattern",
                {
                    "Interval": repetition.get("interval"),
                    "Duration": repetition.get("duration"),
                    "StopAtDurationEnd": repetition.get("stop_at_duration_end", False),
                },
            ),
        },
    )


def _action(action: Mapping[str, Any]) -> Embedded:
    return _instance(
        "MSFT_TaskExecAction",
        {
            "Execute": action["path"],
            "Arguments": action.get("arguments"),
            "WorkingDirectory": action.get("working_directory"),
        },
    )
