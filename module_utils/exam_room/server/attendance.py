"""Which seats are connected to the server, and from which PC: what open shows before the start (V4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..wire import smb, srvsvc

_PAUSE_S = 2.0


@dataclass(frozen=True)
class Attendance:
    """Accounts by what the server says of them; only seats that have a candidate are awaited."""

    connected: tuple[str, ...]
    missing: tuple[str, ...]
    elsewhere: Mapping[str, str]


def judge(seats: Sequence[Mapping[str, Any]], sessions: Sequence[srvsvc.SessionInfo]) -> Attendance:
    """Match sessions with seats. ``elsewhere``: an account that comes from another address than its seat's."""
    clients: dict[str, set[str]] = {}
    for one in sessions:
        clients.setdefault(srvsvc.plain(one.user), set()).add(one.client.lstrip("\\"))
    connected, missing, elsewhere = [], [], {}
    for seat in seats:
        account = str(seat["account"])
        held = clients.get(account.casefold(), set())
        if seat["address"] in held:
            connected.append(account)
        elif seat["candidate"]:
            missing.append(account)
        strangers = sorted(held - {seat["address"]})
        if strangers:
            elsewhere[account] = ", ".join(strangers)
    return Attendance(tuple(connected), tuple(missing), elsewhere)


def wait(
    ask: Callable[[], Sequence[srvsvc.SessionInfo]],
    seats: Sequence[Mapping[str, Any]],
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Attendance:
    """Ask until nobody is missing, or ``patience`` seconds are over; returns the last answer."""
    end = clock() + patience
    while True:
        found = judge(seats, ask())
        if not found.missing or clock() >= end:
            return found
        sleep(_PAUSE_S)


def on_server(login: smb.Login, seats: Sequence[Mapping[str, Any]], patience: float, timeout: float) -> Attendance:
    """exam_attendance over the wire; raises ExamError when the server does not answer."""
    with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
        return wait(service.sessions, seats, patience)
