"""Runs inside a stand-in host: a restore card comes or goes by the side door; prints how the host stands, as JSON.

Standard input is JSON: ``run`` (drivers that run from now on), ``gone`` (drivers to take away), ``uwf`` (true: Windows
has the Unified Write Filter, switched off; false: it has none), ``protect`` (drives that it protects as if it had been
on since the last start). With ``write`` (a Windows path) a file is written.
"""

from __future__ import annotations

import json
import shutil
import sys

from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import drives, overlay, system

OFF: dict[str, list[str]] = {f"{name}{when}": [] for name in ("volumes", "exclusions") for when in ("", "_next")}


def main() -> None:
    order = json.load(sys.stdin)
    with Store(system.STATE / "state.json", bare(server=False)).change() as state:
        for name in order.get("gone", ()):
            state["drivers"].pop(name)
        for name in order.get("run", ()):
            state["drivers"][name] = {"name": name, "start_mode": "Boot", "running": True}
        if "uwf" in order:
            state["uwf"] = {"enabled": False, "enabled_next": False, **OFF} if order["uwf"] else None
            if overlay.SNAPSHOT.is_dir():
                shutil.rmtree(overlay.SNAPSHOT)
        uwf = state["uwf"]
        if drives_on := order.get("protect"):
            uwf |= {"enabled": True, "enabled_next": True, "volumes": drives_on, "volumes_next": drives_on}
    if order.get("protect"):
        overlay.protect(uwf)
    written = order.get("write") and drives.to_unix(order["write"])
    if written:
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text("written while the filter is on", encoding="utf-8")
    listed = {path: drives.to_unix(path).exists() for path in order.get("there", ())}
    print(json.dumps({"uwf": uwf, "boot": system.load(system.BOOT_FILE, {})["monotonic"], "there": listed}))


if __name__ == "__main__":
    main()
