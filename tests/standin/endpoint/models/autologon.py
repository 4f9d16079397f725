"""ansible.windows.win_auto_logon: registry values and an LSA secret, both in the model."""

from __future__ import annotations

from ..host import Host
from ..initial import WINLOGON
from ..registry import Registry
from ..task import ModuleFailure, Result, Task, with_diff
from .principals import name_of, sid_of

SECRET = "DefaultPassword"


def win_auto_logon(host: Host, task: Task) -> Result:
    args = task.args
    present = args["state"] == "present"
    if present and (args["username"] is None or args["password"] is None):
        raise ModuleFailure("state is present but all of the following are missing: username, password")
    domain = username = None
    if args["username"]:
        sid = sid_of(host, args["username"])
        if sid is None:
            raise ModuleFailure(f"Failed to find a local or domain user with the name '{args['username']}'")
        domain, _, username = name_of(host, sid).rpartition("\\")
    with host.store.change(keep=not task.check_mode) as state:
        registry = Registry(state["registry"])
        on = registry.get(WINLOGON, "AutoAdminLogon")
        enabled = on is not None and str(on.data) == "1"
        before = {"state": "present" if enabled else "absent"}
        count = None if args["logon_count"] is None else str(args["logon_count"])
        wanted = {"DefaultUserName": username, "DefaultDomainName": domain, "AutoLogonCount": count}
        changed = enabled != present
        if changed:
            registry.set(WINLOGON, "AutoAdminLogon", "dword", 1 if present else 0)
        for name, value in wanted.items():
            old = registry.get(WINLOGON, name)
            if old is not None:
                before[_SHOWN[name]] = str(old.data)
            if present and value is not None and (old is None or str(old.data) != value):
                registry.set(WINLOGON, name, "string", value)
                changed = True
            elif (not present or value is None) and old is not None:
                registry.delete(WINLOGON, name)
                changed = True
        password = args["password"] if present else None
        if state["lsa_secrets"].get(SECRET) != password:
            state["lsa_secrets"][SECRET] = password
            changed = True
    after = {"state": args["state"]}
    if present:
        after |= {"username": username, "domain": domain}
    return with_diff({"changed": changed}, task, before, after)


_SHOWN = {"DefaultUserName": "username", "DefaultDomainName": "domain", "AutoLogonCount": "logon_count"}
