"""The computer's name and workgroup: ansible.windows.win_hostname, microsoft.ad.membership (workgroups only)."""

from __future__ import annotations

import re

from ..host import Host
from ..task import ModuleFailure, Result, Task, with_diff

_NAME = re.compile(r"^(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?$")
_BAD_WORKGROUP = re.compile(r'["/\\\[\]:;|=,+*?<>.\x00-\x1f]')


def win_hostname(host: Host, task: Task) -> Result:
    old, name = host.backend.computer_name(), task.args["name"]
    changed = name.casefold() != old.casefold()
    if changed:
        _rename(host, task, name)
    result: Result = {"changed": changed, "old_name": old, "reboot_required": changed}
    return with_diff(result, task, old, name)


def membership(host: Host, task: Task) -> Result:
    args = task.args
    if args["state"] != "workgroup":
        raise ModuleFailure("The stand-in has no domain to join.")
    missing = [name for name in ("workgroup_name", "domain_admin_user", "domain_admin_password") if args[name] is None]
    if missing:
        raise ModuleFailure(f"state is workgroup but all of the following are missing: {', '.join(missing)}")
    old_name, old_group = host.backend.computer_name(), host.backend.workgroup()
    name, group = args["hostname"] or old_name, args["workgroup_name"]
    changed = False
    if group.casefold() != old_group.casefold():
        if _BAD_WORKGROUP.search(group) or not 0 < len(group) <= 15:
            # ERROR_INVALID_DOMAINNAME
            raise ModuleFailure(
                f"Failed to set workgroup as '{group}', return value: 1212: The format of the "
                "specified domain name is invalid"
            )
        if not task.check_mode:
            host.backend.set_pending_workgroup(group)
        changed = True
    if name.casefold() != old_name.casefold():
        _rename(host, task, name)
        changed = True
    result: Result = {"changed": changed, "reboot_required": changed}
    shown = {"dns_domain_name": None, "state": "workgroup"}
    return with_diff(
        result,
        task,
        {**shown, "hostname": old_name, "workgroup_name": old_group},
        {**shown, "hostname": name, "workgroup_name": group},
    )


def _rename(host: Host, task: Task, name: str) -> None:
    if not _NAME.match(name):
        raise ModuleFailure(f"Failed to rename computer to '{name}': The computer name is not valid.")
    if not task.check_mode:
        host.backend.set_pending_name(name)
