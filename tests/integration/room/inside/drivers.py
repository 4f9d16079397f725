"""Runs inside a stand-in host: its drivers as ordered, by the side door; prints their names as JSON.

Standard input is JSON: ``run`` (names of drivers that run from now on) and ``gone`` (names of drivers to take away).
"""

from __future__ import annotations

import json
import sys

from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import system


def main() -> None:
    order = json.load(sys.stdin)
    with Store(system.STATE / "state.json", bare(server=False)).change() as state:
        for name in order.get("gone", ()):
            state["drivers"].pop(name)
        for name in order.get("run", ()):
            state["drivers"][name] = {"name": name, "start_mode": "Boot", "running": True}
        names = sorted(state["drivers"])
    print(json.dumps({"drivers": names}))


if __name__ == "__main__":
    main()
