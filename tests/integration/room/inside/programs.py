"""Runs inside a stand-in host: programs go by the side door; prints those that are there, and the start, as JSON.

Standard input is JSON: ``gone`` (keys below Uninstall to take away), ``back`` (true: all that the image has), ``busy``
(how often Windows Installer is at another installation), ``chocolatey`` (what its sources offer), ``there`` (a Windows
path: does it exist?).
"""

from __future__ import annotations

import json
import sys

from standin.endpoint import programs
from standin.endpoint.initial import bare
from standin.endpoint.registry import Registry
from standin.endpoint.store import Store
from standin.host import drives, system


def main() -> None:
    order = json.load(sys.stdin)
    with Store(system.STATE / "state.json", bare(server=False)).change() as state:
        registry = Registry(state["registry"])
        for key in order.get("gone", ()):
            for view in programs.VIEWS.values():
                registry.delete_key(rf"{view}\{key}")
        if order.get("back"):
            programs.put_initial(registry, server=False)
        if "busy" in order:
            state["installing"] = order["busy"]
        if "chocolatey" in order:
            state["chocolatey"] = {"sources": order["chocolatey"], "installed": {}}
        found = {key: view for view, path in programs.VIEWS.items() for key in registry.sub_keys(path)}
    there = drives.to_unix(order.get("there", "C:\\")).exists()
    print(json.dumps({"programs": found, "there": there, "boot": system.load(system.BOOT_FILE, {})["monotonic"]}))


if __name__ == "__main__":
    main()
