"""ansible.windows.win_group_membership, for the built-in local groups."""

from __future__ import annotations

from ..backend import BUILTIN_GROUPS, UserChange
from ..host import Host
from ..task import ModuleFailure, Result, Task
from .principals import group_sid, name_of, sid_of


def win_group_membership(host: Host, task: Task) -> Result:
    name, state = task.args["name"], task.args["state"]
    group = group_sid(host, name)
    if group is None or BUILTIN_GROUPS[group].casefold() != name.casefold():
        raise ModuleFailure(f"Could not find local group {name}", name=name)
    wanted: list[str] = []
    for member in task.args["members"]:
        sid = sid_of(host, member)
        if sid is None:
            raise ModuleFailure(f"account_name {member} is not a valid account, cannot get SID", name=name)
        wanted.append(sid)
    members = [user.sid for user in host.backend.users() if group in user.groups]
    add = [sid for sid in dict.fromkeys(wanted) if state != "absent" and sid not in members]
    remove: list[str] = []
    if state == "absent":
        remove = [sid for sid in members if sid in wanted]
    elif state == "pure":
        remove = [sid for sid in members if sid not in wanted]
    if not task.check_mode:
        for sid in add:
            _change(host, sid, group, member=True)
        for sid in remove:
            _change(host, sid, group, member=False)
    result: Result = {"changed": bool(add or remove), "name": name}
    if state in {"present", "pure"}:
        result["added"] = [name_of(host, sid) for sid in add]
    if state in {"absent", "pure"}:
        result["removed"] = [name_of(host, sid) for sid in remove]
    result["members"] = [name_of(host, sid) for sid in [*members, *add] if sid not in remove]
    return result


def _change(host: Host, sid: str, group: str, *, member: bool) -> None:
    user = next((user for user in host.backend.users() if user.sid == sid), None)
    if user is None:
        raise ModuleFailure(f"The stand-in only models accounts as members, not {sid}.")
    groups = {*user.groups, group} if member else set(user.groups) - {group}
    host.backend.change_user(user.name, UserChange(groups=tuple(sorted(groups))))
