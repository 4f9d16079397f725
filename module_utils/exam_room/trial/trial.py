"""One trial as an evidence document, and the taking away of its traces.

``schema_version`` 1; ``asked_at``; ``seats`` (seats.py) and ``cutoff`` (cut.py) are findings: ``{"asked_at", "value"}``
or ``{"asked_at", "unknown"}``; ``left`` is the finding of what is still there afterwards. A trial that was left out
says why: every finding of it is ``unknown``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from ..cutoff import switch
from ..errors import ExamError
from ..look.look import finding
from ..server.clock import iso
from ..wire import smb, srvsvc
from . import cut, seats, traces

SCHEMA_VERSION: Final = 1
NOT_ASKED: Final = "本次检查没有试（inspection_trial: false）the trial was left out of this inspection"


def left_out(reason: str = NOT_ASKED) -> dict[str, Any]:
    """The document of a trial that did not take place."""
    unknown = {"unknown": reason}
    return {
        "schema_version": SCHEMA_VERSION,
        "asked_at": iso(time.time()),
        "seats": unknown,
        "cutoff": unknown,
        "left": unknown,
    }


def clean(request: cut.Request) -> list[str]:
    """Remove what a trial has left; what it was."""
    traces.check_names(request.share, request.root)
    with smb.connect(request.login, request.timeout) as server, srvsvc.server_service(server) as service:
        return traces.remove(service, server.share(request.volume), request.root, request.accounts)


def look_for_traces(request: cut.Request) -> list[str]:
    """What a trial has left."""
    with smb.connect(request.login, request.timeout) as server, srvsvc.server_service(server) as service:
        return traces.left(service, server.share(request.volume), request.root, request.accounts)


def run(request: cut.Request, clients: Mapping[str, seats.Client]) -> dict[str, Any]:
    """Try, and undo it; ``clients`` is how to reach the seats, or why not, by host.

    ExamError only where the server cannot be reached before anything was touched.
    """
    with smb.connect(request.login, request.timeout) as server:
        armed = switch.held(server)
    if armed is not None:
        return left_out(
            f"自动断连开关已设（{armed.session}）：考试进行中不能试 the switch is armed: no trial during an exam"
        )
    document = left_out("没有试到这一步 the trial did not come to this")
    clean(request)
    try:
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
        clean(request)
    except ExamError:
        clean(request)
    return look_for_traces(request)
