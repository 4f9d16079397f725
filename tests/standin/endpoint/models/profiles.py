"""ansible.windows.win_user_profile: the list of profiles in the model, their folders on real disk."""

from __future__ import annotations

import shutil

from ..files import WindowsFiles
from ..host import Host
from ..registry import Registry, part_of_user
from ..store import State
from ..task import ModuleFailure, Result, Task
from .principals import name_of, sid_of

# ERROR_SHARING_VIOLATION: the registry of somebody who is signed in is in use.
_IN_USE = (
    "The process cannot access the file because it is being used by another process (Win32 ErrorCode 32 - 0x00000020)"
)


def win_user_profile(host: Host, task: Task) -> Result:
    args = task.args
    sid = sid_of(host, args["username"]) if args["username"] else None
    if args["state"] == "present":
        return _present(host, task, sid)
    if args["username"] is None and args["name"] is None:
        raise ModuleFailure("state is absent but any of the following are missing: name, username")
    wanted = None if args["name"] is None else rf"C:\Users\{args['name']}".casefold()
    with host.store.change(keep=not task.check_mode) as state:
        profiles = state["profiles"]
        found = [one for one, profile in profiles.items() if one == sid or (sid is None and _is(profile, wanted))]
        path = None
        for one in found:
            path = profiles[one]["path"]
            if not task.check_mode:
                if profiles[one]["loaded"]:
                    raise ModuleFailure(f"Failed to delete the profile for {one}: {_IN_USE}")
                real = host.files.real(path)
                if real.is_dir():
                    shutil.rmtree(real)
            del profiles[one]
            Registry(state["registry"]).delete_key(part_of_user(one))
    return {"changed": bool(found), "path": path}


def _present(host: Host, task: Task, sid: str | None) -> Result:
    if sid is None:
        raise ModuleFailure(f"Failed to find the account {task.args['username']}")
    with host.store.change(keep=not task.check_mode) as state:
        if sid in state["profiles"]:
            return {"changed": False, "path": state["profiles"][sid]["path"]}
        name = task.args["name"] or name_of(host, sid).rpartition("\\")[2]
        path = rf"C:\Users\{name}"
        state["profiles"][sid] = {"path": path, "loaded": False}
    if not task.check_mode:
        host.files.make_folder(host.files.real(rf"{path}\Desktop"))
    return {"changed": True, "path": path}


def load_profile(host: Host, state: State, account: str) -> None:
    """Sign an account in: its profile is made where it has none, and is in use from now on."""
    sid = sid_of(host, account)
    assert sid is not None, account
    load_profile_of(host.files, state, account, sid)


def load_profile_of(files: WindowsFiles, state: State, account: str, sid: str) -> None:
    """The same for who has the SID of the account at hand."""
    profile = state["profiles"].setdefault(sid, {"path": rf"C:\Users\{account}", "loaded": False})
    profile["loaded"] = True
    Registry(state["registry"]).create_key(part_of_user(sid))
    files.make_folder(files.real(rf"{profile['path']}\Desktop"))


def _is(profile: dict[str, str], wanted: str | None) -> bool:
    return profile["path"].casefold() == wanted
