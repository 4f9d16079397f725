"""ansible.windows.win_service and win_service_info. LanmanServer is Samba; the others are a model."""

from __future__ import annotations

import fnmatch
from typing import Any

from ..host import Host
from ..initial import LANMAN_PARAMETERS
from ..registry import dword_parameters
from ..task import ModuleFailure, Result, Task, with_diff

_MODELLED = {
    "name",
    "state",
    "start_mode",
    "force_dependent_services",
    "description",
    "display_name",
    "dependency_action",
    "desktop_interact",
}


def win_service(host: Host, task: Task) -> Result:
    args = task.args
    unmodelled = sorted(name for name, value in args.items() if name not in _MODELLED and value is not None)
    if unmodelled or args["desktop_interact"] or args["state"] in {"absent", "paused"}:
        what = ", ".join(unmodelled) or f"state {args['state']}, desktop_interact {args['desktop_interact']}"
        raise ModuleFailure(f"The stand-in does not model these options of win_service: {what}")
    with host.store.change(keep=not task.check_mode) as state:
        service = _find(state, args["name"])
        if service is None:
            raise ModuleFailure(
                f"Service '{args['name']}' is not installed, need to set 'path' to create a new service", exists=False
            )
        running = is_running(host, service)
        before = _shown(service, running)
        changed = False
        for option in ("start_mode", "description", "display_name"):
            if args[option] is not None and args[option] != service[option]:
                service[option] = args[option]
                changed = True
        wanted = args["state"]
        action = None
        if wanted == "restarted" or (wanted == "started") > running or (wanted == "stopped" and running):
            action, changed = wanted, True
        if action in {"started", "restarted"} and service["start_mode"] == "disabled":
            raise ModuleFailure(
                f"Service '{service['display_name']} ({service['name']})' cannot be started due to the "
                "following error: Cannot start service because it is disabled.",
                exists=True,
            )
        if action is not None:
            service["running"] = action != "stopped"
        after = _shown(service, service["running"] if action else running)
        dependents = _dependents(state, service)
        if changed and not task.check_mode:
            _act(host, state, service, action)
    result: Result = {"changed": changed, "exists": True, "depended_by": dependents, "can_pause_and_continue": False}
    for key in ("dependencies", "description", "desktop_interact", "display_name", "name", "path", "start_mode"):
        result[key] = after[key]
    result["username"] = "LocalSystem" if service["username"] == "LocalSystem" else after["username"]
    result["state"] = "running" if after["state"] == "started" else after["state"]
    return with_diff(result, task, before, after)


def win_service_info(host: Host, task: Task) -> Result:
    state = host.store.read()
    pattern = (task.args["name"] or "*").casefold()
    found = [
        _info(state, service, is_running(host, service))
        for service in state["services"].values()
        if fnmatch.fnmatchcase(service["name"].casefold(), pattern)
        or fnmatch.fnmatchcase(service["display_name"].casefold(), pattern)
    ]
    return {"changed": False, "exists": bool(found), "services": found}


def is_running(host: Host, service: dict[str, Any]) -> bool:
    """Whether a service runs, asked of Samba for the one that is Samba."""
    if service["name"] == "LanmanServer":
        return host.backend.file_service_running()
    return bool(service["running"])


def _act(host: Host, state: dict[str, Any], service: dict[str, Any], action: str | None) -> None:
    """Make Samba follow, for the one service that it is."""
    if service["name"] != "LanmanServer":
        return
    host.backend.set_file_service_autostart(service["start_mode"] in {"auto", "delayed"})
    if action in {"stopped", "restarted"}:
        host.backend.stop_file_service()
    if action in {"started", "restarted"}:
        host.backend.set_file_service_options(dword_parameters(state, LANMAN_PARAMETERS))
        host.backend.start_file_service()


def _find(state: dict[str, Any], name: str) -> dict[str, Any] | None:
    folded = name.casefold()
    services: dict[str, dict[str, Any]] = state["services"]
    return services.get(folded) or next(
        (service for service in services.values() if service["display_name"].casefold() == folded), None
    )


def _dependents(state: dict[str, Any], service: dict[str, Any]) -> list[str]:
    name = service["name"].casefold()
    return [
        other["name"]
        for other in state["services"].values()
        if name in {dependency.casefold() for dependency in other["dependencies"]}
    ]


def _shown(service: dict[str, Any], running: bool) -> dict[str, Any]:
    username = r"NT AUTHORITY\SYSTEM" if service["username"] == "LocalSystem" else service["username"]
    return {
        "dependencies": service["dependencies"],
        "description": service["description"],
        "desktop_interact": False,
        "display_name": service["display_name"],
        "name": service["name"],
        "path": service["path"],
        "start_mode": service["start_mode"],
        "state": "started" if running else "stopped",
        "username": username,
    }


def _info(state: dict[str, Any], service: dict[str, Any], running: bool) -> dict[str, Any]:
    return {
        **_shown(service, running),
        "dependency_of": _dependents(state, service),
        "process_id": 1000 if running else 0,
        "service_type": "win32_share_process",
        "win32_exit_code": 0,
    }
