"""How scheduled tasks are set up, read from inside: MSFT_ScheduledTask with what is embedded in it (taskschd.h)."""

from __future__ import annotations

from typing import Any, Final

from ..wire import wsman
from ..wire.wsman import Embedded, Kind, Wmi

FOLDER: Final = "\\Exam\\"
_TRIGGERS: Final = {"MSFT_TaskBootTrigger": "boot", "MSFT_TaskTimeTrigger": "time", "MSFT_TaskLogonTrigger": "logon"}
_SETTINGS: Final[dict[str, Kind]] = {
    "Enabled": "bool",
    "DisallowStartIfOnBatteries": "bool",
    "StopIfGoingOnBatteries": "bool",
    "StartWhenAvailable": "bool",
    "RunOnlyIfIdle": "bool",
    "RunOnlyIfNetworkAvailable": "bool",
    "MultipleInstances": "int",
    "ExecutionTimeLimit": "str",
}


def task_settings(wmi: Wmi) -> list[dict[str, Any]]:
    r"""Each task below ``\Exam\`` with its account, settings, triggers and actions; shapes in :mod:`facts`."""
    rows = wmi.query(
        wsman.TASKS,
        "MSFT_ScheduledTask",
        {
            "TaskName": "str",
            "State": "int",
            "Principal": "object",
            "Settings": "object",
            "Triggers": "object[]",
            "Actions": "object[]",
        },
        f"TaskPath = {wsman.quoted(FOLDER)}",
    )
    return [_task(row) for row in rows]


def _task(row: dict[str, Any]) -> dict[str, Any]:
    principal = row["Principal"].row({"UserId": "str", "LogonType": "int", "RunLevel": "int"})
    settings = row["Settings"].row(_SETTINGS)
    return {
        "name": row["TaskName"],
        # State 1 is disabled.
        "enabled": None if row["State"] is None or settings["Enabled"] is None else row["State"] != 1,
        "user": principal["UserId"],
        "logon_type": principal["LogonType"],
        "run_level": principal["RunLevel"],
        "not_on_batteries": settings["DisallowStartIfOnBatteries"],
        "stop_on_batteries": settings["StopIfGoingOnBatteries"],
        "start_when_available": settings["StartWhenAvailable"],
        "only_if_idle": settings["RunOnlyIfIdle"],
        "only_if_network": settings["RunOnlyIfNetworkAvailable"],
        "multiple_instances": settings["MultipleInstances"],
        "time_limit": settings["ExecutionTimeLimit"],
        "triggers": [_trigger(one) for one in row["Triggers"]],
        "actions": [_action(one) for one in row["Actions"]],
    }


def _trigger(trigger: Embedded) -> dict[str, Any]:
    found = trigger.row({"Enabled": "bool", "StartBoundary": "str", "EndBoundary": "str", "Repetition": "object"})
    repetition = found["Repetition"]
    pattern = repetition.row({"Interval": "str", "Duration": "str"}) if repetition else {}
    return {
        "kind": _TRIGGERS.get(trigger.class_name, trigger.class_name),
        "enabled": found["Enabled"],
        "start": found["StartBoundary"] or None,
        "end": found["EndBoundary"] or None,
        "interval": pattern.get("Interval") or None,
        # Neither null nor empty ends the repetition.
        "duration": pattern.get("Duration") or None,
    }


def _action(action: Embedded) -> dict[str, Any]:
    found = action.row({"Execute": "str", "Arguments": "str"})
    return {"execute": found["Execute"], "arguments": found["Arguments"]}
