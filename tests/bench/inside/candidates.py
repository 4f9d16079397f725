"""Candidates of a whole room in one container: each writes all the time, from a process and an address of his own.

Beside them, processes that do nothing but log on. Reads one JSON line:
``{"server", "share", "seats": [{"account", "password", "address"}], "write_every_s", "logon": {"processes", "every_s",
"before_s", "after_s"}}``. Says ``ready`` once every candidate has had a write acknowledged; reads the deadline and the
end (two numbers, seconds since 1970); then prints one JSON line: ``{"writers": [...], "logons": [...]}``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection as Pipe
from typing import Any, Final

from smbprotocol.exceptions import SMBException, SMBResponseException

from .direct import Direct, Lost, OpenFile

BLOCK: Final = 8192
FILE: Final = "工作.bin"
#: How long one who has not been ready yet is waited for.
PATIENCE_S: Final = 120.0
#: How long a candidate stays connected who can write no more.
STAY_S: Final = 4.0
_FORK: Final = multiprocessing.get_context("fork")


@dataclass
class Writer:
    """What one candidate saw, in seconds since 1970; the answers' times are those of their arrival.

    ``refused_started`` and ``refused`` belong to the first write that was not accepted: refused with ``status``, or
    the connection ended instead of an answer. ``number`` is that of the last acknowledged write; the file begins with
    it. ``hung_up``: when the server ended the connection, if it did.
    """

    account: str
    number: int = 0
    last_accepted: float = 0.0
    longest_s: float = 0.0
    refused_started: float | None = None
    refused: float | None = None
    status: str = ""
    hung_up: float | None = None


def write(settings: dict[str, Any], seat: dict[str, str], until: Any, pipe: Pipe) -> None:
    """Write until the server refuses: a write begins ``write_every_s`` after the one before, once that is answered."""
    seen = Writer(seat["account"])
    padding = b"x" * (BLOCK - 20)
    connection = Direct(settings["server"], seat["address"])
    session = connection.log_on(seat["account"], seat["password"])
    file = OpenFile(session, settings["server"], settings["share"], f"{seat['account']}\\{FILE}", BLOCK)
    while time.time() < until.value:
        started = time.time()
        try:
            status, answered = file.write(b"%020d" % (seen.number + 1) + padding)
        except Lost as error:
            status, answered = -1, time.time()
            seen.status = str(error)
        if status:
            seen.refused_started, seen.refused = started, answered
            seen.status = seen.status or f"0x{status:08X}"
            # As Windows does, the client stays connected: ending the session is the server's part.
            seen.hung_up = connection.wait_for_end(STAY_S)
            break
        seen.number += 1
        seen.last_accepted = answered
        seen.longest_s = max(seen.longest_s, answered - started)
        if seen.number == 1:
            pipe.send("ready")
        time.sleep(max(0.0, started + settings["write_every_s"] - time.time()))
    pipe.send(asdict(seen))


def attempt(server: str, seat: dict[str, str], results: list[dict[str, Any]]) -> None:
    """One log-on over a fresh connection."""
    started = time.time()
    connection = Direct(server, seat["address"])
    status = "accepted"
    try:
        connection.log_on(seat["account"], seat["password"])
    except SMBResponseException as error:
        status = f"0x{error.status & 0xFFFFFFFF:08X}"
    except (SMBException, OSError, Lost, ValueError) as error:
        status = type(error).__name__
    results.append({"account": seat["account"], "started": started, "answered": time.time(), "status": status})
    connection.hang_up()


def log_on(settings: dict[str, Any], which: int, deadline: Any, pipe: Pipe) -> None:
    """Every ``processes``-th of the attempts; each in a thread, for a refused one takes seconds."""
    plan = settings["logon"]
    pipe.send("ready")
    while not deadline.value:
        time.sleep(0.01)
    results: list[dict[str, Any]] = []
    threads = []
    for number in range(which, int((plan["before_s"] + plan["after_s"]) / plan["every_s"]), plan["processes"]):
        moment = deadline.value - plan["before_s"] + number * plan["every_s"]
        time.sleep(max(0.0, moment - time.time()))
        seat = settings["seats"][number % len(settings["seats"])]
        thread = threading.Thread(target=attempt, args=(settings["server"], seat, results))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    pipe.send(results)


def main() -> int:
    settings = json.loads(sys.stdin.readline())
    # Candidates' machines are not the server: what plays them here gets the processor time that it leaves.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    until, deadline = _FORK.RawValue("d", float("inf")), _FORK.RawValue("d", 0.0)
    work: list[tuple[Any, tuple[Any, ...]]] = [(write, (seat, until)) for seat in settings["seats"]]
    work += [(log_on, (which, deadline)) for which in range(settings["logon"]["processes"])]
    pipes, processes = [], []
    for target, arguments in work:
        ours, theirs = _FORK.Pipe()
        process = _FORK.Process(target=target, args=(settings, *arguments, theirs), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    for pipe in pipes:
        if not pipe.poll(PATIENCE_S) or pipe.recv() != "ready":
            print("a candidate could not begin", file=sys.stderr)
            return 1
    print("ready", flush=True)
    given = sys.stdin.readline().split()
    until.value, deadline.value = float(given[1]), float(given[0])
    results = [pipe.recv() for pipe in pipes]
    writers = results[: len(settings["seats"])]
    logons = [one for part in results[len(writers) :] for one in part]
    print(json.dumps({"writers": writers, "logons": logons}), flush=True)
    for process in processes:
        process.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
