"""The product's collection in a process of its own, as the module exam_collect runs it: an order on standard input as
JSON, ``ready`` when it is about to begin, what it took on standard output as JSON.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from exam_room.collect import collect
from exam_room.collect.results import Owner
from exam_room.collect.serverfiles import connected
from exam_room.wire import smb


class _NoHash:
    """Stands for a hash and costs nothing: the difference is what hashing costs."""

    def update(self, data: object) -> None:
        """Nothing."""

    def hexdigest(self) -> str:
        """No hash."""
        return ""


def _order(given: dict[str, Any]) -> collect.Collector:
    login = smb.Login(**given["login"])
    connect = partial(connected, login, given["volume"], given["folder"], given["timeout"])
    if not given["hashing"]:
        collect.hashlib = SimpleNamespace(sha256=_NoHash, sha512=_NoHash)  # type: ignore[assignment, attr-defined]
    return collect.Collector(Path(given["directory"]), connect)


def _peak_mb() -> float:
    """The largest resident size so far. getrusage would count what the process was before it became this program."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def main() -> int:
    given = json.loads(sys.stdin.readline())
    collector = _order(given)
    print("ready", flush=True)
    begun = time.perf_counter()
    table = collector.collect([Owner(account, None) for account in given["accounts"]]).table
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    checked = {entry.disc: entry.sha256 for entry in table.files[:: max(1, len(table.files) // 100)]}
    bag = Path(given["directory"]) / collect.BAG
    if given["hashing"]:
        for disc, expected in checked.items():
            with (bag / disc).open("rb") as handle:
                if hashlib.file_digest(handle, "sha256").hexdigest() != expected:
                    raise SystemExit(f"{disc} is not what was hashed")
    found = {
        "seconds": seconds,
        "files": len(table.files),
        "bytes": table.size,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": _peak_mb(),
    }
    print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
