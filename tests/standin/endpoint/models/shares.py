"""ansible.windows.win_share, with shares that live in Samba."""

from __future__ import annotations

from dataclasses import replace

from ..backend import Access, Share
from ..host import Host
from ..task import ModuleFailure, Result, Task
from .principals import name_of, sid_of

_RIGHTS = ("read", "change", "full", "deny")


def win_share(host: Host, task: Task) -> Result:
    args = task.args
    name = args["name"]
    share = next((share for share in host.backend.shares() if share.name.casefold() == name.casefold()), None)
    if args["state"] == "absent":
        if share is None:
            return {"changed": False, "actions": []}
        if not task.check_mode:
            host.backend.remove_share(share.name)
        return {"changed": True, "actions": [f"Remove-SmbShare -Force -Name {name}"]}
    if args["path"] is None:
        raise ModuleFailure("Get-AnsibleParam: Missing required argument: path")
    if args["scope_name"] not in (None, "*"):
        raise ModuleFailure("The stand-in does not model the option scope_name of win_share.")
    wanted = {right: _sids(host, args[right] or "") for right in _RIGHTS}
    real = host.files.real(args["path"])
    if not real.exists():
        raise ModuleFailure(f"{args['path']} directory does not exist on the host")
    path = host.files.windows(real)
    actions: list[str] = []
    if share is None:
        actions.append(f"New-SmbShare -Name {name} -Path {path}")
        if task.check_mode:
            return {"changed": True, "actions": actions}
    elif share.path.casefold() != path.casefold():
        actions += [f"Remove-SmbShare -Force -Name {name}", f"New-SmbShare -Name {name} -Path {path}"]
        if not task.check_mode:
            host.backend.remove_share(share.name)
        share = None
    old = share or Share(name, path)
    new = replace(
        old,
        description=args["description"] or "",
        access_based=not args["list"],
        encrypt=bool(args["encrypt"]),
        caching=args["caching_mode"],
        access=_access(old.access, wanted, args["rule_action"]),
    )
    actions += _differences(host, old, new)
    if actions and not task.check_mode:
        host.backend.put_share(new)
    return {"changed": bool(actions), "actions": actions}


def _sids(host: Host, names: str) -> list[str]:
    found = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        sid = sid_of(host, name)
        if sid is None:
            raise ModuleFailure(f"{name} is not a valid user or group on the host machine or domain")
        found.append(sid)
    return found


def _access(old: tuple[Access, ...], wanted: dict[str, list[str]], action: str) -> tuple[Access, ...]:
    """The permissions after the task: the strongest right named for a SID counts."""
    chosen: dict[str, str] = {sid: right for right in ("read", "change", "full") for sid in wanted[right]}
    denied = set(wanted["deny"])
    entries = [Access(sid, "deny") for sid in sorted(denied)] + [Access(sid, right) for sid, right in chosen.items()]
    if action == "add":
        entries += [entry for entry in old if entry.sid not in chosen and entry not in entries]
    return tuple(sorted(entries, key=lambda entry: (entry.right != "deny", entry.sid)))


def _differences(host: Host, old: Share, new: Share) -> list[str]:
    actions = []
    force = f"Set-SmbShare -Force -Name {new.name}"
    if old.description != new.description:
        actions.append(f"{force} -Description {new.description}")
    if old.access_based != new.access_based:
        actions.append(f"{force} -FolderEnumerationMode {'AccessBased' if new.access_based else 'Unrestricted'}")
    if old.caching != new.caching:
        actions.append(f"{force} -CachingMode {new.caching}")
    if old.encrypt != new.encrypt:
        actions.append(f"{force} -EncryptData {new.encrypt}")
    for entry in old.access:
        if entry not in new.access:
            verb = "Unblock" if entry.right == "deny" else "Revoke"
            actions.append(f"{verb}-SmbShareAccess -Force -Name {new.name} -AccountName {name_of(host, entry.sid)}")
    for entry in new.access:
        if entry not in old.access:
            account = name_of(host, entry.sid)
            if entry.right == "deny":
                actions.append(f"Block-SmbShareAccess -Force -Name {new.name} -AccountName {account}")
            else:
                actions.append(
                    f"Grant-SmbShareAccess -Force -Name {new.name} -AccountName {account} "
                    f"-AccessRight {entry.right.capitalize()}"
                )
    return actions
