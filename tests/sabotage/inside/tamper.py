"""Runs inside a stand-in host: tampers with one thing by the side door, and prints the order that undoes it, as JSON.

Standard input is one order, {"do": name, …}. No playbook, role or module of the project has a part in it.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from standin import samba
from standin.endpoint.initial import bare
from standin.endpoint.registry import Registry
from standin.endpoint.store import Store
from standin.host import drives, names, shares, system

Order = dict[str, Any]
NOTHING: Order = {"do": "nothing"}


def _store() -> Store:
    return Store(system.STATE / "state.json", bare(server=system.settings()["role"] == "server"))


def nothing() -> Order:
    """What needs no undoing."""
    return NOTHING


def model(path: list[str | int], value: Any = None, gone: bool = False, back: bool = False) -> Order:
    """Set a value of the model state, or take it away; ``back`` puts it where it was taken from."""
    with _store().change() as state:
        place: Any = state
        for step in path[:-1]:
            place = place[step]
        last = path[-1]
        there = last in place if isinstance(place, dict) else True
        old = place[last] if there and not back else None
        if gone:
            del place[last]
        elif back and isinstance(place, list):
            place.insert(int(last), value)
        else:
            place[last] = value
    return {"do": "model", "path": path, "value": old, "gone": not there, "back": gone}


def value(path: list[str | int]) -> Order:
    """A value of the model state."""
    place: Any = _store().read()
    for step in path:
        place = place[step]
    return {"value": place}


def registry(key: str, name: str, kind: str = "string", data: Any = None, gone: bool = False) -> Order:
    """Set a value of the registry, or take it away."""
    with _store().change() as state:
        values = Registry(state["registry"])
        old = values.get(key, name)
        if gone:
            values.delete(key, name)
        else:
            values.set(key, name, kind, data)
    if old is None:
        return {"do": "registry", "key": key, "name": name, "gone": True}
    return {"do": "registry", "key": key, "name": name, "kind": old.kind, "data": old.data}


def registry_key(key: str, gone: bool = False) -> Order:
    """A key of the registry without values, or none."""
    with _store().change() as state:
        values = Registry(state["registry"])
        (values.delete_key if gone else values.create_key)(key)
    return {"do": "registry_key", "key": key, "gone": not gone}


def next_name(computer: str | None = None) -> Order:
    """The name that the host gets at its next start; None: the one that it has."""
    samba.set_names(computer=computer or samba.names().computer)
    return {"do": "next_name"}


def named(computer: str | None = None, workgroup: str | None = None) -> Order:
    """Give the host another name or workgroup, in force at once."""
    old = samba.names()
    system.save(names.FILE, vars(names.Names(computer or old.computer, workgroup or old.workgroup)))
    return {"do": "named", "computer": old.computer, "workgroup": old.workgroup}


def account(
    name: str,
    disabled: bool | None = None,
    groups: list[str] | None = None,
    never_expires: bool | None = None,
    locked: bool | None = None,
    password: str | None = None,
    nt_hash: str | None = None,
) -> Order:
    """Change an account."""
    old = samba.user(name)
    assert old is not None, name
    undo: Order = {"do": "account", "name": name}
    if disabled is not None:
        samba.set_disabled(name, disabled)
        undo["disabled"] = old.disabled
    if groups is not None:
        samba.set_groups(name, groups)
        undo["groups"] = list(old.groups)
    if never_expires is not None:
        samba.set_password_never_expires(name, never_expires)
        undo["never_expires"] = old.password_never_expires
    if locked is not None:
        system.run("net", "sam", "set", "autolock", old.name, "yes" if locked else "no")
        undo["locked"] = old.locked
    if password is not None or nt_hash is not None:
        undo["nt_hash"] = _hash(old.name)
        if password is not None:
            samba.set_password(name, password)
        else:
            system.run("pdbedit", "-u", old.name, f"--set-nt-hash={nt_hash}")
    return undo


def _hash(name: str) -> str:
    rows = (line.split(":") for line in system.run("pdbedit", "-L", "-w").splitlines())
    return next(row[3] for row in rows if row[0].casefold() == name.casefold())


def forget_failed_logons() -> Order:
    """No account is locked, and no failed log-on counts, whoever made it while passwords were others."""
    for user in samba.users():
        system.run("pdbedit", "-z", "-u", user.name)
        if user.locked:
            account(user.name, locked=False)
    return NOTHING


def stranger(name: str, disabled: bool, groups: list[str]) -> Order:
    """An account more."""
    samba.create_user(name, "Str4nger-password")
    samba.set_groups(name, groups)
    samba.set_disabled(name, disabled)
    return {"do": "remove", "name": name}


def remove(name: str) -> Order:
    """An account less; undone with the same SID and password."""
    old = samba.user(name)
    assert old is not None, name
    undo = {"do": "bring_back", "name": old.name, "sid": old.sid, "nt_hash": _hash(old.name)}
    samba.delete_user(name)
    return undo | {"disabled": old.disabled, "never_expires": old.password_never_expires, "groups": list(old.groups)}


def bring_back(name: str, sid: str, **properties: Any) -> Order:
    """An account that was removed."""
    samba.create_user(name, "For-a-moment-1")
    system.run("pdbedit", "-r", "-u", name, "-U", sid)
    account(name, **properties)
    # Samba remembers which Unix account that SID was.
    system.run("net", "cache", "flush")
    return NOTHING


def swap_sids(one: str, other: str) -> Order:
    """Two accounts change their SIDs; group memberships stay with the names."""
    first, second = samba.user(one), samba.user(other)
    assert first is not None and second is not None
    spare = first.sid.rpartition("-")[0] + "-60000"
    for name, sid in ((one, spare), (other, first.sid), (one, second.sid)):
        system.run("pdbedit", "-r", "-u", name, "-U", sid)
    return {"do": "swap_sids", "one": one, "other": other}


def machine_sid(sid: str) -> Order:
    """Another machine SID, as a cloned computer has it."""
    old = system.run("net", "getlocalsid").rpartition(": ")[2].strip()
    system.run("net", "setlocalsid", sid)
    return {"do": "machine_sid", "sid": old}


def share(name: str, path: str, rights: dict[str, str]) -> Order:
    """A share more."""
    folder = drives.to_unix(path)
    made = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    samba.add_share(name, path, permissions=rights)
    return {"do": "unshare", "name": name, "path": path if made else None}


def unshare(name: str, path: str | None) -> Order:
    """The share that was made."""
    samba.remove_share(name)
    if path:
        shutil.rmtree(drives.to_unix(path))
    return NOTHING


def share_rights(name: str, sddl: str) -> Order:
    """Other permissions of a share; ``sddl`` with ``{}`` adds to those it has."""
    old = system.run("sharesec", name, "--viewsddl").strip()
    system.run("sharesec", name, f"--setsddl={sddl.format(old)}")
    return {"do": "share_rights", "name": name, "sddl": old}


def share_setting(name: str, key: str, value: str) -> Order:
    """A setting of a share."""
    old = system.run("net", "conf", "getparm", name, key).strip()
    system.run("net", "conf", "setparm", name, key, value)
    shares.reload()
    return {"do": "share_setting", "name": name, "key": key, "value": old}


def file_service(**wanted: bool) -> Order:
    """Switches of the file service."""
    old = samba.options()
    samba.set_options(wanted)
    return {"do": "file_service", **{name: old[name] for name in wanted}}


def serving(running: bool) -> Order:
    """Start or stop the file service."""
    old = samba.server_running()
    (samba.start_server if running else samba.stop_server)()
    return {"do": "serving", "running": old}


def firewall(up: bool) -> Order:
    """Whether the firewall's rules are enforced."""
    (samba.firewall.apply_again if up else samba.firewall.forget)()
    return {"do": "firewall", "up": not up}


def file(path: str, content: str | None, made: list[str] | None = None) -> Order:
    """A file with this content (base64), or none; ``made`` are folders that go with it, the innermost first."""
    place = drives.to_unix(path)
    old = base64.b64encode(place.read_bytes()).decode() if place.exists() else None
    missing = [folder for folder in place.parents if not folder.exists()]
    if content is None:
        place.unlink()
        for folder in made or []:
            Path(folder).rmdir()
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(base64.b64decode(content))
    return {"do": "file", "path": path, "content": old, "made": [str(folder) for folder in missing]}


def content(path: str) -> Order:
    """What a file holds, in base64."""
    return {"content": base64.b64encode(drives.to_unix(path).read_bytes()).decode()}


def rename(one: str, other: str) -> Order:
    """A file or folder gets another name; with one that exists it changes places."""
    first, second = drives.to_unix(one), drives.to_unix(other)
    if second.exists():
        between = first.with_name(f"{first.name}.between")
        first.rename(between)
        second.rename(first)
        between.rename(second)
        return {"do": "rename", "one": one, "other": other}
    first.rename(second)
    return {"do": "rename", "one": other, "other": one}


ORDERS: dict[str, Callable[..., Order]] = {
    "nothing": nothing,
    "model": model,
    "value": value,
    "registry": registry,
    "registry_key": registry_key,
    "next_name": next_name,
    "named": named,
    "account": account,
    "forget_failed_logons": forget_failed_logons,
    "stranger": stranger,
    "remove": remove,
    "bring_back": bring_back,
    "swap_sids": swap_sids,
    "machine_sid": machine_sid,
    "share": share,
    "unshare": unshare,
    "share_rights": share_rights,
    "share_setting": share_setting,
    "file_service": file_service,
    "serving": serving,
    "firewall": firewall,
    "file": file,
    "content": content,
    "rename": rename,
}


def main() -> None:
    order = json.load(sys.stdin)
    print(json.dumps(ORDERS[order.pop("do")](**order)))


if __name__ == "__main__":
    main()
