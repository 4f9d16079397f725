"""ansible.windows.win_powershell: only scripts whose hash has a model (standin.endpoint.scripts)."""

from __future__ import annotations

from ..host import Host
from ..scripts import UnknownScript, model_of
from ..task import ModuleFailure, Result, Task


def win_powershell(host: Host, task: Task) -> Result:
    """Without check mode of its own, a script is skipped there, as on Windows."""
    args = task.args
    if (args["script"] is None) == (args["path"] is None):
        raise ModuleFailure("exactly one of the following is required: path, script")
    text = args["script"]
    if text is None:
        real = host.files.real(args["path"])
        if not real.is_file():
            raise ModuleFailure(f"Could not find file '{args['path']}'")
        text = real.read_text(encoding="utf-8-sig")
    try:
        model = model_of(text)
    except UnknownScript as exc:
        raise ModuleFailure(str(exc)) from None
    empty: Result = {
        "result": {},
        "host_out": "",
        "host_err": "",
        "output": [],
        "error": [],
        "warning": [],
        "verbose": [],
        "debug": [],
        "information": [],
    }
    if task.check_mode and "SupportsShouldProcess" not in text:
        return {**empty, "changed": False, "skipped": True, "msg": "skipped, running in check mode"}
    return {**empty, "changed": True, **model(host, args["parameters"] or {}, task.check_mode)}
