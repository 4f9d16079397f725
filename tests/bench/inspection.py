"""How long an inspection takes, and how much it asks of each host."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from exam_room.inspection.keeping import EVIDENCE, latest
from rehearsal import run
from standin import room as standin_room
from standin.errors import StandInError

from . import oneatatime

ROOM: Final = "bench-inspect"
SEATS: Final = 30
#: What each answer of WS-Management waits: a network, and Windows that has other work.
LATENCY_MS: Final = 20


def asked(host: str) -> Counter[str]:
    """What a host received over WinRM since the last reset, by kind: wql, or what starts a process."""
    calls = standin_room.state_folder() / ROOM / "hosts" / host / "var" / "calls.jsonl"
    lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    return Counter("wql" if json.loads(line)["kind"] == "wql" else "process" for line in lines)


def seconds(evidence: Path) -> list[float]:
    """How long each host took to answer everything."""
    documents: list[dict[str, Any]] = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(evidence.glob("inside/*.json"))
    ]
    return [document["took_seconds"] for document in documents]


def inspect() -> int:
    """Print what testinfra's way takes for three seats, and then one line of the inspection.

    Seconds of the whole and of a host, processes started and queries asked on any one host.
    """
    try:
        made = run.make_room(ROOM, SEATS, minutes=1, latency_ms=LATENCY_MS)
        if run.playbook("prepare", made.environment, made.paths.log):
            raise SystemExit(f"prepare failed, log {made.paths.log}")
        standin_room.calls(ROOM, reset=True)
        begun = time.monotonic()
        status = run.playbook("inspect", made.environment, made.paths.log)
        total = time.monotonic() - begun
        if status:
            raise SystemExit(f"inspect ended with exit status {status}, log {made.paths.log}")
        counts = [asked(host["name"]) for host in made.hosts]
        kept = latest(made.paths.directory)
        assert kept is not None, "an inspection that ended well is kept"
        median = statistics.median(seconds(kept / EVIDENCE))
        clients = [host["name"] for host in made.hosts if host["role"] == "client"]
        print(oneatatime.ask(clients[: oneatatime.SEATS], made.environment).line())
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        standin_room.destroy(ROOM)
    processes, queries = (max(count[kind] for count in counts) for kind in ("process", "wql"))
    print(
        f"inspect {SEATS} seats: total {total:.1f} s, per host median {median:.2f} s, "
        f"PowerShell starts {processes}, queries {queries}"
    )
    return 0
