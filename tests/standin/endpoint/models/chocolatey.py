"""chocolatey.chocolatey.win_chocolatey: packages of sources that the model names, and what they put on a computer.

``chocolatey`` of the state is ``{"sources": {address: {id: {version: {"view", "key", "values", "code"}}}}, "installed":
{id: version}}``; a package's fields are those of an installer (package.py).
"""

from __future__ import annotations

from .. import programs
from ..argspec import specs
from ..host import Host
from ..registry import Registry
from ..store import State
from ..task import ModuleFailure, Result, Task
from .package import BUSY

_SUCCESS = (0, 1605, 1614, 1641, 3010)
_MODELLED = ("name", "version", "source", "state", "timeout")


def win_chocolatey(host: Host, task: Task) -> Result:
    """Brings one package in the version that is asked for, in the place of an older one."""
    args = task.args
    defaults = {name: option.get("default") for name, option in specs()[task.module].items()}
    given = [name for name, value in args.items() if name not in _MODELLED and value != defaults[name]]
    if given or args["state"] != "upgrade" or len(args["name"]) != 1 or not (args["version"] and args["source"]):
        raise ModuleFailure(f"The stand-in does not model this use of win_chocolatey: {', '.join(given) or args}.")
    name, version = args["name"][0], args["version"]
    with host.store.change(keep=not task.check_mode) as state:
        if state["chocolatey"]["installed"].get(name) == version:
            return {"changed": False, "rc": 0}
        # choco --what-if asks the source, and starts no installer.
        code = _install(state, args["source"], name, version, busy=not task.check_mode)
    if code not in _SUCCESS:
        raise ModuleFailure(f"Error installing package(s) '{name}'", rc=code)
    return {"changed": True, "rc": code, "failed": False}


def _install(state: State, source: str, name: str, version: str, busy: bool) -> int:
    """The exit code of choco.exe."""
    about = state["chocolatey"]["sources"].get(source, {}).get(name, {}).get(version)
    if about is None:
        return 1
    if busy and state.get("installing", 0) > 0:
        state["installing"] -= 1
        return BUSY
    code: int = about.get("code", 0)
    if code in _SUCCESS:
        state["chocolatey"]["installed"][name] = version
        programs.put(Registry(state["registry"]), about["view"], about["key"], about["values"])
    return code
