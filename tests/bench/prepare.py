"""How long preparing takes, and how many calls the hosts receive for it."""

from __future__ import annotations

import sys
import time

from rehearsal import run
from standin import room as standin_room
from standin.errors import StandInError

ROOM = "bench"


def _prepare(seats: int, times: int) -> tuple[list[float], int, int]:
    """Seconds of each prepare of a new room, and the WinRM calls of the first: the most of any client, the server's."""
    made = run.make_room(ROOM, seats, minutes=1)
    seconds = []
    calls: dict[str, int] = {}
    for number in range(times):
        begun = time.monotonic()
        status = run.playbook("prepare", made.environment, made.paths.log)
        seconds.append(time.monotonic() - begun)
        if status:
            raise SystemExit(f"prepare of {seats} seats failed with exit status {status}, log {made.paths.log}")
        if number == 0:
            calls = standin_room.calls(ROOM)
    clients = [calls[host["name"]] for host in made.hosts if host["role"] == "client"]
    server = next(calls[host["name"]] for host in made.hosts if host["role"] == "server")
    return seconds, max(clients), server


def prepare() -> int:
    """Print one line: times at 30 seats, and the calls at 30 and at 3 seats."""
    try:
        (first, second), client, server = _prepare(30, 2)
        _, few_client, few_server = _prepare(3, 1)
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        standin_room.destroy(ROOM)
    print(
        f"prepare 30 seats: first {first:.0f} s, second {second:.0f} s, calls client {client} server {server}, "
        f"at 3 seats client {few_client} server {few_server}"
    )
    return 0
