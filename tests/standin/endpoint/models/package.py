"""ansible.windows.win_package for installers of the stand-in: files that say in JSON what they put on a computer.

Such a file is ``{"installer": "exe" or "msi", "silent": argument without which an .exe waits for somebody,
"view": "64" or "32", "key": key below Uninstall (of an .msi its product code), "values": of that key,
"code": exit code}``.
``installing`` of the state is how often Windows Installer is still busy with another installation.
"""

from __future__ import annotations

import json
import ntpath
from pathlib import Path
from typing import Any

from .. import programs
from ..host import Host
from ..registry import Registry
from ..task import ModuleFailure, Result, Task
from .files import checksum

BUSY = 1618
_SUCCESS = (0, 3010)
_UNMODELLED = ("chdir", "creates_path", "creates_version", "creates_service", "log_path")


def win_package(host: Host, task: Task) -> Result:
    """Installs unless it is installed: an .msi by its product code, an .exe by ``product_id`` only."""
    args = task.args
    given = [name for name in _UNMODELLED if args[name] is not None]
    if args["state"] != "present" or given:
        raise ModuleFailure(f"The stand-in does not model {', '.join(given) or 'state=absent'} of win_package.")
    if not args["path"]:
        raise ModuleFailure("state is present but all of the following are missing: path")
    result: Result = {"changed": True, "rc": 0, "reboot_required": False}
    real = host.files.real(args["path"])
    if not real.is_file():
        if task.check_mode and args["provider"] == "registry":
            return result
        raise ModuleFailure(f"the file at the path '{args['path']}' cannot be reached")
    about = _about(real, args)
    with host.store.change(keep=not task.check_mode) as state:
        registry = Registry(state["registry"])
        known = about["key"] if about["installer"] == "msi" else args["product_id"]
        if known and any(registry.has_key(rf"{view}\{known}") for view in programs.VIEWS.values()):
            return result | {"changed": False}
        if not task.check_mode:
            result["checksum"] = _checked(real, args)
            result["rc"] = _run(state, registry, about, args["arguments"])
    if task.check_mode:
        return result
    if result["rc"] not in args["expected_return_code"]:
        raise ModuleFailure(
            f"unexpected rc from '{args['path']}': see rc, stdout, and stderr for more details",
            **result,
            stdout="",
            stderr="",
        )
    # Ansible takes an exit code other than 0 for a failure where the module does not say that it is none.
    return result | {"reboot_required": result["rc"] == 3010, "failed": False}


def _about(real: Path, args: dict[str, Any]) -> dict[str, Any]:
    """What the installer says; the provider decides how the file is opened."""
    try:
        about: dict[str, Any] = json.loads(real.read_text(encoding="utf-8"))
        kind = about["installer"]
    except (ValueError, LookupError, TypeError):
        about, kind = {}, "none"
    wanted = {"msi": "msi", "registry": "exe"}.get(args["provider"])
    if args["provider"] == "auto":
        wanted = "msi" if kind == "msi" else "exe"
    if wanted is None:
        raise ModuleFailure(f"The stand-in does not model the provider {args['provider']} of win_package.")
    if kind != wanted:
        # 1620 of MsiOpenPackageEx, 193 of CreateProcess.
        raise ModuleFailure(
            "This installation package could not be opened."
            if wanted == "msi"
            else f"{ntpath.basename(args['path'])} is not a valid Win32 application."
        )
    return about


def _checked(real: Path, args: dict[str, Any]) -> str:
    found = checksum(real, args["checksum_algorithm"]).upper()
    if args["checksum"] and args["checksum"].upper() != found:
        raise ModuleFailure(f"The checksum for {args['path']} did not match '{args['checksum']}', it was '{found}'")
    return found


def _run(state: dict[str, Any], registry: Registry, about: dict[str, Any], arguments: Any) -> int:
    """The exit code; what the installer brings is there then, if it is one of success."""
    said = " ".join(arguments) if isinstance(arguments, list) else arguments or ""
    if about["installer"] == "exe" and about["silent"] not in said.split():
        raise ModuleFailure("The installer shows its window and waits for somebody, for ever.")
    if state.get("installing", 0) > 0:
        state["installing"] -= 1
        return BUSY
    code: int = about.get("code", 0)
    if code in _SUCCESS:
        programs.put(registry, about["view"], about["key"], about["values"])
    return code
