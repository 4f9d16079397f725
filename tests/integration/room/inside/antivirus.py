"""Runs inside a stand-in host: Defender is changed by the side door; prints how it stands, as JSON.

Standard input is JSON: ``model`` (what differs from now on), ``threat`` (a Windows path to write a threat to),
``remove`` (one to take away), and ``there`` (Windows paths of which to say whether they are there).
"""

from __future__ import annotations

import json
import sys

from standin.endpoint.defender import THREAT
from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import drives, system


def main() -> None:
    order = json.load(sys.stdin)
    with Store(system.STATE / "state.json", bare(server=False)).change() as state:
        state["antivirus"] |= order.get("model", {})
        model = state["antivirus"]
    if path := order.get("threat"):
        written = drives.to_unix(path)
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(THREAT + b"Trojan:Win32/Test\n")
    if path := order.get("remove"):
        drives.to_unix(path).unlink()
    there = {path: drives.to_unix(path).exists() for path in order.get("there", ())}
    print(json.dumps({"model": model, "there": there}))


if __name__ == "__main__":
    main()
