"""community.windows.win_shortcut: a file on the disk, and what it points to in the model state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..host import Host
from ..task import ModuleFailure, Result, Task

# The first four bytes of every shell link (MS-SHLLINK 2.1).
_HEADER = b"L\0\0\0"
_OPTIONS = {
    "src": "src",
    "args": "arguments",
    "directory": "directory",
    "hotkey": "hotkey",
    "icon": "icon",
    "description": "description",
    "windowstyle": "windowstyle",
}
_EMPTY: dict[str, Any] = {
    "src": "",
    "args": "",
    "directory": "",
    "hotkey": "",
    "icon": ",0",
    "description": "",
    "windowstyle": "normal",
    "run_as_admin": False,
}


def win_shortcut(host: Host, task: Task) -> Result:
    args = task.args
    dest = host.files.expand(args["dest"])
    real = host.files.real(dest)
    result: Result = {"changed": False, "dest": dest, "state": args["state"]}
    with host.store.change(keep=not task.check_mode) as state:
        shortcuts: dict[str, dict[str, Any]] = state["shortcuts"]
        exists = real.exists()
        if args["state"] == "absent":
            result["changed"] = exists
            shortcuts.pop(dest.casefold(), None)
        else:
            if not dest.casefold().endswith((".lnk", ".url")):
                raise ModuleFailure("The shortcut pathname must end with .lnk or .url.")
            old = shortcuts.get(dest.casefold(), _EMPTY) if exists else _EMPTY
            new = dict(old)
            new.update({key: args[option] for key, option in _OPTIONS.items() if args[option] is not None})
            new["run_as_admin"] = args["run_as_admin"]
            result["changed"] = new != old or not exists
            result.update({key: new[key] for key in _OPTIONS})
            shortcuts[dest.casefold()] = new
        if result["changed"] and not task.check_mode:
            _write(host, real, dest, present=args["state"] == "present")
    return result


def _write(host: Host, real: Path, dest: str, *, present: bool) -> None:
    if not present:
        real.unlink()
    elif real.parent.is_dir():
        real.write_bytes(_HEADER)
        host.files.made(real)
    else:
        raise ModuleFailure(f"Failed to create shortcut '{dest}'. (Unable to save shortcut \"{dest}\".)")
