"""The ways of cutting off that are compared. Each is prepared ahead, acts at the deadline, tells when it was done."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from .figures import ANSIBLE, FLOOR, NET_RPC, PRODUCT
from .place import FOLDER, ROOM, ROOT, SHARE, THERE, TIMEOUT_S, VOLUME, Failed, Place, Program, inside

PROJECT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 90.0
#: Samba's ``net`` reads the administrator's password from here, in the container of the candidates.
NET_LOGIN: Final = "/run/net-login"


@dataclass
class Done:
    """``sessions_gone``: when the server reported none of the seats' sessions (seconds since 1970), if it was asked."""

    sessions_gone: float | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """``begin`` prepares for a deadline and returns what waits for the end. ``ahead_s``: how long before it begins."""

    name: str
    ahead_s: float
    begin: Callable[[Place, list[dict[str, Any]], float], Callable[[], Done]]


def _product(place: Place, seats: list[dict[str, Any]], deadline: float) -> Callable[[], Done]:
    first = {
        "login": {
            "address": place.login.address,
            "username": place.login.username,
            "password": place.login.password,
        },
        "order": {
            "share": SHARE,
            "root": ROOT,
            "seats": seats,
            "deadline": deadline,
            "triggered_by": "bench",
            "look_again_s": 2.0,
            "passwords": {str(seats[0]["account"]): place.passwords[str(seats[0]["account"])]},
        },
        "volume": VOLUME,
        "folder": FOLDER,
        "timeout": TIMEOUT_S,
    }
    program = Program([sys.executable, "-m", "bench.cutter"], first)
    program.ready()

    def end() -> Done:
        record = json.loads(program.result(PATIENCE_S))
        if not record["complete"]:
            raise Failed(f"the cutoff is not complete: {record['problems']}")
        gone = record["sessions_gone_ms"]
        kept = ("connected_at", "share_removed_ms", "accounts_disabled_ms", "actions", "retries", "clock")
        return Done(deadline + gone / 1000, {name: record[name] for name in kept})

    return end


def _local(place: Place, seats: list[dict[str, Any]], deadline: float) -> Callable[[], Done]:
    first = {"share": SHARE, "accounts": [seat["account"] for seat in seats], "deadline": deadline}
    program = Program(inside(place.server, "python3", "-m", f"{THERE}.locally"), first)
    program.ready()
    return lambda: Done(json.loads(program.result(PATIENCE_S))["sessions_gone"])


def _net_rpc(place: Place, seats: list[dict[str, Any]], deadline: float) -> Callable[[], Done]:
    login = f"username = {place.login.username}\npassword = {place.login.password}\n"
    Program(inside(place.generators, "sh", "-c", f"umask 077; cat > {NET_LOGIN}"), None).feed(login)
    call = f"echo ready; read -r go; exec net rpc share delete {SHARE} -S {place.login.address} -A {NET_LOGIN}"
    program = Program(inside(place.generators, "sh", "-c", call))
    program.ready()

    def end() -> Done:
        time.sleep(max(0.0, deadline - time.time()))
        program.tell("go")
        program.result(PATIENCE_S)
        return Done()

    return end


def _ansible(place: Place, seats: list[dict[str, Any]], deadline: float) -> Callable[[], Done]:
    command = [str(PROJECT / ".venv/bin/ansible"), "-i", str(PROJECT / "inventories/rehearsal"), "exam_server"]
    command += ["-m", "ansible.windows.win_share", "-a", f"name={SHARE} path='{ROOT}' state=absent"]
    environment = {"EXAM_STANDIN_ROOM": ROOM, "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg")}

    def end() -> Done:
        time.sleep(max(0.0, deadline - time.time()))
        Program(command, environment=environment).result(PATIENCE_S)
        return Done()

    return end


PRODUCT_WAY: Final = Way(PRODUCT, 11.0, _product)
FLOOR_WAY: Final = Way(FLOOR, 3.0, _local)
#: What a technician would do otherwise; the sessions stay.
OTHERS: Final = (Way(NET_RPC, 3.0, _net_rpc), Way(ANSIBLE, 3.0, _ansible))


def iso(moment: float) -> str:
    """Seconds since 1970 as ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def load() -> tuple[float, float, float]:
    """The machine's load averages of one, five and fifteen minutes."""
    return os.getloadavg()
