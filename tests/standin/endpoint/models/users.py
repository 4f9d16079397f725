"""ansible.windows.win_user, with accounts that live in Samba."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..backend import BUILTIN_GROUPS, User, UserChange
from ..host import Host
from ..task import ModuleFailure, Result, Task, with_diff
from .principals import group_sid

# SAM names: MS-SAMR 3.1.1.6 and the limit of 20 characters that the WinNT provider keeps.
_REFUSED = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f]')
_UNMODELLED = ("account_expires", "home_directory", "login_script", "profile")


def win_user(host: Host, task: Task) -> Result:
    args = task.args
    unmodelled = [name for name in _UNMODELLED if args[name] is not None]
    if unmodelled:
        raise ModuleFailure(f"The stand-in does not model these options of win_user: {', '.join(unmodelled)}")
    if args["account_locked"]:
        raise ModuleFailure("account_locked must be set to 'no' if provided")
    name = args["name"]
    user = host.backend.user(name)
    before = _shown(user)
    result: Result = {"changed": False, "name": name}
    after = before
    if args["state"] == "present":
        change, after = _wanted(host, task, user)
        result["changed"] = user is None or change != UserChange()
        result["state"] = "present"
        if result["changed"] and not task.check_mode:
            if user is None:
                host.backend.create_user(name, change)
            else:
                host.backend.change_user(user.name, change)
    elif args["state"] == "absent":
        if user is None:
            result["msg"] = f"User '{name}' was not found"
        else:
            if not task.check_mode:
                host.backend.delete_user(user.name)
            result["changed"] = True
            result["msg"] = f"User '{user.name}' deleted successfully"
        result["state"] = "absent"
        after = ""
    else:
        result["state"] = "present" if user else "absent"
        result["msg"] = f"Querying user '{name}'"
    now = host.backend.user(name)
    if now is not None:
        result.update(_result(host, now))
    return with_diff(result, task, before, after)


def _wanted(host: Host, task: Task, user: User | None) -> tuple[UserChange, Any]:
    """What must change for ``state: present``, and the account as it then is, for the diff."""
    args = task.args
    old = user or User(args["name"], "")
    if user is None and (_REFUSED.search(args["name"]) or not 0 < len(args["name"].rstrip(". ")) <= 20):
        raise ModuleFailure(f"The user name '{args['name']}' is invalid.")
    simple = {
        "fullname": args["fullname"],
        "description": args["description"],
        "disabled": args["account_disabled"],
        "password_never_expires": args["password_never_expires"],
        "password_expired": args["password_expired"],
        "cannot_change_password": args["user_cannot_change_password"],
    }
    differs = {key: value for key, value in simple.items() if value is not None and value != getattr(old, key)}
    groups = _groups(host, task, old)
    password = _password(host, task, user)
    unlock = args["account_locked"] is False and old.locked
    change = UserChange(**differs, groups=groups if groups != old.groups else None, password=password, unlock=unlock)
    after = replace(old, **differs, groups=groups, locked=old.locked and not unlock)
    shown = _shown(after)
    if password is not None:
        shown["password"] = "CHANGED REDACTED" if user else "REDACTED"
    return change, shown


def _password(host: Host, task: Task, user: User | None) -> str | None:
    """The password to set, or None to leave it. Windows cannot test that of a disabled or expired account."""
    password: str | None = task.args["password"]
    if password is None or (user is not None and task.args["update_password"] == "on_create"):
        return None
    if user is None or user.disabled or user.password_expired:
        return password
    return None if host.backend.check_password(user.name, password) else password


def _groups(host: Host, task: Task, user: User) -> tuple[str, ...]:
    if task.args["groups"] is None:
        return user.groups
    wanted: list[str] = []
    for group in filter(str.strip, task.args["groups"]):
        sid = group_sid(host, group)
        if sid is None:
            raise ModuleFailure(f"group '{group}' not found")
        wanted.append(sid)
    action = task.args["groups_action"]
    if action == "add":
        return tuple(sorted({*user.groups, *wanted}))
    if action == "remove":
        return tuple(sorted(set(user.groups) - set(wanted)))
    return tuple(sorted(set(wanted)))


def _shown(user: User | None) -> Any:
    if user is None:
        return ""
    return {
        "account_disabled": user.disabled,
        "account_expires": "never",
        "account_locked": user.locked,
        "description": user.description,
        "fullname": user.fullname,
        "groups": [f"BUILTIN\\{BUILTIN_GROUPS[sid]}" for sid in user.groups],
        "home_directory": "",
        "login_script": "",
        "name": user.name,
        "password": "REDACTED",
        "password_expired": user.password_expired,
        "password_never_expires": user.password_never_expires,
        "profile": "",
        "user_cannot_change_password": user.cannot_change_password,
    }


def _result(host: Host, user: User) -> Result:
    root = f"WinNT://{host.backend.workgroup()}/{host.backend.computer_name()}"
    return {
        "name": user.name,
        "fullname": user.fullname,
        "path": f"{root}/{user.name}",
        "description": user.description,
        "password_expired": user.password_expired,
        "password_never_expires": user.password_never_expires,
        "user_cannot_change_password": user.cannot_change_password,
        "account_disabled": user.disabled,
        "account_locked": user.locked,
        "sid": user.sid,
        "groups": [{"name": BUILTIN_GROUPS[sid], "path": f"{root}/{BUILTIN_GROUPS[sid]}"} for sid in user.groups],
    }
