"""community.windows.win_msg: what was shown is kept in the model state."""

from __future__ import annotations

from ..host import Host, stamp
from ..task import ModuleFailure, Result, Task


def win_msg(host: Host, task: Task) -> Result:
    args = task.args
    text = args["msg"]
    if len(text) > 255:
        raise ModuleFailure(f"msg length must be less than 256 characters, current length: {len(text)}")
    now = host.clock()
    result: Result = {
        "changed": True,
        "display_seconds": args["display_seconds"],
        "msg": text,
        "wait": args["wait"],
        "runtime_seconds": 0.0,
        "sent_localtime": now.strftime("%A, %B %d, %Y %I:%M:%S %p"),
    }
    if not task.check_mode:
        with host.store.change() as state:
            state["messages"].append({"at": stamp(now), "to": args["to"], "text": text})
        result["rc"] = 0
    return result
