"""Runs inside a stand-in host: a program of the candidate leaves a file in the profile; prints what is there, as JSON.

Standard input is JSON: ``account``, and ``leave`` (a file's name, or empty).
"""

from __future__ import annotations

import json
import sys

from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import drives, system


def main() -> None:
    order = json.load(sys.stdin)
    top = drives.to_unix(rf"C:\Users\{order['account']}")
    if order["leave"]:
        place = top / "AppData/Local"
        place.mkdir(parents=True, exist_ok=True)
        (place / order["leave"]).write_bytes(b"where the candidate has been")
    there = sorted(path.name for path in top.rglob("*") if path.is_file())
    state = Store(system.STATE / "state.json", bare(server=False)).read()
    print(json.dumps({"there": there, "signed_in": state["signed_in"]}))


if __name__ == "__main__":
    main()
