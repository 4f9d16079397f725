"""How fast the cutoff is: writing candidates in processes and at addresses of their own, the product's own cut, and
beside it, in the same run, what a technician would do otherwise and the same work done on the server itself.

The server's clock is this machine's clock: the server is a container on it.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from exam_room.errors import ExamError
from standin.errors import StandInError

from . import figures, place, ways
from .place import Failed, Place, Program

OUTPUT: Final = ways.PROJECT / "build" / "bench" / "cutoff.json"
#: Without a pause, candidates on the server's own machine would take all of its processor: a network that costs no
#: time is no load that a room can make.
WRITE_EVERY_S: Final = 0.02
PATIENCE_S: Final = 120.0
#: After the deadline: how long log-ons are tried, and how long a candidate may write on before that is a breach.
LOGONS_AFTER_S: Final = 2.5
WRITES_AFTER_S: Final = 20.0
LOGONS: Final = {"processes": 3, "every_s": 0.05, "before_s": 0.5, "after_s": LOGONS_AFTER_S}


def _measure(made: Place, count: int, way: ways.Way) -> figures.Run:
    """One cut of ``count`` seats."""
    made.set_up(count)
    seats = made.first(count)
    logon = LOGONS if way.name in (figures.PRODUCT, figures.FLOOR) else {**LOGONS, "processes": 0}
    candidates = Program(
        place.inside(made.generators, "python3", "-m", f"{place.THERE}.candidates"),
        {
            "server": made.login.address,
            "share": place.SHARE,
            "seats": [
                {"account": seat["account"], "address": seat["address"], "password": made.passwords[seat["account"]]}
                for seat in seats
            ],
            "write_every_s": WRITE_EVERY_S,
            "logon": logon,
        },
    )
    try:
        candidates.ready()
        deadline = float(math.ceil(time.time() + way.ahead_s))
        candidates.tell(f"{deadline} {deadline + WRITES_AFTER_S}")
        done = way.begin(made, seats, deadline)()
        seen = json.loads(candidates.result(PATIENCE_S))
    finally:
        candidates.stop()
    _nothing_lost(made, seen)
    more = {"deadline": ways.iso(deadline), "load": ways.load(), **done.more}
    return figures.run_of(count, way.name, deadline, seen, done.sessions_gone, more)


def _nothing_lost(made: Place, seen: dict[str, Any]) -> None:
    """What was acknowledged is on the server; at most the write in flight is there too."""
    for one in seen["writers"]:
        there = made.written(one["account"])
        if there not in (one["number"], one["number"] + 1):
            raise Failed(f"{one['account']}: write {one['number']} was acknowledged, the server has {there}")


def _rounds(sizes: Sequence[int], times: int) -> Iterator[tuple[int, ways.Way]]:
    """What is measured, ways of one size in turn, so that noise meets them all alike."""
    for count in sizes:
        beside = ways.OTHERS if count == figures.MAIN_SEATS else ()
        for _ in range(times):
            for way in (ways.PRODUCT_WAY, ways.FLOOR_WAY, *beside):
                yield count, way


def _keep(runs: Sequence[figures.Run], broken: Sequence[str]) -> None:
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "cores": os.cpu_count(),
        "breaches": list(broken),
        "summary": [
            {"seats": seats, "way": way, "runs": len(listed), **figures.summary(listed)}
            for (seats, way), listed in figures.grouped(runs).items()
        ],
        "runs": [asdict(run) for run in runs],
    }
    OUTPUT.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def cutoff(sizes: Sequence[int], times: int) -> int:
    """Measure, print, keep. Returns 1 when something was cut too early or not at all, or nothing could be measured."""
    runs: list[figures.Run] = []
    broken: list[str] = []
    try:
        made = place.make(max(sizes))
        for count, way in _rounds(sizes, times):
            run = _measure(made, count, way)
            runs.append(run)
            broken += figures.breaches(run)
            _keep(runs, broken)
            print(figures.line(run), file=sys.stderr, flush=True)
    except (StandInError, ExamError, Failed) as error:
        print(f"bench-cutoff: {error}", file=sys.stderr)
        return 1
    finally:
        place.destroy()
    print(figures.table(runs))
    for breach in broken:
        print(f"BREACH: {breach}")
    print(figures.last_line(runs))
    return 1 if broken else 0
