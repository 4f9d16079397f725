"""One trial from its beginning to the taking away of its traces; what it comes to is in document.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cutoff import switch
from ..errors import ExamError
from ..look.look import finding
from ..server import accounts
from ..wire import smb, srvsvc
from . import cut, seats, traces
from .document import left_out


def run(request: cut.Request, clients: Mapping[str, seats.Client]) -> dict[str, Any]:
    """Try, and undo it; ``clients`` is how to reach the seats, or why not, by host.

    ExamError only where the server cannot be reached before anything was touched.
    """
    traces.clean(request)
    with smb.connect(request.login, request.timeout) as server:
        armed = switch.held(server)
    if armed is not None:
        return left_out(
            f"自动断连开关已设（{armed.session}）：考试进行中不能试 the switch is armed: no trial during an exam"
        )
    document = left_out("没有试到这一步 the trial did not come to this")
    try:
        with accounts.switched_on(accounts.WindowsHost(request.login, request.timeout), request.accounts):
            # First: the cutoff ends what the seats need for it.
            document["seats"] = finding(lambda: _seats(request, clients))
            document["cutoff"] = finding(lambda: _cutoff(request))
    finally:
        document["left"] = finding(lambda: _undo(request))
    return document


def _cutoff(request: cut.Request) -> dict[str, Any]:
    with smb.connect(request.login, request.timeout) as server, srvsvc.server_service(server) as service:
        return cut.try_cutoff(request, server, service)


def _seats(request: cut.Request, clients: Mapping[str, seats.Client]) -> dict[str, Any]:
    with smb.connect(request.login, request.timeout) as server, srvsvc.server_service(server) as service:
        return seats.try_seats(request, clients, server, service)


def _undo(request: cut.Request) -> list[str]:
    """Take everything away, once more where the connection was lost over it; what is still there."""
    try:
        traces.clean(request)
    except ExamError:
        traces.clean(request)
    return traces.find(request)
