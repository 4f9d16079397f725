"""Sessions on this host's SMB server and what is open through them, seen and ended with Samba's own tools."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import system


@dataclass(frozen=True)
class Session:
    """One log-on: the process that serves its connection, the user, the client's address, and the files open there."""

    pid: int
    user: str
    client: str
    files: tuple[str, ...]


def sessions() -> list[Session]:
    """All of them; none while the server does not run. CommandFailed when Samba does not say."""
    return parse(json.loads(system.run("smbstatus", "--json")))


def parse(status: dict[str, Any]) -> list[Session]:
    """The sessions in what ``smbstatus --json`` prints."""
    opened: dict[int, list[str]] = {}
    for file in status.get("open_files", {}).values():
        for one in file["opens"].values():
            opened.setdefault(int(one["server_id"]["pid"]), []).append(f"{file['service_path']}/{file['filename']}")
    found = []
    for one in status.get("sessions", {}).values():
        pid = int(one["server_id"]["pid"])
        found.append(Session(pid, one["username"], one["remote_machine"], tuple(opened.get(pid, ()))))
    return found


def end(pids: Iterable[int]) -> None:
    """End these connections with all that is open on them, as Samba does for NetrSessionDel."""
    for pid in sorted(set(pids)):
        system.run_anyway("smbcontrol", str(pid), "shutdown")
