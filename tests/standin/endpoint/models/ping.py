"""ansible.windows.win_ping."""

from __future__ import annotations

from ..host import Host
from ..task import ModuleFailure, Result, Task


def win_ping(host: Host, task: Task) -> Result:
    if task.args["data"] == "crash":
        raise ModuleFailure("boom")
    return {"ping": task.args["data"]}
